"""Ways in which honest writers retell a sentence of an abstract, each a small rule that keeps its meaning."""

import random
import re

from evals.exam.changes.scene import Scene, lowered, raised, swapped_word

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
PERSONS = re.compile(r"\b(?:[Ww]e|[Oo]urs?|us|ourselves)\b")
PAPER = re.compile(r"\AIn (?:this|our) (?:paper|work|study|article|survey|report|blog|demo|research), ")
THIRD = {verb: f"{verb}s" for verb in PROPOSES.split("|")}
PAST = re.compile(
    r"\b(?P<who>[Tt]he authors|[Tt]he results|[Ee]xperiments|they) "
    rf"(?P<verb>show|demonstrate|find|{PROPOSES})\b"
)
CONNECTIVE = re.compile(
    r"\A(?:However|Furthermore|Moreover|Additionally|In addition|Notably|Therefore|Thus|Specifically|Finally"
    r"|Consequently|Hence|Nevertheless|In particular|Besides|Overall|As a result|To this end|Further|Lastly"
    r"|Firstly|Secondly|Thirdly|First|Second|Third|Next|Then|Also|Interestingly|Surprisingly|For example"
    r"|For instance|In contrast|Meanwhile|Empirically|In fact), "
)
LEADING = re.compile(
    r"\A(?P<lead>(?:By|With|Using|Through|On|During|After|For) [^,]{8,90}), (?P<main>[^,;:]{20,})\.\Z"
)
SYNONYMS = {
    "show": "demonstrate", "shows": "demonstrates", "demonstrate": "show", "demonstrates": "shows",
    "using": "employing", "employs": "uses", "utilizes": "uses", "utilizing": "using",
    "improves": "enhances", "improve": "enhance", "enhances": "improves", "enhance": "improve",
    "outperforms": "surpasses", "significantly": "substantially", "substantially": "significantly",
    "leverages": "uses", "crucial": "essential", "leveraging": "using", "challenging": "difficult",
    "reduces": "lowers", "reduce": "lower", "prior": "previous", "previous": "earlier",
    "comprehensive": "thorough", "novel": "new", "introduces": "presents", "introduce": "present",
    "propose": "introduce", "proposes": "introduces", "enabling": "allowing", "essential": "crucial",
    "various": "different", "numerous": "many", "rapidly": "quickly", "tackle": "address",
    "mitigate": "reduce", "obtain": "get", "accelerates": "speeds up", "reveal": "show", "reveals": "shows",
}  # fmt: skip


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


def past_tense(text: str, scene: Scene, rng: random.Random) -> str | None:
    """We show that X → The authors showed that X."""
    told = third_person(text, scene, rng) or text
    past = {"show": "showed", "find": "found"}
    changed = PAST.sub(
        lambda m: f"{m['who']} {past.get(m['verb'], re.sub('e?$', 'ed', m['verb'], count=1))}", told, count=1
    )
    return changed if changed != told else None


def connective_dropped(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """However, X → X."""
    rest = CONNECTIVE.sub("", text)
    return raised(rest) if rest != text else None


def reordered(text: str, _scene: Scene, _rng: random.Random) -> str | None:
    """By doing Y, X does Z → X does Z by doing Y."""
    match = LEADING.match(text)
    lead = lowered(match["lead"]) if match else None
    if match and re.match(
        r"(?:including|such|particularly|especially|aiming|making|leading)\b", match["main"]
    ):
        return None
    if not match or not lead or re.search(r"\b(?:that|which|who|where|by|it)\b", match["main"]):
        return None
    if re.match(r".*\b(?:so|this|these|those|it|them)\b|for (?:example|instance|every)|on the other", lead):
        return None
    return f"{raised(match['main'])} {lead}."


def synonyms(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """Up to two words in place of others that say the same."""
    found = [m for m in re.finditer(r"[A-Za-z]+", text) if m[0].lower() in SYNONYMS and not m[0].isupper()]
    chosen = sorted(rng.sample(found, min(2, len(found))), key=lambda match: -match.start())
    for match in chosen:
        text = swapped_word(text, match.span(), SYNONYMS[match[0].lower()])
    return text if chosen else None
