"""The structure gate finds each fault that is planted, and nothing in a house that is well built."""

import pytest

from checks import structure

LONG = "\n".join(f"value_{i} = {i}" for i in range(structure.MIN_LINES))
ALLOWED = '{"product_lines": 2000, "pattern_alternatives": 1}'
WORDS = "red green blue black white grey brown pink orange violet"
PATTERN = "|".join(f"one{i}\\\\b" for i in range(20))


@pytest.fixture
def house(tmp_path):
    def build(**files):
        (tmp_path / "checks").mkdir(exist_ok=True)
        for path, text in files.items():
            file = tmp_path / f"{path.replace('__', '/')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{text}\n", "utf-8")
        (tmp_path / structure.COUNTS).write_text(
            '{"product_lines": 2000, "pattern_alternatives": 1}', "utf-8"
        )
        return [fault.message for fault in structure.faults(tmp_path)]

    return build


def test_a_well_built_house_has_no_fault(house):
    assert house(rag__a=LONG, ui__b=f"from rag.a import value_1\n{LONG.replace('value', 'other')}") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1", "1 lines; a module has at least"),
        ("\n".join(f"from rag.a{i} import x" for i in range(13)) + f"\n{LONG}", "imports 13 modules"),
        (f"{LONG}\nCOLOURS = {tuple(WORDS.split())}", "a table of 10 words"),
        (f'{LONG}\nCOLOURS = words("{WORDS}")', "a table of 10 words"),
        (f'{LONG}\nFINDS = "{PATTERN}"', "a pattern of"),
        (f'{LONG}\nX = 1\nFINDS = f"{PATTERN}{{X}}"', "a pattern of"),
        (f'{LONG}\nFINDS = r"a|b|c"', "pattern_alternatives: 3, and it may only fall"),
        ("\n".join(f"v{i} = {i}" for i in range(2001)), "and it may only fall; at most 2000"),
        (f"class Twice:\n    pass\n{LONG}\n", "a class Twice stands in rag/a.py too"),
    ],
)
def test_a_planted_fault_is_found(house, text, message):
    start = f"class Twice:\n    pass\n\n\n{LONG.replace('value', 'other')}"
    assert [found for found in house(rag__a=start, rag__b=text) if message in found]


def test_runs_of_the_same_lines_are_found_across_modules(house):
    assert [found for found in house(rag__a=LONG, rag__b=LONG) if "lines stand in rag/a.py:1 too" in found]


def test_a_folder_holds_twelve_modules(house):
    texts = {f"rag__m{i}": LONG.replace("value", f"v{i}") for i in range(13)}
    assert house(**texts) == ["13 modules; a folder has at most 12"]


def test_words_of_documentation_are_no_table(house):
    assert house(rag__a=f'"""{WORDS}"""\n{LONG}') == []


def test_bars_that_are_no_alternative_are_not_counted():
    assert structure.alternatives(r"a\|b[|]c") == 1
    assert structure.alternatives("a|(?:b|c)") == 3


def test_counts_are_lowered_and_never_raised(house, tmp_path):
    house(rag__a=LONG)
    structure.lower(tmp_path, {"product_lines": 41, "pattern_alternatives": 7})
    written = (tmp_path / structure.COUNTS).read_text("utf-8")
    assert '"product_lines": 41' in written
    assert '"pattern_alternatives": 1' in written
