"""Exports: whatever a record holds, the file is one that its readers accept and that acts on nobody."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ConfigError
from rag.types import Answer, Citation, ComparedPaper, Paper, ScoredPaper, Span, Statement, Table
from ui.exports import FORMATS, exported_papers, format_of
from ui.exports.bibtex import bibtex, escaped
from ui.exports.csl import csl_json, item
from ui.exports.document import markdown
from ui.exports.records import Name, name_of, plain, publication
from ui.exports.ris import ris
from ui.exports.sheet import COLUMNS, sheet
from ui.safe import web_address

QUEST = Paper(
    "p1",
    "Quest: 100% {Query}-Aware",
    "Caches grow. We propose Quest.",
    authors=("Jane van der Doe Jr.", "Okoro, Ben", "Quest Team", "Plato"),
    venue="NeurIPS",
    year=2024,
    url="https://example.org/a_b?c=1&d=%20",
)
BARE = Paper("p2", "Ferry", "We introduce Ferry.")
PAPERS = (QUEST, BARE)


def cite(paper, start):
    quote = paper.abstract[start:]
    return Citation(
        paper.paper_id, paper.title, f"{paper.paper_id}#0", quote, Span(start, len(paper.abstract))
    )


ONE, TWO = cite(QUEST, 13), cite(BARE, 0)
SET = Answer(
    "which papers compress caches?",
    "set",
    abstained=False,
    statements=(Statement(f"{QUEST.title} — “{ONE.quote}”", "supported", (ONE,)),),
    papers=(ScoredPaper("p1", QUEST.title, 0.9), ScoredPaper("p3", "Matched", 0.7)),
    partial=(Statement(f"{BARE.title} — “{TWO.quote}”", "supported", (TWO,)),),
    judged=3,
    searched=231,
    receipt={"id": "0123456789abcdef"},
)

text = st.text(max_size=40)
papers = st.lists(
    st.builds(
        Paper,
        paper_id=st.text(min_size=1, max_size=10).filter(plain),
        title=text,
        abstract=text,
        authors=st.lists(text, max_size=3).map(tuple),
        venue=text,
        year=st.none() | st.integers(-10, 20_000),
        url=text,
    ),
    max_size=4,
)


def depth_stays_balanced(entry):
    depth = 0
    for char in entry:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth < 0:
            return False
    return depth == 0


@given(papers)
def test_every_bibtex_entry_has_balanced_braces_and_a_key_of_its_own(given_papers):
    written = bibtex(given_papers)
    keys = re.findall(r"^@(?:article|inproceedings|misc)\{([a-z0-9]+),$", written, re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(given_papers)
    entries = written.split("\n\n") if written else []
    assert len(entries) == len(given_papers)
    assert all(map(depth_stays_balanced, entries))


@given(st.text())
def test_escaped_latex_has_no_special_character_left_to_act(anything):
    left = re.sub(r"\\(?:text[a-z]+\{\}|[&%$#_])", "", escaped(anything))
    assert not set(left) & set("\\{}&%$#_^~")


@given(papers)
def test_every_ris_line_is_a_tag_and_a_value_and_every_record_has_an_end(given_papers):
    lines = ris(given_papers).split("\r\n")
    assert lines.pop() == ""
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\r\n]*", line) for line in lines)
    opening = [line for line in lines if line.startswith("TY")]
    assert opening == [line for line in opening if line in {"TY  - JOUR", "TY  - CPAPER", "TY  - GEN"}]
    assert len(opening) == lines.count("ER  - ") == len(given_papers)


@given(papers)
def test_a_csv_reads_back_as_it_was_and_no_cell_is_a_formula(given_papers):
    rows = list(csv.reader(io.StringIO(sheet(SET, given_papers), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(given_papers) + 1
    for row, paper in zip(rows[1:], given_papers, strict=True):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
        for column, value in (
            ("title", paper.title),
            ("abstract", paper.abstract),
            ("url", web_address(paper.url)),
        ):
            cell = row[COLUMNS.index(column)]
            assert plain(value) in {cell, cell.removeprefix("'")}


@given(papers)
def test_csl_json_holds_nothing_that_its_schema_does_not_know(given_papers):
    items = json.loads(csl_json(given_papers))
    assert len(items) == len(given_papers)
    for each in items:
        assert {"id", "type"} <= each.keys()
        assert each["type"] in {"article-journal", "paper-conference", "article"}
        for author in each.get("author", ()):
            assert set(author) in ({"literal"}, {"family", "given"}, {"family", "given", "suffix"})
        assert all(
            isinstance(year, int) for [[year]] in [each.get("issued", {"date-parts": [[1]]})["date-parts"]]
        )
        left = {key: value for key, value in each.items() if key not in {"author", "issued"}}
        assert all(isinstance(value, str) and value for value in left.values())
        assert left.keys() <= {"id", "type", "title", "container-title", "URL", "abstract"}


@given(papers)
def test_a_document_of_any_papers_keeps_each_reference_on_its_line(given_papers):
    lines = markdown(replace(SET, statements=(), partial=()), given_papers).split("\n")
    numbered = [line for line in lines if re.match(r"\d+\. ", line)]
    assert len(numbered) == len(given_papers)


def test_a_bibtex_entry_is_what_a_person_would_have_typed():
    assert bibtex([QUEST]) == (
        "@inproceedings{vanderdoe2024quest,\n"
        "  title = {{Quest: 100\\% \\textbraceleft{}Query\\textbraceright{}-Aware}},\n"
        "  author = {van der Doe, Jr., Jane and Okoro, Ben and {Quest Team} and {Plato}},\n"
        "  booktitle = {NeurIPS},\n"
        "  year = {2024},\n"
        "  url = {https://example.org/a_b?c=1&d=%20},\n"
        "  abstract = {Caches grow. We propose Quest.},\n"
        "}\n"
    )


def test_a_paper_without_authors_year_and_venue_is_still_an_entry():
    assert bibtex([BARE]).startswith("@misc{anonymousndferry,\n  title = {{Ferry}},\n  abstract")
    assert ris([BARE]) == "TY  - GEN\r\nTI  - Ferry\r\nAB  - We introduce Ferry.\r\nID  - p2\r\nER  - \r\n"
    assert item(BARE) == {"id": "p2", "type": "article", "title": "Ferry", "abstract": "We introduce Ferry."}


def test_papers_of_one_author_year_and_word_get_keys_that_differ():
    keys = re.findall(r"\{(\w+),\n", bibtex([BARE] * 30))
    assert keys[:3] == ["anonymousndferry", "anonymousndferrya", "anonymousndferryb"]
    assert keys[-1] == "anonymousndferryac"


def test_an_author_called_and_does_not_become_two():
    assert "{Anderson and Sons}, Jane" in bibtex([replace(BARE, authors=("Anderson and Sons, Jane",))])


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Jane Doe", Name("Doe", "Jane")),
        ("Doe, Jane", Name("Doe", "Jane")),
        ("Doe, Jr., Jane", Name("Doe", "Jane", "Jr.")),
        ("Martin Luther King III", Name("King", "Martin Luther", "III")),
        ("Laurens van der Maaten", Name("van der Maaten", "Laurens")),
        ("Plato", Name("Plato")),
        ("李明", Name("李明")),
        ("The Quest Consortium", Name("The Quest Consortium")),
        (", Jane", Name("Jane")),
    ],
)
def test_a_name_is_split_as_libraries_do(written, name):
    assert name_of(written) == name


@pytest.mark.parametrize(
    ("venue", "kind"),
    [
        ("NeurIPS 2024", "paper"),
        ("Proceedings of the ACM on Programming Languages", "paper"),
        ("Journal of Machine Learning Research", "article"),
        ("Nature", "article"),
        ("arXiv preprint arXiv:2401.00001", "other"),
        ("", "other"),
    ],
)
def test_the_kind_of_publication_is_read_off_the_venue(venue, kind):
    assert publication(venue) == kind


async def test_exported_are_the_papers_cited_then_those_matched_and_no_other():
    class Emptied:
        async def paper(self, paper_id):
            return None

    papers = await exported_papers(Emptied(), SET)
    assert [(paper.paper_id, bool(paper.title)) for paper in papers] == [(f"p{n}", True) for n in (1, 2, 3)]


def test_a_document_numbers_its_citations_as_its_references():
    written = markdown(SET, PAPERS)
    assert written.startswith("# which papers compress caches?\n\n**2 papers.** Judged 3 of 231.\n\n")
    assert "1. **Quest: 100% {Query}-Aware** — “We propose Quest.” [1]\n" in written
    assert "## Touches it\n\n- **Ferry** — “We introduce Ferry.” [2]\n" in written
    assert "## References\n\n1. Jane van der Doe Jr.; Okoro, Ben; Quest Team; Plato. " in written
    assert "\n2. *Ferry*.\n" in written
    assert written.endswith("*pincite · 231 papers · extractive · receipt 01234567*\n")


def test_what_a_model_wrote_stands_above_the_quotes_it_rests_on():
    said = Statement("1. Quest & Ferry are *new*.", "supported", (ONE, TWO))
    written = markdown(replace(SET, kind="fact", statements=(said,), papers=(), partial=()), PAPERS)
    assert "1\\. Quest \\& Ferry are \\*new\\*. [1][2]\n\n> “We propose Quest.” [1]\n>\n> “We int" in written


def test_a_comparison_is_a_table_with_a_column_a_paper():
    cells = ((Statement(ONE.quote, "supported", (ONE,)), None),)
    compared = (ComparedPaper("Quest", "p1", "Quest"), ComparedPaper("Fer|ry", "p2", "Fer|ry"))
    answer = replace(SET, kind="compare", papers=(), partial=(), table=Table(("how",), compared, cells))
    lines = markdown(answer, PAPERS).split("\n")
    assert [line.count(" |") for line in lines if line.startswith("|")] == [3, 3, 3]
    assert "| how | “We propose Quest.” [1] | *not stated in the abstract* |" in lines


def test_an_abstention_is_a_document_with_its_note_and_the_nearest_papers():
    answer = Answer("who?", "fact", abstained=True, note="It does not say.", nearest=SET.papers, searched=2)
    assert markdown(answer, []) == (
        "# who?\n\nIt does not say.\n\n## Nearest\n\n- Quest: 100% {Query}-Aware\n- Matched\n\n"
        "*pincite · 2 papers · extractive*\n"
    )


def test_the_name_of_a_file_says_its_format():
    assert [format_of(f"x.y{each.suffix.upper()}") for each in FORMATS.values()] == list(FORMATS.values())
    assert format_of("papers.csl.json").name == "CSL-JSON"
    for name in ("papers.docx", "papers", "-", ".bib"):
        with pytest.raises(ConfigError, match=r"\.bib \(BibTeX\)"):
            format_of(name)
