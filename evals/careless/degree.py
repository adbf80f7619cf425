"""Changes of degree, order, scope and credit that make a true statement false or too strong."""

import random
import re

from evals.careless.scene import ASKS, Scene, lowered, raised
from evals.careless.sense import NEGATED, first_of
from evals.careless.words import DATASETS

OF_MANY = (
    r"(?= (?:of the|existing|models|cases|tasks|methods|studies|LLMs|domains|languages|users|practical"
    r"|applications)\b)"
)
STRONGER: tuple[tuple[str, str], ...] = (
    (r"\b(?:can|may|might|could)(?= [a-z]+)(?! (?:not|only)\b)", "will always"),
    (r"\bup to(?= (?:an? |about )?\d)", "at least"),
    (r"\b(?:nearly|almost|approximately)(?= (?:\d|half|twice))", "more than"),
    (r"\b(?:comparable to|competitive with|on par with)\b", "far superior to"),
    (r"\b(?:comparable|competitive)(?= (?:performance|results|accuracy|quality))", "unmatched"),
    (rf"(?<!the )\b(?:some|many|most){OF_MANY}", "all"),
    (r"\b(?:often|sometimes|usually|generally|typically|frequently)\b(?=[^,])", "always"),
    (r"\b(?:suggest|indicate)(?=s? that)", "prove"),
    (r"\bhas the potential to\b", "is guaranteed to"),
    (r"\bhave the potential to\b", "are guaranteed to"),
    (r"\bpartly\b", "entirely"),
    (r"\bpartially\b", "fully"),
    (r"\blikely to\b", "certain to"),
)
PASSIVE = {
    "outperforms": "is outperformed by", "outperform": "are outperformed by", "surpass": "are surpassed by",
    "outperformed": "was outperformed by", "outperforming": "outperformed by", "surpasses": "is surpassed by",
    "surpassed": "was surpassed by", "surpassing": "surpassed by",
}  # fmt: skip
ORDER = re.compile(
    r"(?P<start>\A|\bthat |, and |; )(?P<a>(?!it\b|they\b|this\b|which\b|who\b|on\b|by\b)[^,;:()]{2,60}?)"
    r"(?P<adverb> (?:consistently|significantly|generally|even|greatly|further))?"
    r" (?P<verb>outperforms?|outperformed|surpass(?:es|ed)?"
    r"|is [^,;:()]{0,30}(?:faster|better|larger|smaller) than)"
    r" (?P<b>[^,.;:()]+?)(?P<end>,| on | by | in | across | under | at | for | with | over | when |\.\Z)"
)
NO_SUBJECT = re.compile(
    r"\b(?:show|find|found|demonstrate|and|can|result|indicate|reveal|sometimes|which|that|also|often)\w*\b",
    re.IGNORECASE,
)
NO_OBJECT = re.compile(r"\b(?:that|which|who|like|such|those|its|their|using|and)\b")
NAMED = rf"(?:{'|'.join(map(re.escape, DATASETS))})(?![\w-])"
NAMES_END = (
    r"(?: (?:dataset|benchmark|test set|task)s?)?(?=[.,]| and | show| demonstrate)(?!,? (?:and )?[A-Z])"
)
SEVERAL = (
    r"(?:several|various|multiple|many|some|a (?:wide |broad )?(?:range|variety|series) of|different"
    r"|two|three|four|five|six|seven|eight|\d+)"
)
THINGS = r"(datasets|benchmarks|tasks|models|LLMs|languages|domains|settings|scenarios)"
SCOPES: tuple[tuple[str, str], ...] = (
    (rf"\b(on|across|over|for) {SEVERAL}(?: [\w-]+){{0,2}}? {THINGS}\b", r"\1 all existing \2"),
    (rf"\b(on|across) (?:the )?{NAMED}(?:(?:,| and|, and) {NAMED})*{NAMES_END}", r"\1 every benchmark"),
)
FIRSTS = re.compile(
    r"\bfirst\b|state-of-the-art|\bsota\b|\bbest\b|pioneer|unprecedented|superior|\babsence\b|\black",
    re.IGNORECASE,
)
OTHERS_FOUND = re.compile(
    r"\A(?:Previous|Prior|Recent|Existing|Several|Some|Many) (?:\w+ )?(?:works?|studies|research|papers) "
    r"(?:have |has )?(?:shown?|found|demonstrated?|revealed|highlighted|suggests?|indicates?) "
    r"(?P<rest>(?:that|the) .+)\Z"
)
OTHERS_DO = re.compile(
    r"\A(?:Previous|Prior|Recent|Existing|Current|Traditional|Conventional|Most existing)(?: [\w-]+){1,4}? "
    r"(?P<adverb>(?:typically|often|usually|primarily|mainly|mostly|either|heavily) )?"
    r"(?P<verb>rely|employ|use|require|struggle|suffer|focus|lack|select|ignore|assume|leverage|reference) "
    r"(?P<rest>.+)\Z"
)
NOVEL = re.compile(
    r"(?P<before>\b(?:propose|introduce|present|develop|design|create)s? "
    r"(?:[\w^\"-]+(?: \([^()]*\))?, ?\"? ?)?)"
    r"an? (?P<kind>novel|new|simple|simple yet effective|efficient|effective|unified|general) "
    r"(?!and |yet )(?=[a-z])"
)


def strengthened(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """May → will always, up to → at least, comparable → far superior, some → all."""
    return None if ASKS.search(text) else first_of(STRONGER, text, rng)


def order_swapped(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """A outperforms B → B outperforms A, or A is outperformed by B."""
    ways = (_exchanged, _made_passive)
    return next((told for way in rng.sample(ways, len(ways)) if (told := way(text))), None)


def _exchanged(text: str) -> str | None:
    match = ORDER.search(text)
    if not match or NO_SUBJECT.search(match["a"]) or NO_OBJECT.search(match["b"]):
        return None
    winner = match["b"] if match["start"] else raised(match["b"])
    loser = match["a"] if match["start"] or " " not in match["a"] else lowered(match["a"])
    if not loser:
        return None
    many = re.search(r"[^s]s\Z|\A(?:both|many|several|most)\b", match["b"])
    verb = match["verb"]
    if verb.startswith("is "):
        verb = verb.replace("is ", "are ", 1) if many else verb
    elif not verb.endswith("ed"):
        verb = "outperform" if many else "outperforms"
    told = f"{match['start']}{winner}{match['adverb'] or ''} {verb} {loser}{match['end']}"
    return text[: match.start()] + told + text[match.end() :]


def _made_passive(text: str) -> str | None:
    verbs = "|".join(PASSIVE)
    match = re.search(
        rf"(?P<adverb>\b[a-z]+ly )?\b(?P<verb>{verbs})\b(?= (?!on |in |compared|or |and )[^\W\d])", text
    )
    before = text[: match.start()] if match else ""
    denied = NEGATED.search(" ".join(before.split()[-6:])) or re.search(
        r"\b(?:to|can|could|may|and|or) \Z", before
    )
    if not match or denied:
        return None
    auxiliary, space, rest = PASSIVE[match["verb"]].rpartition(f" {match['verb'][:4]}")
    told = f"{auxiliary}{' ' if space else ''}{match['adverb'] or ''}{space.strip()}{rest}"
    return before + told + text[match.end() :]


def generalised(text: str, _scene: Scene, rng: random.Random) -> str | None:
    """On three datasets, or on GSM8K → on all benchmarks."""
    return None if ASKS.search(text) else first_of(SCOPES, text, rng)


def superlative(text: str, scene: Scene, rng: random.Random) -> str | None:
    """A novel framework → the first framework; nothing in the abstract says so."""
    match = NOVEL.search(text)
    if not match or FIRSTS.search(scene.abstract.replace(match["kind"], "")):
        return None
    new = rng.choice(("the first ", "the best-performing ", "a state-of-the-art "))
    return text[: match.start()] + match["before"] + new + text[match.end() :]


def attributed(text: str, scene: Scene, rng: random.Random) -> str | None:
    """What others found or do is claimed for this paper."""
    found, does = OTHERS_FOUND.match(text), OTHERS_DO.match(text)
    if found:
        return f"{rng.choice(('This paper shows', 'The experiments of this paper show'))} {found['rest']}"
    if not does or not scene.name:
        return None
    verb = does["verb"]
    told = f"{verb[:-1]}ies" if verb.endswith("y") and verb != "employ" else f"{verb}s"
    return f"{scene.name} {does['adverb'] or ''}{told} {does['rest']}"
