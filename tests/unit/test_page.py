"""The markdown of the chat page, and what the source panel shows."""

import re
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evals.injection.attacks import HELD_OUT, attacks
from rag.types import Answer, Citation, ComparedPaper, Paper, ScoredPaper, Span, Statement, Table
from ui.chat import page
from ui.safe import inert

HOSTILE = (
    "![x](http://evil)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[1]",
    "[click](javascript:alert(1))",
    "[1]: http://evil",
    "`code` ``` $x^2$ ~~gone~~ **bold** _it_",
    "https://evil.example/a www.evil.example me@evil.example",
    ":directive[x]{y=z} ::: info",
    "&lt;b&gt; &#91;",
    "| a | b |",
    "1. one",
    "# head",
    "- item\n\n    code",
    "\u200b\u202eabc\x00",
    "\\",
    "*",
)
RECEIPT = {"timings_ms": {"total": 142.1}, "writer": "extractive", "id": "3f9a1c2b"}
# What the page's parser would make links of once backslashes are gone (mdast-util-gfm-autolink-literal).
AUTOLINK = re.compile(r"https?://[-.\w]|www\.[-.\w]|[-.\w+]@[-\w]", re.IGNORECASE)

texts = st.one_of(
    st.text(), st.sampled_from(HOSTILE), st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join)
)
properties = settings(max_examples=50, deadline=None)
markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(source):
    """Types of the inline and block tokens of rendered markdown, and the text a reader sees."""
    kinds, text = [], ""
    for block in markdown.parse(source):
        kinds.append(block.type)
        for token in block.children or ():
            kinds.append(token.type)
            text += token.content if token.type in {"text", "text_special", "code_inline"} else ""
    return set(kinds), text


def visible(text):
    return inert(text).replace("\u200b", "")


def cite(paper_id="p1", title="Quest", quote="It is fast.", start=0):
    return Citation(paper_id, title, f"{paper_id}#0", quote, Span(start, start + max(1, len(quote))))


def say(citation, text=None):
    return Statement(citation.quote if text is None else text, "supported", (citation,))


def an_answer(**changes):
    answer = Answer("q", "fact", abstained=False, searched=231, judged=37, receipt=RECEIPT)
    return replace(answer, **changes)


def rendered(answer):
    return "".join(page.blocks(answer))


def targets(source):
    """Destinations of all links of rendered markdown, in order."""
    tokens = (token for block in markdown.parse(source) for token in block.children or ())
    return [token.attrGet("href") for token in tokens if token.type == "link_open"]


@properties
@given(texts)
def test_escaped_text_shows_as_it_is_and_does_nothing(text):
    source = f"x {page.escape(text)} x"
    kinds, seen = shown(source)
    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}
    assert seen.replace("\u2060", "") == f"x {visible(text).strip()} x".replace("\u2060", "")
    assert not AUTOLINK.search(seen)
    assert not re.search(r"(?<!\\)(?:\\\\)*:", source)


@properties
@given(texts)
def test_escaped_text_is_one_line_without_cursor_controls_or_changed_direction(text):
    assert not re.search(r"[\n\r\u200b\x00\u202e]", page.escape(text))


@properties
@given(
    st.sampled_from(["set", "fact"]),
    st.lists(st.tuples(texts, texts, st.text(min_size=1)), min_size=1, max_size=4),
    texts,
)
def test_the_only_links_in_an_answer_are_its_own_citations(kind, said, note):
    statements = tuple(say(cite(paper_id, title, quote)) for title, quote, paper_id in said)
    nearest = tuple(ScoredPaper(paper_id, title, 0.1) for title, _, paper_id in said)
    answer = an_answer(kind=kind, statements=statements, partial=statements, note=note, nearest=nearest)
    found = targets(rendered(answer))
    cited = statements * 2
    assert [parse_qs(target.removeprefix("#source?"))["paper"] for target in found] == [
        [statement.citations[0].paper_id] for statement in cited
    ]
    assert not {"image", "html_inline", "html_block", "fence", "code_inline"} & shown(rendered(answer))[0]


@properties
@given(texts, texts)
def test_an_abstention_names_the_nearest_papers_which_open_their_abstracts(note, title):
    answer = an_answer(abstained=True, note=note, nearest=(ScoredPaper("p", title, 0.1),))
    assert targets(rendered(answer)) == ["#paper?paper=p"]
    assert visible(title).strip().replace("\u2060", "") in shown(rendered(answer))[1].replace("\u2060", "")


@properties
@given(texts.filter(str.strip))
def test_a_rewritten_question_is_shown_and_its_link_holds_it_for_editing(question):
    source = rendered(an_answer(asked=question))
    (target,) = targets(source)
    assert parse_qs(target.removeprefix("#edit?"), keep_blank_values=True)["question"] == [inert(question)]
    assert visible(question).strip().replace("\u2060", "") in shown(source)[1].replace("\u2060", "")
    assert not {"image", "html_inline", "fence", "code_inline"} & shown(source)[0]


def test_a_question_that_was_taken_as_typed_has_nothing_to_edit():
    assert targets(rendered(an_answer())) == []


@properties
@given(texts.filter(lambda text: text.strip("` ") and " · " not in text))
def test_a_filter_is_a_chip_whatever_a_name_in_it_holds(name):
    kinds, seen = shown(rendered(an_answer(filters=f"from 2023 · author {name}")))
    assert "link_open" not in kinds
    assert "html_inline" not in kinds
    assert "Only from 2023 author" in seen


def test_an_abstention_on_one_paper_says_what_that_paper_does_say_and_names_no_other():
    said = say(cite("c", "ClusterKV", "We recall tokens."))
    answer = an_answer(
        abstained=True, note="No.", partial=(said,), nearest=(ScoredPaper("c", "ClusterKV", 0.9),)
    )
    assert "##### What comes closest" in rendered(answer)
    assert "Nearest" not in rendered(answer)


def test_a_set_answer_counts_lists_and_keeps_partial_papers_apart():
    answer = an_answer(
        kind="set",
        statements=(
            say(cite("c", "ClusterKV", "We recall tokens.", 10)),
            say(cite("q", "Quest", "We select.")),
        ),
        partial=(say(cite("l", "Lottery", "Motivated by cost.")),),
    )
    assert rendered(answer) == (
        "**2 papers**, and 1 that touches it. Judged 37 of 231.\n\n"
        "1. **ClusterKV** — “We recall tokens\\.”\N{NO-BREAK SPACE}"
        '[\\[1\\]](#source?paper=c&start=10&end=27 "ClusterKV")\n'
        '2. **Quest** — “We select\\.”\N{NO-BREAK SPACE}[\\[2\\]](#source?paper=q&start=0&end=10 "Quest")\n'
        "\n##### Touches it\n\n"
        "- **Lottery** — “Motivated by cost\\.”\N{NO-BREAK SPACE}"
        '[\\[3\\]](#source?paper=l&start=0&end=18 "Lottery")\n'
        "\n###### 231 papers · 0\\.14 s · extractive · receipt 3f9a1c2b\n"
    )


@pytest.mark.parametrize(
    ("found", "touching", "line"),
    [
        (1, 0, "**1 paper**. Judged 37 of 231."),
        (0, 2, "**0 papers**, and 2 that touch it. Judged 37 of 231."),
        (1200, 1, "**1,200 papers**, and 1 that touches it. Judged 37 of 231."),
    ],
)
def test_the_count_line_is_grammatical(found, touching, line):
    answer = an_answer(kind="set", statements=(say(cite()),) * found, partial=(say(cite()),) * touching)
    assert next(page.blocks(answer)) == f"{line}\n\n"


def test_a_paper_has_one_number_and_its_title_stands_at_its_first_mention():
    answer = an_answer(
        statements=(say(cite(quote="One.")), say(cite(quote="Two.", start=5)), say(cite("p2", "B")))
    )
    first, second, third, _ = page.blocks(answer)
    assert first.endswith(' "Quest") *Quest*\n\n')
    assert r"[\[1\]](#source?paper=p1&start=5" in second
    assert second.endswith(' "Quest")\n\n')
    assert r"[\[2\]](#source?paper=p2" in third


def test_only_words_of_the_abstract_stand_in_quotation_marks():
    written = say(cite(), text="Quest is fast.")
    both = Statement("It is fast. So.", "supported", (cite(), cite(quote="So.", start=12)))
    said = list(page.blocks(an_answer(statements=(written, both))))
    assert said[0].startswith("Quest is fast\\.\N{NO-BREAK SPACE}[")
    assert said[1].startswith("“It is fast\\.”\N{NO-BREAK SPACE}[")
    assert " “So\\.”\N{NO-BREAK SPACE}[" in said[1]


def test_a_statement_that_is_a_title_and_a_quote_names_the_paper_once():
    said = next(
        page.blocks(an_answer(kind="compare", statements=(say(cite(), text="Quest — “It is fast.”"),)))
    )
    assert said.startswith("**Quest** — “It is fast\\.”")
    assert said.endswith(' "Quest")\n\n')


def test_a_statement_that_is_not_supported_says_so():
    doubted = replace(say(cite()), verdict="contradicted")
    assert "**(contradicted)**" in rendered(an_answer(statements=(doubted,)))
    assert "**(contradicted)**" in rendered(an_answer(kind="set", statements=(doubted,)))


def test_a_citation_link_carries_any_paper_id_whole():
    odd = 'a/b?c=d&e#f (g) "h" [i] ü%20'
    (target,) = targets(rendered(an_answer(statements=(say(cite(odd)),))))
    assert parse_qs(target.removeprefix("#source?")) == {"paper": [odd], "start": ["0"], "end": ["11"]}


@properties
@given(st.text(min_size=1), st.data())
def test_the_three_parts_of_a_source_are_the_abstract_with_the_span_in_the_middle(abstract, data):
    start = data.draw(st.integers(0, len(abstract) - 1))
    end = data.draw(st.integers(start + 1, len(abstract)))
    source = page.source(Paper("p", "T", abstract), Span(start, end))
    assert source.before + source.quote + source.after == abstract
    assert (len(source.before), source.quote) == (start, abstract[start:end])


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 6)])
def test_a_span_outside_the_abstract_is_refused(start, end):
    with pytest.raises(ValueError, match=rf"span {start}-{end} of an abstract of 5 characters"):
        page.source(Paper("p", "T", "abcde"), Span(start, end))


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://arxiv.org/abs/1", True),
        ("http://x.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//x.org", False),
        ("http://[", False),
        ("https:", False),
    ],
)
def test_only_web_addresses_become_links(url, kept):
    source = page.source(Paper("p", "T", "abc", url=url), Span(0, 1))
    assert source.url == (url if kept else "")
    assert (url in source.reference) == kept


def test_the_reference_of_a_paper_reads_like_one():
    paper = Paper("p", "Why?", "abc", ("A. Doe", "B. Roe"), "ACL", 2024, "https://x.org")
    source = page.source(paper, Span(0, 1))
    assert source.reference == "A. Doe, B. Roe. Why? ACL 2024. https://x.org"
    assert source.byline == "A. Doe, B. Roe · ACL 2024"
    assert page.source(Paper("p", "T", "abc"), Span(0, 1)).reference == "T."


def a_comparison(*cells, heads=("Quest: Sparsity", "Ferry"), aspects=("what it does",), rest=()):
    """Rows of two cells each, None or a statement."""
    papers = tuple(ComparedPaper(title.split(":")[0], f"p{n}", title) for n, title in enumerate(heads, 1))
    table = Table(aspects, papers, tuple(cells))
    said = tuple(cell for row in cells for cell in row if cell)
    return an_answer(kind="compare", statements=(*said, *rest), table=table)


def test_a_comparison_is_one_table_with_a_citation_in_every_cell_that_says_something():
    cells = (say(cite("p1")), say(cite("p2", "Ferry", "It | halves.")))
    source = rendered(
        a_comparison(cells, (None, say(cite("p2", "Ferry", "Six.", 20))), aspects=("does", "data"))
    )
    kinds, text = shown(source)
    assert {"table_open", "th_open", "td_open"} <= kinds
    assert "Quest: SparsityFerry" in text
    assert "It | halves." in text
    assert "not stated in the abstract" in text
    assert len(targets(source)) == 3
    rows = [line for line in source.splitlines() if line.startswith("|")]
    assert len(rows) == 4


def test_what_stands_in_no_cell_follows_the_table():
    both = say(cite("p1"), "Both are caches.")
    source = rendered(a_comparison((say(cite("p1")), say(cite("p2", "Ferry"))), rest=(both,)))
    assert source.count("It is fast") == 2
    assert source.index("Both are caches") > source.index("It is fast")


@properties
@given(texts, texts, texts)
def test_no_text_breaks_out_of_its_cell(title, quote, aspect):
    cell = say(cite("p1", title, quote or "x"))
    source = rendered(a_comparison((cell, None), heads=(title or "t", "Ferry"), aspects=(aspect,)))
    lines = [line for line in source.splitlines() if line.startswith("|")]
    assert len(lines) == 3
    tokens = [token.type for token in markdown.parse("\n".join(lines))]
    assert tokens.count("td_open") == 3
    assert tokens.count("th_open") == 3
    assert not {"image", "html_inline", "html_block", "code_inline"} & shown(source)[0]


# --- attacks -------------------------------------------------------------------------------------

ACTING = {"image", "html_inline", "html_block", "fence", "code_block", "code_inline"}
ACTING |= {"heading_open", "table_open"}


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
