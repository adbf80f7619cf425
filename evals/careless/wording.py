"""Ways in which honest writers retell a sentence of an abstract, each a small rule that keeps its meaning."""

import random
import re
from collections.abc import Callable

from evals.careless.scene import Scene, lowered, raised
from evals.careless.trimming import (
    CONNECTIVE,
    abbreviated,
    adverb_dropped,
    connective_dropped,
    parenthesis_dropped,
    synonyms,
    trailing_clause_dropped,
)

PURPOSE = r"(?P<lead>(?:[A-Z][^,.]{0,90}, )?)"
PROPOSES = "propose|present|introduce|develop|describe|investigate|explore|examine|evaluate|release|design"
CONTRIBUTION = re.compile(
    rf"{PURPOSE}[Ww]e (?:also |further |first |\w+ly )?(?P<verb>{PROPOSES}) (?P<rest>[^;]+)\.\Z"
)
OBJECT = re.compile(r"(?P<head>an? [^,()]{5,60}?)(?P<tail> that [^,]+| to [a-z]+ [^,]+|)\Z")
NAMED = re.compile(
    rf"{PURPOSE}[Ww]e (?:propose|present|introduce|develop) "
    r"(?P<name>[\w-]*[A-Z][\w-]*(?: [A-Z][\w-]*){0,3}(?: \([^()]+\))?), (?P<what>(?:an?|the) [^;]+)\.\Z"
)
FINDING = re.compile(
    r"(?P<lead>[^;:]*?\b(?:show|demonstrate|find|observe|reveal|confirm)(?:s|ed)?) that "
    r"(?P<finding>[^;:]+)\.\Z"
)
OTHERS = re.compile(
    r"\b(?:previous|prior|recent|existing|other|several) (?:\w+ )?(?:work|stud|research)", re.IGNORECASE
)
PERSONS = re.compile(r"\b(?:[Ww]e|[Oo]urs?|us|ourselves)\b")
PAPER = re.compile(r"\AIn (?:this|our) (?:paper|work|study|article|survey|report|blog|demo|research), ")
THIRD = {verb: f"{verb}s" for verb in PROPOSES.split("|")}
PAST = re.compile(
    r"\b(?P<who>[Tt]he authors|[Tt]he results|[Ee]xperiments|they) "
    rf"(?P<verb>show|demonstrate|find|{PROPOSES})\b"
)
OUR_METHOD = re.compile(
    r"\b(?:our (?:proposed )?|the proposed )"
    r"(?:method|approach|framework|model|algorithm|system|benchmark|technique)"
    r"(?= (?:\w+ly )?(?:can|is|has|does|[a-z]{4,}(?<!weight)(?<!result)(?<!output)(?<!parameter)s)\b)",
    re.IGNORECASE,
)


def third_person(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """We propose X → The authors propose X."""
    if not PERSONS.search(text):
        return None
    text, introduced = PAPER.sub("", text), False

    def person(match: re.Match[str]) -> str:
        nonlocal introduced
        word, known, introduced = match[0].lower(), introduced, True
        forms = {"we": "they", "our": "their", "us": "them", "ours": "theirs", "ourselves": "themselves"}
        new = {"we": "the authors", "our": "the authors'"}.get(word, forms[word])
        return forms[word] if known else new

    return raised(PERSONS.sub(person, text))


def paper_as_subject(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """To do Y, we propose X → The paper proposes X."""
    match = CONTRIBUTION.match(text)
    if not match or PERSONS.search(match["rest"]):
        return None
    subject = rng.choice(("The paper", "This paper", "The study", "This work"))
    return f"{subject} {THIRD[match['verb']]} {match['rest']}."


def copula(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """We propose X, a method that does Y → X is a method that does Y."""
    match = NAMED.match(text)
    if not match or PERSONS.search(match["what"]):
        return None
    return f"{match['name']} is {match['what']}."


def passive(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """We introduce a benchmark that does X → A benchmark is introduced that does X."""
    match = CONTRIBUTION.match(text)
    what = OBJECT.match(match["rest"]) if match else None
    if not match or not what or PERSONS.search(match["rest"]) or " and " in what["head"]:
        return None
    verb = match["verb"] + ("d" if match["verb"].endswith("e") else "ed")
    return f"{raised(what['head'])} is {verb}{what['tail']}."


def finding_alone(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """Our results show that X → X."""
    match = FINDING.match(text)
    if not match or OTHERS.search(match["lead"]) or PERSONS.search(match["finding"]):
        return None
    unclear = re.match(r"(?:it|they)\b|\(|.*\bof them\b", match["finding"])
    if unclear or re.search(r"\b(?:not|no|hard|to|can)\b", match["lead"]):
        return None
    return f"{raised(match['finding'])}."


def past_tense(text: str, scene: Scene, rng: random.Random) -> str | None:
    """We show that X → The authors showed that X."""
    told = third_person(text, scene, rng) or text
    past = {"show": "showed", "find": "found"}
    changed = PAST.sub(
        lambda m: f"{m['who']} {past.get(m['verb'], re.sub('e?$', 'ed', m['verb'], count=1))}", told, count=1
    )
    return changed if changed != told else None


def name_as_subject(text: str, scene: Scene, _rng: random.Random) -> str | None:
    """Our method does X, or: we propose N, which does X → N does X."""
    if not scene.name:
        return None
    which = re.search(rf"[Ww]e \w+ {re.escape(scene.name)}, which (?P<does>[^,;]+)\.\Z", text)
    if which and not PERSONS.search(which["does"]):
        return f"{scene.name} {which['does']}."
    named = OUR_METHOD.sub(scene.name, text, count=1)
    finding = FINDING.match(named)
    told = f"{finding['finding']}." if finding else named
    return told if named != text and scene.name in told and not PERSONS.search(told) else None


def paper_named(text: str, scene: Scene, rng: random.Random) -> str | None:
    """X → According to the N paper, X."""
    told = third_person(text, scene, rng) or text
    inner = lowered(told)
    if (
        not scene.name
        or not inner
        or CONNECTIVE.match(told)
        or re.match(r"in |th(?:is|e) (?:paper|study)", inner)
    ):
        return None
    leads = ("According to the {} paper", "In the {} paper", "As the authors of {} write")
    return f"{rng.choice(leads).format(scene.name)}, {inner}"


def reworded_twice(text: str, scene: Scene, rng: random.Random) -> str | None:
    """Two or three of the other ways, one after the other."""
    done = 0
    for rule in rng.sample(COMPOSED, len(COMPOSED)):
        changed = rule(text, scene, rng) if done < 3 else None  # noqa: PLR2004 - said above
        text, done = (changed, done + 1) if changed else (text, done)
    return text if done > 1 else None


COMPOSED: tuple[Callable[[str, Scene, random.Random], str | None], ...] = (
    third_person, connective_dropped, parenthesis_dropped, trailing_clause_dropped, synonyms, adverb_dropped,
    abbreviated,
)  # fmt: skip
