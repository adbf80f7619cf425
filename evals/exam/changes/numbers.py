"""Changes of numbers and units that make a true statement false."""

import random
import re
from collections.abc import Callable

from evals.exam.changes.scene import Scene, swapped_word

QUANTITY = re.compile(
    r"(?P<before>\S+ )?(?<![\w.,@/^$+#(-])(?P<value>\d+(?:,\d{3})*(?:\.\d+)?)"
    r"(?P<unit>\s?(?:%|×|x\b|k\b|M\b|B\b)| (?:times|million|billion|points|orders|hours|[a-z]{4,}))(?![-–]\d)"
)
NO_QUANTITY = re.compile(r"[A-Z][\w.-]* \Z|\A(?:layer|version|step|stage|track|grade|in) \Z")
AT_LEAST = re.compile(
    r"\b(?:over|than|at least|exceeding|exceeded a|above(?: a)?|> ?)\s\Z(?<!less than )(?<!fewer than )"
)
AT_MOST = re.compile(r"(?:\b(?:less than|fewer than|under|at most|below|within)|<)\s?\Z")
CHANGES_FROM = re.compile(
    r"\b(?:improv|increas|decreas|reduc|drop|boost|rais|grow|gr[eo]w)\w*[^,;]{0,40} from \Z"
)
RANGE = re.compile(r"[\s%xk×MB]*(?:-|–|to|or)? ?")
SMALL, YEARS = 10, re.compile(r"(?:19|20)\d\d")
COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
UNITS: tuple[tuple[str, str], ...] = (
    (r"(?<=\d)%(?= (?:faster|slower|smaller|higher|lower|less|more))", " times"),
    (r"(\d)%(?= (?:improvement|increase|reduction|gain|cost|relative|absolute))", r"\1x"),
    (r"(?<=\d)[x×](?= [a-z])", "%"),
    (r"(?<=\d) times(?= (?:faster|slower|smaller|larger|more|the))", "%"),
    (r"\bmillion\b", "billion"),
    (r"\bbillion\b", "million"),
    (r"\bthousands\b", "millions"),
    (r"(?<![\w-])(\d[\d.]*)B(?= parameters)", r"\1M"),
    (r"(?<![\w-])(\d[\d.]*)M(?= [a-z])", r"\1B"),
    (r"(?<![\w.-])(\d[\d.]*)[kK](?= [a-z]+)", r"\1M"),
    (r"\bGPU hours\b", "GPU minutes"),
    (r"\btraining hours\b", "training weeks"),
    (r"\bTB\b", "GB"),
    (r"(\bby (?:over |up to |about )?\d[\d.]*)%(?=[.,]| on| in| across| after| while| over)", r"\1 times"),
    (r"\borders of magnitude\b", "percent"),
)


def quantities(text: str) -> list[re.Match[str]]:
    """The numbers with a unit or a thing counted; no years, no parts of names."""
    found = [match for match in QUANTITY.finditer(text) if not NO_QUANTITY.search(match["before"] or "")]
    return [match for match in found if not YEARS.fullmatch(match["value"])]


def number_off(text: str, scene: Scene, rng: random.Random) -> str | None:
    """About ten percent more or less; of a small count one or two."""
    return _renumbered(text, scene, rng, _near)


def digits_swapped(text: str, scene: Scene, rng: random.Random) -> str | None:
    """93.42 → 93.24."""
    return _renumbered(text, scene, rng, _transposed)


def magnitude(text: str, scene: Scene, rng: random.Random) -> str | None:
    """Ten times as much, or a tenth."""
    return _renumbered(text, scene, rng, _tenfold)


def count_word(text: str, scene: Scene, rng: random.Random) -> str | None:
    """Three datasets → five datasets."""
    found = re.search(rf"(?<![\w-])({'|'.join(COUNTS)})(?= [a-z]{{4,}})(?! or )", text, re.IGNORECASE)
    others = [word for word in COUNTS if not re.search(rf"\b{word}\b", scene.paper.abstract, re.IGNORECASE)]
    return swapped_word(text, found.span(), rng.choice(others)) if found and others else None


def number_of_another(text: str, scene: Scene, rng: random.Random) -> str | None:
    """The number of something else in the abstract, of the same unit; of two in the statement, both."""
    found = quantities(text)
    pairs = [
        (one, two)
        for at, one in enumerate(found)
        for two in found[at + 1 :]
        if one["unit"] == two["unit"] and one["value"] != two["value"] and not _one_thing(text, one, two)
    ]
    if pairs:
        one, two = rng.choice(pairs)
        middle = text[one.end("value") : two.start("value")]
        return f"{text[: one.start('value')]}{two['value']}{middle}{one['value']}{text[two.end('value') :]}"
    here = {match["value"] for match in found}
    foreign = [match for match in quantities(scene.paper.abstract) if match["value"] not in here]
    fitting = [(one, two["value"]) for one in found for two in foreign if one["unit"] == two["unit"]]
    fitting = [(match, new) for match, new in fitting if _differs(text, match, new)]
    if not fitting:
        return None
    match, new = rng.choice(fitting)
    return text[: match.start("value")] + new + text[match.end("value") :]


def unit_changed(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """% → x, million → billion, 20B → 20M parameters."""
    for pattern, new in rng.sample(UNITS, len(UNITS)):
        match = re.search(pattern, text)
        before = re.sub(r"[\d.,–-]+\s?\Z", "", text[: match.start()]) if match else ""
        if match and not AT_LEAST.search(before) and not AT_MOST.search(before):
            return text[: match.start()] + match.expand(new) + text[match.end() :]
    return None


def _one_thing(text: str, one: re.Match[str], two: re.Match[str]) -> bool:
    """Whether two numbers are the ends of a range, or a list whose order may not matter."""
    between = text[one.end("value") : two.start("value")]
    if CHANGES_FROM.search(text[: one.start("value")]) or "respectively" in text[two.end() :]:
        return False
    if re.search(r"\b(?:from|between) \Z", text[: one.start("value")]):
        return True
    return RANGE.fullmatch(between) is not None or len(between.split()) < len(("a", "speedup", "and", "a"))


Change = Callable[[str, random.Random], str]


def _renumbered(text: str, scene: Scene, rng: random.Random, change: Change) -> str | None:
    """One number changed into one that the abstract does not have."""
    known = set(re.findall(r"\d+(?:[.,]\d+)*", scene.paper.abstract))
    found = [(match, change(match["value"], rng)) for match in quantities(text)]
    fitting = [
        (match, new) for match, new in found if new and new not in known and _differs(text, match, new)
    ]
    if not fitting:
        return None
    match, new = rng.choice(fitting)
    return text[: match.start("value")] + new + text[match.end("value") :]


def _differs(text: str, match: re.Match[str], new: str) -> bool:
    """Whether the new number says something else: "over 4" follows from "over 5"."""
    before = text[: match.start("value")]
    less = float(new.replace(",", "")) < float(match["value"].replace(",", ""))
    return not (AT_LEAST.search(before) if less else AT_MOST.search(before))


def _written(value: float, like: str) -> str:
    """The value with as many decimals, and with commas where the other has some."""
    decimals = len(like.partition(".")[2])
    return f"{value:,.{decimals}f}" if "," in like else f"{value:.{decimals}f}"


def _near(value: str, rng: random.Random) -> str:
    number = float(value.replace(",", ""))
    if "." not in value and number < SMALL:
        return str(int(number) + rng.choice((1, 2)))
    return _written(number * rng.choice((0.89, 0.92, 1.08, 1.11)), value)


def _transposed(value: str, rng: random.Random) -> str:
    pairs = [
        at for at in range(len(value) - 1) if value[at : at + 2].isdigit() and value[at] != value[at + 1]
    ]
    pairs = [at for at in pairs if at or value[1] != "0"]
    if not pairs:
        return ""
    at = rng.choice(pairs)
    return value[:at] + value[at + 1] + value[at] + value[at + 2 :]


def _tenfold(value: str, rng: random.Random) -> str:
    number = float(value.replace(",", ""))
    tenth = number / 10
    if rng.random() < 1 / 2 and (tenth == int(tenth) or "." in value) and tenth >= 1:
        return _written(tenth, value)
    return _written(number * 10, value.replace(",", ""))
