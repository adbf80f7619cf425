"""No payload of the attack suite acts in the markdown of an answer that quotes it."""

import re

import pytest
from markdown_it import MarkdownIt

from evals.injection.attacks import HELD_OUT, attacks
from rag.types import Answer, Citation, Paper, ScoredPaper, Span, Statement
from ui.chat import page

RECEIPT = {"timings_ms": {"total": 1.0}, "writer": "extractive", "id": "3f9a1c2b"}
ACTING = {
    "image",
    "html_inline",
    "html_block",
    "fence",
    "code_block",
    "code_inline",
    "heading_open",
    "table_open",
}
# What the page's parser would make links of once backslashes are gone.
AUTOLINK = re.compile(r"https?://[-.\w]|www\.[-.\w]|[-.\w+]@[-\w]", re.IGNORECASE)
markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def quoting(paper, kind="set"):
    """An answer that quotes a whole abstract, in every place where text of a paper can stand."""
    span = Span(0, len(paper.abstract))
    citation = Citation(paper.paper_id, paper.title, f"{paper.paper_id}#0", paper.abstract, span)
    said = (
        Statement(paper.abstract, "supported", (citation,)),
        Statement(f"{paper.title} — “{paper.abstract}”", "supported", (citation,)),
        Statement(f"Written: {paper.abstract}", "supported", (citation,)),
    )
    return Answer(
        "q",
        kind,
        abstained=False,
        statements=said,
        partial=said,
        note=paper.abstract,
        nearest=(ScoredPaper(paper.paper_id, paper.title, 0.1),),
        receipt=RECEIPT,
    )


def tokens(source):
    for block in markdown.parse(source):
        yield block
        yield from block.children or ()


def as_handed_in_and_as_stored():
    every = (*attacks(), *attacks(HELD_OUT))
    return [paper for attack in every for paper in (attack.poisoned, attack.stored)]


@pytest.mark.parametrize("kind", ["set", "fact"])
def test_an_answer_that_quotes_any_attack_links_nothing_but_its_own_citations(kind):
    for paper in as_handed_in_and_as_stored():
        found = list(tokens("".join(page.blocks(quoting(paper, kind)))))
        own = {"###### ", "##### "}  # the footer and "Touches it" are the page's own headings
        kinds = {
            token.type for token in found if not (token.type == "heading_open" and token.markup + " " in own)
        }
        assert not ACTING & kinds, paper.title
        links = [token.attrGet("href") for token in found if token.type == "link_open"]
        assert links
        assert all(link.startswith(page.SOURCE_LINK) for link in links)


def test_no_address_in_an_attack_becomes_a_link_once_escapes_are_gone():
    for paper in as_handed_in_and_as_stored():
        shown = [token.content for token in tokens(page.escape(paper.abstract)) if token.type == "text"]
        assert not AUTOLINK.search("".join(shown))


def test_no_attack_puts_an_address_that_runs_into_the_source_panel():
    for attack in attacks():
        paper = Paper("p", attack.plain, attack.poisoned.abstract, url=attack.plain)
        assert page.source(paper, Span(0, 5)).url == ""
