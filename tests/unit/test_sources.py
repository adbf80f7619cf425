"""Reading papers from files: what a file is, which records are papers, and what is said about the rest."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.records import RAW_LIMIT, RejectedRecord
from ingest.sample_collection import SAMPLE_FILE
from ingest.sources import jsonl, read_source, saved_page
from rag.errors import SourceUnavailable
from rag.types import Paper


def read(path: Path) -> list[Paper | RejectedRecord]:
    return list(read_source(path).records)


@pytest.fixture
def file(tmp_path):
    """Writes a file of these bytes, texts or records and gives its path."""

    def write(*content, name="papers") -> Path:
        lines = [json.dumps(line) if isinstance(line, dict) else line for line in content]
        path = tmp_path / name
        path.write_bytes(b"\n".join(line.encode() if isinstance(line, str) else line for line in lines))
        return path

    return write


def record(paper_id="a", **fields):
    return {"id": paper_id, "title": "A title", "abstract": "An abstract."} | fields


@pytest.fixture(scope="module")
def sample() -> list[Paper]:
    return read(SAMPLE_FILE)


def page(*papers: tuple[str, str], end="\n") -> str:
    """A saved page as the site makes it."""
    lines = [line for title, abstract in papers for line in (title, abstract)]
    head = [f"{saved_page.BOILERPLATE} inbox once a day!", f"{saved_page.BOILERPLATE} inbox!"]
    return "\n".join([*head, "Subscribe" + "\n".join(lines)]) + end


LONG = "An abstract that is longer than any title." + " It goes on." * 9


def test_all_papers_of_the_sample_are_read(sample):
    assert len(sample) == 231
    assert read_source(SAMPLE_FILE).total == 231
    assert all(isinstance(paper, Paper) for paper in sample)
    assert len({paper.paper_id for paper in sample}) == 231
    assert all(len(paper.abstract) > 300 for paper in sample)


TITLES = {
    0: "Quest: Query-Aware Sparsity for Efficient Long-Context LLM Inference",
    29: "Align^2LLaVA: Cascaded Human and Large Language Model Preference Alignment for Multi-modal "
    "Instruction Curation",
    39: "MoE^2: Optimizing Collaborative Inference for Edge Large Language Models",
    80: '"Which LLM should I use?": Evaluating LLMs for tasks performed by Undergraduate Computer Science '
    "Students",
    178: "LLMzSzŁ: a comprehensive LLM benchmark for Polish",
    230: "Ambiguity-Aware In-Context Learning with Large Language Models",
}


@pytest.mark.parametrize(("position", "title"), TITLES.items())
def test_titles_of_the_sample_are_verbatim(sample, position, title):
    assert sample[position].title == title


GOLDEN = {
    "LLMzSzŁ": "benchmark for the Polish language at this scale: LLMzSzŁ (LLMs Behind the School Desk).",
    "ClusterKV": "up to a 2× speedup in latency and a 2.5× improvement in decoding throughput. ",
    "LLM+P": "feasible plans for most problems. The code and results are publicly available at https://github",
    "DynaSaur": "Our code can be found in https://github.com/adobe-research/dynasaur.",
    "CLR-Bench": "tend to 'guess' the college-level answers. It shows a dramatic decrease in accuracy from "
    "63.31% Q→A to 39.00% Q→AR, indicating",
    "A Simple and Provable": "P(final output is incorrect) ≤ (1 - p_gen)^N + ⌈log_2 N⌉ "
    "e^{-2 K (p_comp - 0.5)^2}. Our empirical",
    "The Efficiency Spectrum": "references is maintained at https://github.com/tding1/Efficient-LLM-Survey.",
    "MoE^2": "we introduce Mixture-of-Edge-Experts (MoE^2), a novel collaborative inference framework",
    "KS-Lottery": 'the existence of "winning tickets" within a randomly initialized neural network.',
}


@pytest.mark.parametrize(("start", "cleaned"), GOLDEN.items(), ids=GOLDEN)
def test_abstracts_of_the_sample_are_cleaned(sample, start, cleaned):
    (abstract,) = [paper.abstract for paper in sample if paper.title.startswith(start)]
    assert cleaned in abstract


def test_the_raw_abstract_is_kept_where_cleaning_changed_it(sample):
    source = SAMPLE_FILE.read_text("utf-8").splitlines()[3::2]
    changed = 0
    for paper, raw in zip(sample, source, strict=True):
        assert paper.raw == ("" if paper.abstract == raw else raw)
        changed += bool(paper.raw)
    assert 20 <= changed <= 40


def test_ids_are_readable_and_depend_on_the_title_alone(sample, file):
    title = sample[5].title
    (alone,) = read(file(page((title, LONG))))
    assert alone.paper_id == sample[5].paper_id
    assert alone.paper_id.startswith("llm-bandit-cost-efficient-llm-generation-via-")
    assert saved_page.slug("MoE") != saved_page.slug("MoE^2")
    assert saved_page.slug("论文题目")


def test_a_saved_page_without_final_newline_and_with_empty_lines_is_read(file):
    text = page(("One", LONG), ("", ""), ("Two", LONG), end="").replace("\n", "\r\n\n")
    assert [paper.title for paper in read(file("\ufeff" + text))] == ["One", "Two"]


def test_a_title_without_abstract_is_rejected_and_the_others_are_read(file):
    one, lost, two, cut = read(
        file(page(("One", LONG), ("A title that lost its abstract", "Two"), (LONG, "Cut")))
    )
    assert (one.title, two.title) == ("One", "Two")
    assert lost == RejectedRecord(5, "no abstract follows this title", "A title that lost its abstract")
    assert (cut.line, cut.raw) == (8, "Cut")


def test_a_title_that_occurs_twice_is_rejected_once(file):
    first, second = read(file(page(("One", LONG), ("One", LONG + " More."))))
    assert first.abstract == LONG
    assert second.line == 5
    assert "'One' occurs twice" in second.reason


def test_an_abstract_as_long_as_a_book_is_rejected(file):
    long, short = read(file(page(("One", "Very long. " * 10_000), ("Two", LONG))))
    assert long.reason == "the abstract is 109,999 characters long; expected at most 100,000"
    assert short.title == "Two"


def test_a_record_of_json_lines_becomes_a_paper_field_by_field(file):
    full = record(
        "x 1",
        authors=["Ann  B.", "Cy"],
        venue="ACL",
        year=2024,
        url="https://x.org",
        doi=None,
        tags={"a": [1]},
    )
    assert read(file(full)) == [
        Paper(
            "x 1",
            "A title",
            "An abstract.",
            ("Ann B.", "Cy"),
            "ACL",
            2024,
            "https://x.org",
            "",
            {"tags": {"a": [1]}},
        )
    ]


def test_an_abstract_stays_as_it_is_but_for_control_characters_and_surrogates(file):
    abstract = " 16\\% of\n\n“it”  2times\u0000\u001b[1m\ud800é\r\n"
    (paper,) = read(file(record(abstract=abstract)))
    assert paper.abstract == " 16\\% of\n\n“it”  2times  [1m\ufffdé \n"
    assert len(paper.abstract) == len(abstract)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=50)
@given(year=JSON, authors=JSON, venue=JSON, url=JSON, other=JSON)
def test_no_optional_field_loses_a_paper_or_is_lost(year, authors, venue, url, other):
    fields = {"year": year, "authors": authors, "venue": venue, "url": url, "other": other}
    line = json.dumps(record(**fields)).encode()
    (paper,) = [jsonl._record(1, line, {})]
    assert isinstance(paper, Paper)
    read_fields = {"year": paper.year, "authors": paper.authors, "venue": paper.venue, "url": paper.url}
    for name, value in fields.items():
        assert value is None or name in paper.extra or read_fields[name] is not None


@pytest.mark.parametrize(
    ("given_year", "year"),
    [(2024, 2024), ("2024", 2024), (" 1999 ", 1999), (2018.0, 2018), (None, None)]
    + [(nonsense, None) for nonsense in ("soon", 20188, -5, True, 3.5, [2024], "٢٠٢٤")],
)
def test_a_year_is_a_number_of_four_digits_or_is_kept_unread(given_year, year, file):
    (paper,) = read(file(record(year=given_year)))
    assert paper.year == year
    assert paper.extra == ({} if year or given_year is None else {"year": given_year})


@pytest.mark.parametrize(
    ("given_authors", "authors"),
    [(["A B", " "], ("A B",)), ("Doe, J.; Roe, R.", ("Doe, J.", "Roe, R.")), ("A B", ("A B",)), ([], ())],
)
def test_authors_are_a_list_or_a_text(given_authors, authors, file):
    (paper,) = read(file(record(authors=given_authors)))
    assert paper.authors == authors
    assert paper.extra == {}


REJECTED = {
    b"not json": "not JSON",
    b'{"id": "b", "title": "T", "abst': "not JSON",
    b"[1, 2]": "expected a JSON object, found [1, 2]",
    b'{"id": "b", "title": "T"}': "'abstract' is missing",
    b'{"title": "T", "abstract": "A."}': "'id' is missing",
    b'{"id": 4983, "title": "T", "abstract": "A."}': "'id' must be a text that is not empty, found 4983",
    b'{"id": "b", "title": "", "abstract": "A."}': "'title' must be a text that is not empty, found ''",
    b'{"id": "b", "title": "T", "abstract": " \\n "}': "'abstract' must be a text that is not empty",
    b'{"id": "b", "title": null, "abstract": ["A."]}': "'title' must be a text",
    b'{"id": "b", "title": "T", "abstract": "caf\xe9"}': "is not UTF-8",
    b'{"id": "b", "title": "T", "abstract": "A\0B"}': "not JSON",
    b'{"id": "b", "title": "T", "abstract": "A.", "year": NaN}': "NaN is no JSON number",
    b'{"id": "b", "title": "T", "abstract": "A.", "x": '
    + b"[" * 50
    + b"]" * 50
    + b"}": "nested deeper than 32",
    b'{"id": "b", "x": ' + b"[" * 100_000: "not JSON",
    b'{"id": "b", "x": ' + b"9" * 5000 + b"}": "not JSON",
    b'{"id": "b", "title": "T", "abstract": "' + b"A" * 1_000_000 + b'"}': "longer than 1,000,000 bytes",
    b'{"id": "a", "title": "T", "abstract": "A."}': "id 'a' is that of line 1, which is kept",
}


@pytest.mark.parametrize(("line", "reason"), REJECTED.items(), ids=range(len(REJECTED)))
def test_a_bad_line_is_rejected_with_its_number_and_the_others_are_read(line, reason, file):
    first, bad, last = read(file(record("a"), b"", line, record("c")))
    assert (first.paper_id, last.paper_id) == ("a", "c")
    assert bad.line == 3
    assert reason in bad.reason
    assert "\n" not in bad.reason
    assert len(bad.reason) < 200
    assert 0 < len(bad.raw) <= RAW_LIMIT


def test_json_lines_may_be_packed_and_have_a_byte_order_mark(file):
    content = "\ufeff" + json.dumps(record("a")) + "\n" + json.dumps(record("b")) + "\n"
    plain, packed = file(content, name="plain.txt"), file(gzip.compress(content.encode()), name="packed.txt")
    assert read(plain) == read(packed)
    assert [read_source(path).total for path in (plain, packed)] == [2, None]
    assert [paper.paper_id for paper in read(plain)] == ["a", "b"]


def test_a_packed_file_that_was_cut_off_gives_what_can_be_read(file):
    content = gzip.compress(
        "\n".join(json.dumps(record(str(n), x=n * 2654435761 % 2**32)) for n in range(5000)).encode()
    )
    *papers, last = read(file(content[:-2000]))
    assert len(papers) > 1000
    assert last.line == len(papers) + 1 or isinstance(papers[-1], RejectedRecord)
    assert "cannot be read from here on" in last.reason


UNREADABLE = {
    b"": "is empty",
    b" \n\n \xef\xbb\xbf": "expected JSON Lines",
    b"\xef\xbb\xbf \n": "is empty",
    b"%PDF-1.7\n\xe2\xe3": "is a PDF",
    b"PK\x03\x04\x14": "is a zip archive",
    b"\x7fELF\0\0": "is a binary file",
    b"\xff\xfeG\0e\0t\0": "is UTF-16 text",
    b"<!DOCTYPE html><p>x": "is an HTML or XML page",
    b'[{"id": "a"}]': "is a JSON array, not JSON Lines",
    b'{\n  "id": "a"\n}\n': "is one JSON object over several lines",
    b"id,title\n1,caf\xe9\n": "is not UTF-8: 0xe9 at line 2, byte 6",
    b"Some notes\nof mine": "is text of another kind, starting with 'Some notes",
    b"\x1f\x8b\x08\x00broken": "cannot read",
    gzip.compress(b"Some notes"): "is text of another kind, starting with 'Some notes'",
}


@pytest.mark.parametrize(("content", "found"), UNREADABLE.items(), ids=range(len(UNREADABLE)))
def test_a_file_that_holds_no_papers_is_named_with_what_it_is_and_what_is_expected(content, found, file):
    path = file(content)
    with pytest.raises(SourceUnavailable) as caught:
        read_source(path)
    message = str(caught.value)
    assert repr(str(path)) in message
    assert found in message
    assert "\n" not in message
    assert "expected JSON Lines" in message or "cannot read" in message


def test_a_saved_page_that_is_not_utf_8_says_where(file):
    with pytest.raises(SourceUnavailable, match=r"0xe9 at line 3, byte 13"):
        read_source(file(page(("Caf\udce9", LONG)).encode(errors="surrogateescape")))


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(SourceUnavailable, match="is missing"):
        read_source(tmp_path / "no such")
    with pytest.raises(SourceUnavailable, match="is a folder"):
        read_source(tmp_path)


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=300))
def test_no_content_makes_reading_raise_anything_else(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    for start in (b"", b'{"id": "a"}\n', saved_page.BOILERPLATE.encode() + b"\n"):
        path.write_bytes(start + content)
        try:
            records = read(path)
        except SourceUnavailable:
            continue
        assert all(isinstance(entry, Paper | RejectedRecord) for entry in records)


def test_the_large_shared_collection_is_read_line_by_line(shared_data):
    source = read_source(shared_data / "papers" / "papers.jsonl.gz")
    papers = [next(source.records) for _ in range(50)]
    assert all(isinstance(paper, Paper) and paper.year and paper.authors for paper in papers)
