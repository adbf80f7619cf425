"""Ways in which honest writers set numbers, units and quotes otherwise than the abstract does."""

import random
import re
from collections.abc import Callable

from evals.careless.scene import Scene
from rag.drafts import Draft

WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
IN_WORDS = {word: str(value) for value, word in enumerate(WORDS, 2)}
IN_DIGITS = {digits: word for word, digits in IN_WORDS.items()}
FREE = r"(?<![\w.,@/^$+#-])"
"""Before a number that is no part of a name."""

FORMATS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (rf"{FREE}(\d[\d.]*)%(?![-–\w])", r"\1 %"),
    (rf"{FREE}(\d[\d.]*)x(?= [a-z])", r"\1×"),
    (rf"{FREE}(\d[\d.]*)×(?= [a-z])", r"\1x"),
    (rf"{FREE}(\d[\d.]*)[x×](?= (?:speed-?up|improvement|reduction|increase))", r"\1-fold"),
    (rf"{FREE}(\d[\d.]*) times(?= (?:faster|smaller|larger|slower|more))", r"\1x"),
    (rf"{FREE}(\d{{1,3}}),(\d{{3}})(?!,?\d)", r"\1\2"),
    (rf"{FREE}(\d{{1,3}})(\d{{3}})(?= [a-z])(?<!19\d\d)(?<!20\d\d)", r"\1,\2"),
    (rf"{FREE}(\d+)k(?= (?:inference|samples|examples|to \d+k \())", r"\1,000"),
    (rf"{FREE}(\d+)\.0(?=%)", r"\1"),
    (rf"(?<![\w-])({'|'.join(WORDS)})(?= [a-z])(?! or )", lambda m: IN_WORDS[m[1]]),
    (rf"{FREE}([2-9])(?= [a-z]{{3,}})(?! (?:times|million|billion|bits|hours))", lambda m: IN_DIGITS[m[1]]),
)
UNITS: tuple[tuple[str, str], ...] = (
    (rf"{FREE}(\d[\d.]*)%(?![-–\w])", r"\1 percent"),
    (rf"{FREE}(\d[\d.]*)B parameters", r"\1 billion parameters"),
    (rf"{FREE}(\d[\d.]*)M (?=parameters|instances|documents|tokens)", r"\1 million "),
    (rf"{FREE}(\d[\d.]*) million (?=[a-z])", r"\1M "),
    (rf"{FREE}(\d[\d.]*) billion parameters", r"\1B parameters"),
    (rf"{FREE}(\d[\d.]*)[x×](?= (?:faster|smaller|larger|slower|their|its))", r"\1 times"),
    (rf"{FREE}(\d[\d.]*) TB\b", r"\1 terabytes"),
    (r"\bbillion(?=-parameter)", "B"),
    (rf"{FREE}(\d[\d.]*)B(?= (?:models?|LLMs?))", r"\1 billion parameter"),
)
DASH, NO_BREAK = "—", "\u2011"
LOWERED = "{lower}"
RETYPINGS: tuple[tuple[str, str], ...] = (
    (r"(?<=\d)[x×](?= )", r"$\\times$"),
    (r"(?<=\d)%", r"\\%"),
    (r"(?<=[a-z])'(?=[a-z ])", "’"),
    (r'"([^"]+)"', r"“\1”"),
    (r"(?<=[a-z])-(?=[a-z])", NO_BREAK),
    (r" ?--? (?=[a-z])", f" {DASH} "),
    (r"fi(?=[a-z])", "ﬁ"),
    (r"fl(?=[a-z])", "ﬂ"),
    (r"(?<=[a-z,]) (?=[a-z])", "\n"),
    (r"(?<=[a-z]) (?=[a-z])", "\u00a0"),
    (r"(?<=[a-z]) (?=\()", "  "),
    (r"\.\Z", ""),
    (r"\A([A-Z])(?=[a-z]* )", LOWERED),
)


def number_formatted(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """1,000 → 1000, 2x → 2×, three → 3: the same number in another form."""
    return _one_of(FORMATS, text, rng)


def unit_spelled(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """93.42% → 93.42 percent, 7B parameters → 7 billion parameters."""
    return _one_of(UNITS, text, rng)


def _one_of(
    forms: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] | tuple[tuple[str, str], ...],
    text: str,
    rng: random.Random,
) -> str | None:
    for pattern, new in rng.sample(forms, len(forms)):
        changed = re.sub(pattern, new, text)
        if changed != text:
            return changed
    return None


def quote_retyped(scene: Scene, rng: random.Random) -> Draft | None:
    """A verbatim statement; in its quote two to four characters or spaces are typed otherwise."""
    quote, done = scene.text, 0
    for pattern, new in rng.sample(RETYPINGS, len(RETYPINGS)):
        changed = re.sub(pattern, new, quote, count=2)
        changed = changed.replace(new, quote[0].lower()) if new == LOWERED else changed
        done += changed != quote
        quote = changed
        if done == RETYPED:
            break
    return scene.cited(scene.text, quote) if done == RETYPED else None


RETYPED = 3


def quote_shortened(scene: Scene, rng: random.Random) -> Draft | None:
    """A verbatim statement; its quote leaves out the middle, marked by dots, or the end."""
    words = scene.text.split()
    if len(words) < QUOTE_WORDS:
        return None
    cut = rng.randint(3, 6)
    middle = (len(words) - cut) // 2
    dots = rng.choice(("...", "…", "[...]"))
    return scene.cited(scene.text, f"{' '.join(words[:middle])} {dots} {' '.join(words[middle + cut :])}")


QUOTE_WORDS = 18


def quote_runs_on(scene: Scene, _rng: random.Random) -> Draft | None:
    """A verbatim statement; its quote goes on into the next sentence."""
    if scene.index + 1 >= len(scene.source.sentences):
        return None
    start, end = scene.source.sentences[scene.index].start, scene.source.sentences[scene.index + 1].end
    return scene.cited(scene.text, scene.abstract[start:end])
