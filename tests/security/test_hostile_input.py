"""Files made to hang, crash or fill the memory of whoever reads them, and collections that hold nothing."""

import gzip
import io
import json
import tracemalloc

import pytest
from collection import open_small
from fakes import HashEncoder
from pumped_patterns import processor_time

from ingest import pipeline
from ingest.pipeline import ingest_path
from ingest.records import ABSTRACT_LIMIT, ID_LIMIT, TITLE_LIMIT, RejectedRecord
from ingest.sources import jsonl, lines, read_source, saved_page
from ingest.sources.jsonl import AUTHORS_LIMIT, EXTRA_LIMIT, NAME_LIMIT, URL_LIMIT, VENUE_LIMIT
from rag import build
from rag.build import load_settings
from rag.conversation.standalone import EMPTY
from rag.errors import CollectionMissing, SourceUnavailable
from rag.kinds.abstention import NO_PAPERS
from rag.types import Counts, Paper
from ui.cli.__main__ import main

RECORD = {"id": "a", "title": "Tea heat", "abstract": "Tea was steeped for 3 minutes."}


def record(**fields):
    return RECORD | fields


@pytest.fixture
def file(tmp_path):
    """Writes these bytes and gives the path."""

    def write(content):
        path = tmp_path / "papers"
        path.write_bytes(content)
        return path

    return write


def as_lines(*records, end=b"\n"):
    return end.join(json.dumps(each).encode() for each in records) + end


def read(path):
    return list(read_source(path).records)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Settings for a home of its own, with an encoder that needs no model."""
    encoder = HashEncoder()
    monkeypatch.setattr(pipeline, "build_encoder", lambda _: encoder)
    return load_settings(home=tmp_path / "home", collection="mine")


# --- titles, abstracts and fields of any length --------------------------------------------------


async def test_a_title_of_half_a_megabyte_of_brackets_is_set_aside_and_the_others_are_ingested(
    settings, file
):
    path = file(as_lines(record(title="![" * 150_000), record(id="b")))
    with processor_time(20):
        report = await ingest_path(settings, path)
    assert report.papers == 1
    assert report.skipped[0].reason == "the title is 300,000 characters long; expected at most 2,000"


@pytest.mark.parametrize("pump", ["![", "{\\bf ", "we-", "a.", "\\href{", " \t", "``"])
async def test_the_longest_paper_there_may_be_is_ingested_and_asked_in_time(pump):
    def filled(length):
        return (pump * length)[: length - 1] + "x"

    hostile = Paper("h", filled(TITLE_LIMIT), filled(ABSTRACT_LIMIT), authors=(filled(NAME_LIMIT),))
    with processor_time(60):
        assistant = await open_small([hostile])
        for question in ("what is Quest?", "which papers steep tea?", "how long was tea steeped?"):
            await assistant.ask(question)


async def test_of_an_abstract_of_thousands_of_sentences_no_question_reads_them_all_again():
    encoder = HashEncoder(256)
    long = Paper("h", "Tea heat", "".join(f"Tea {number} was steeped. " for number in range(3_000)))
    assistant = await open_small([long], encoder=encoder)
    answer = await assistant.ask("how was tea 17 steeped?")
    assert answer.searched == 1
    assert encoder.texts < 100


LIMITS = {"id": ID_LIMIT, "title": TITLE_LIMIT, "abstract": ABSTRACT_LIMIT}


@pytest.mark.parametrize(("field", "most"), LIMITS.items())
def test_an_id_title_or_abstract_may_be_so_long_and_no_longer(field, most, file):
    kept, rejected = read(file(as_lines(record(**{field: "x" * most}), record(**{field: "x" * (most + 1)}))))
    assert isinstance(kept, Paper)
    assert rejected.line == 2
    assert rejected.reason == f"the {field} is {most + 1:,} characters long; expected at most {most:,}"
    assert len(rejected.raw) <= 1000


def test_a_saved_page_has_the_same_limits(file):
    head = f"{saved_page.BOILERPLATE} inbox!\nSubscribe"
    page = f"{head}One\n{'A' * 100_001}\n{'T' * 2001}\n{'A' * 3000}\nThree\n{'A' * 100_000}\n"
    abstract, title, three = read(file(page.encode()))
    assert abstract.reason == "the abstract is 100,001 characters long; expected at most 100,000"
    assert title.reason == "the title is 2,001 characters long; expected at most 2,000"
    assert three.title == "Three"


TOO_MUCH = {
    "authors": ["A B"] * (AUTHORS_LIMIT + 1),
    "author": {"authors": ["x" * (NAME_LIMIT + 1)]},
    "venue": "x" * (VENUE_LIMIT + 1),
    "url": "https://example.org/" + "x" * URL_LIMIT,
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_another_field_that_is_too_long_is_kept_as_it_is_and_not_read(name, file):
    value = TOO_MUCH[name]
    fields = value if isinstance(value, dict) else {name: value}
    (paper,) = read(file(as_lines(record(**fields))))
    assert paper.extra == fields
    assert (paper.authors, paper.venue, paper.url) == ((), "", "")


def test_as_many_authors_as_any_paper_has_are_read(file):
    names = [f"Given{number} Family{number}" for number in range(15_025)]
    (paper,) = read(file(as_lines(record(authors=names))))
    assert list(paper.authors) == names


def test_other_fields_may_hold_so_much_and_no_more(file):
    small, large = read(
        file(
            as_lines(
                record(text="x" * (EXTRA_LIMIT - 20)), record(id="b", n=1, text="é" * (EXTRA_LIMIT // 2))
            )
        )
    )
    assert isinstance(small, Paper)
    assert large.reason == (
        "the fields beside those that are known are 200,020 bytes, most of them 'text'; "
        "expected at most 200,000"
    )


# --- numbers and characters that no file should hold ---------------------------------------------


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 400 + ".0", "NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("field", ["year", "x"])
def test_a_number_that_is_not_finite_is_refused_by_name(number, field, file):
    bad, good = read(
        file(
            f'{{"id": "a", "title": "T", "abstract": "A.", "{field}": [{number}]}}\n'.encode()
            + as_lines(RECORD)
        )
    )
    assert bad.reason.startswith(f"not JSON: {number[:20]} is ")
    assert isinstance(good, Paper)


@pytest.mark.parametrize("number", ["1e308", "1" * 4000, "-0.0", "1e-999"])
def test_a_number_that_is_finite_is_kept(number, file):
    (paper,) = read(file(f'{{"id": "a", "title": "T", "abstract": "A.", "x": {number}}}'.encode()))
    assert paper.extra == {"x": json.loads(number)}


def test_half_a_character_and_a_zero_byte_in_any_field_can_be_written_again(file):
    (paper,) = read(
        file(as_lines(record(id="\ud800", venue="\x00v", authors=["\udfff"], x={"\ud800": "\x00"})))
    )
    assert (paper.paper_id, paper.venue, paper.authors) == ("\ufffd", "v", ("\ufffd",))
    assert json.dumps(paper.extra, ensure_ascii=False).encode()


@pytest.mark.parametrize("opened", ["[", '{"a":', '[{"a":'])
def test_a_record_nested_without_end_is_one_bad_line(opened, file):
    nested = f'{{"id": "a", "x": {opened * 100_000}'.encode()
    bad, good = read(file(nested + b"\n" + as_lines(RECORD)))
    assert isinstance(bad, RejectedRecord)
    assert isinstance(good, Paper)


# --- encodings and line ends ---------------------------------------------------------------------

WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("packed", [False, True])
async def test_text_of_wide_characters_is_named_and_nothing_is_created(encoding, packed, settings, file):
    content = (json.dumps(RECORD) + "\n").encode(encoding)
    path = file(gzip.compress(content) if packed else content)
    with pytest.raises(SourceUnavailable, match=f"is {encoding[:6].upper()} text: .* in UTF-8; .*iconv"):
        await ingest_path(settings, path)
    assert not settings.home.exists()


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_lines_are_read_however_they_end(end, mark, file):
    records = [record(id=str(number)) for number in range(3)]
    path = file(
        mark + as_lines(*records[:2], end=end) + end + b'{"id": 1}' + end + as_lines(records[2], end=end)
    )
    source = read_source(path)
    one, two, bad, three = source.records
    assert [each.paper_id for each in (one, two, three)] == ["0", "1", "2"]
    assert bad.line == 4
    assert source.total == 5


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_saved_page_is_read_however_its_lines_end(end, file):
    page = end.join(
        (f"{saved_page.BOILERPLATE}!", "SubscribeOne", "An abstract of one.", "Two", "An abstract of two.")
    )
    assert [paper.title for paper in read(file(page.encode()))] == ["One", "Two"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize(
    "content", [b"a\r\nb\r\rc\n\n\rd", b"\r\n\r\n", b"\xef\xbb\xbfa\r\n", b"", b"a", b"\r", b"  \r\n x"]
)
def test_lines_have_the_numbers_that_an_editor_shows_wherever_reading_is_cut(content, size, monkeypatch):
    monkeypatch.setattr(lines, "CHUNK", size)
    plain = content.removeprefix(b"\xef\xbb\xbf")
    expected = [(number, line) for number, line in enumerate(plain.splitlines(), 1) if line.strip()]
    found = [(number, line.strip()) for number, line in lines.numbered(io.BytesIO(content))]
    assert found == [(number, line.strip()) for number, line in expected]
    assert lines.count(io.BytesIO(content)) == len(plain.splitlines())


# --- more than fits ------------------------------------------------------------------------------


class Endless(io.RawIOBase):
    """Gives the same piece so many times."""

    def __init__(self, piece, times):
        self._piece = piece
        self._left = times

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self._left:
            return 0
        self._left -= 1
        buffer[: len(self._piece)] = self._piece
        return len(self._piece)


def endless(piece, megabytes):
    piece = piece * (8192 // len(piece))
    return io.BufferedReader(Endless(piece, megabytes * 1_000_000 // len(piece)))


def peak_while(run):
    """What a call returns, and the most bytes that it held at once."""
    tracemalloc.start()
    try:
        return run(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("piece", [b"\n", b"\r", b"\r\n", b" ", b"\t\n", b"x", b"[", b'{"a":'])
def test_a_file_of_one_thing_without_end_is_given_up_in_little_memory(piece, monkeypatch):
    monkeypatch.setattr(lines, "PASSED_LIMIT", 20_000_000)
    found, peak = peak_while(lambda: list(jsonl.read(lambda: endless(piece, 40))))
    (stuck,) = found
    assert stuck.reason.startswith(
        "no line that could be read came in 20,000,000 bytes: nothing from here on"
    )
    assert stuck.line == (
        1 if not piece.strip(b'x[{"a: ') else pytest.approx(20_000_000 / len(piece), rel=0.01)
    )
    assert peak < 10_000_000


def test_after_a_line_of_many_megabytes_the_others_are_read(file):
    content = as_lines(RECORD) + b"x" * 20_000_000 + b"\n" + as_lines(record(id="b"))
    path = file(content)
    found, peak = peak_while(lambda: (read_source(path).total, read(path)))
    total, (one, long, two) = found
    assert (one.paper_id, two.paper_id, total) == ("a", "b", 3)
    assert (long.line, long.reason) == (2, "the line is longer than 1,000,000 bytes")
    assert peak < 10_000_000


def test_a_packed_file_that_unpacks_without_end_is_read_in_little_memory(file, monkeypatch):
    monkeypatch.setattr(lines, "PASSED_LIMIT", 30_000_000)
    path = file(gzip.compress(as_lines(RECORD) + b"\n" * 60_000_000))
    (paper, stuck), peak = peak_while(lambda: read(path))
    assert paper.paper_id == "a"
    assert "nothing from here on was read" in stuck.reason
    assert peak < 10_000_000


@pytest.mark.parametrize("content", [b" " * 100_000, b"\n" * 100_000])
def test_a_file_that_begins_with_white_space_without_end_is_named_so(content, file):
    with pytest.raises(SourceUnavailable, match="holds nothing but white space"):
        read_source(file(content))


def test_a_saved_page_that_unpacks_without_end_is_refused(file, monkeypatch):
    monkeypatch.setattr("ingest.sources.lines.WHOLE_LIMIT", 1_000_000)
    path = file(gzip.compress(f"{saved_page.BOILERPLATE}!\n".encode() + b"x" * 30_000_000))

    def refused():
        with pytest.raises(SourceUnavailable, match="more than 1,000,000 bytes"):
            read_source(path)

    assert peak_while(refused)[1] < 10_000_000


# --- nothing to ingest, nothing to ask -----------------------------------------------------------

WITHOUT_A_PAPER = {
    "no ids": (
        as_lines({"title": "T", "abstract": "A."}, {"title": "T"}, {"a": 1}),
        "line 1: 'id' is missing",
    ),
    "too long": (as_lines(record(title="x" * 3000)), "line 1: the title is 3,000 characters long"),
    "a page without papers": (f"{saved_page.BOILERPLATE}!\n".encode(), "it has no records"),
    "a page of titles": (
        f"{saved_page.BOILERPLATE}!\nSubscribeOne\n".encode(),
        "no abstract follows this title",
    ),
}


@pytest.mark.parametrize("name", WITHOUT_A_PAPER)
async def test_a_file_without_a_paper_creates_nothing_and_says_why(name, settings, file):
    content, reason = WITHOUT_A_PAPER[name]
    with pytest.raises(SourceUnavailable, match="holds no paper, so nothing was changed") as caught:
        await ingest_path(settings, file(content))
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 500
    assert not settings.home.exists()


async def test_a_file_without_a_paper_leaves_a_collection_and_its_quarantine_as_they_were(settings, file):
    report = await ingest_path(settings, file(as_lines(RECORD, {"id": "b"})))
    before = report.quarantine.read_bytes()
    with pytest.raises(SourceUnavailable):
        await ingest_path(settings, file(as_lines({"id": "c"}, 1, 2, 3)))
    assert report.quarantine.read_bytes() == before
    store = await build.open_store(settings, build.fingerprint(settings, HashEncoder()), create=False)
    assert await store.counts() == Counts(1, 1)
    await store.close()


async def test_what_was_rejected_before_the_first_paper_is_in_the_quarantine(settings, file):
    report = await ingest_path(settings, file(as_lines(1, 2, RECORD, 4)))
    assert (report.papers, [each.line for each in report.skipped]) == (1, [1, 2, 4])


QUESTIONS = (
    "How long was tea steeped?",
    "Which papers steep tea?",
    "Compare Lantern with Ferry.",
    "What is Lantern?",
    "Who wrote Lantern?",
    "papers by Ada Nordmann",
    "papers since 2020",
    "how does steeping tea slowly differ from brewing it fast?",
    "tell me about Lantern",
    "tea",
    "hello",
)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_collection_without_papers_answers_every_question_in_a_line(question):
    assistant = await open_small([])
    answer = await assistant.ask(question)
    assert answer.abstained
    assert NO_PAPERS in answer.note or "No paper passes the filter" in answer.note
    assert await assistant.search(question) == []
    for next_one in ("and Ferry?", "which of them is newer?", "why?", "more", "tell me more", "since 2023"):
        again = await assistant.ask(next_one, history=assistant.remember(EMPTY, answer))
        assert again.abstained


@pytest.mark.parametrize("next_one", ["more", "more?", "others", "why?", "and Ferry?", "which of them?"])
async def test_a_follow_up_of_an_answer_without_papers_is_answered(next_one):
    assistant = await open_small()
    answer = await assistant.ask("What does KV stand for?")
    assert await assistant.ask(next_one, history=assistant.remember(EMPTY, answer))


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Runs a command on a home of its own; its code, output and complaints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PINCITE_HOME", str(tmp_path / "home"))

    def command(*arguments):
        capsys.readouterr()
        return main(list(map(str, arguments))), *capsys.readouterr()

    return command


def test_commands_name_a_collection_that_a_file_without_papers_did_not_make(run, file, tmp_path):
    code, out, err = run("ingest", file(as_lines({"title": "T", "abstract": "A."})), "--collection", "mine")
    assert (code, out) == (2, "")
    assert "line 1: 'id' is missing" in err
    for command in (("papers",), ("ask", "How long was tea steeped?"), ("search", "tea")):
        code, out, err = run(*command, "--collection", "mine")
        assert (code, out) == (CollectionMissing.exit_code, "")
        assert err.startswith("pincite: no collection 'mine'")
    assert not (tmp_path / "home" / "collections" / "mine").exists()


async def _make_empty(settings):
    store = await build.open_store(
        settings, build.fingerprint(settings, build.build_encoder(settings)), create=True
    )
    await store.close()


@pytest.fixture
async def empty(tmp_path):
    """A collection without papers, as earlier versions made of files without any."""
    await _make_empty(load_settings(home=tmp_path / "home", collection="mine"))


def test_commands_say_in_a_line_that_a_collection_holds_no_papers(run, empty):
    said = "this collection holds no papers yet: `pincite ingest` puts some in"
    for command, printed in (
        (("papers",), ""),
        (("papers", "--json"), ""),
        (("search", "tea"), ""),
        (("search", "tea", "--json"), '{"id": "", "hits": []}\n'),
    ):
        code, out, err = run(*command, "--collection", "mine")
        assert (code, out, err) == (0, printed, f"pincite: {said}.\n")
    code, out, err = run("ask", "How long was tea steeped?", "--collection", "mine")
    assert (code, err) == (0, "")
    assert said in " ".join(out.split()).replace("This", "this")
