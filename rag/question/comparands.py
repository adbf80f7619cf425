"""Comparisons of things described rather than named: "how does pruning differ from quantisation?". Pure."""

import re

from rag.question.understanding import names_in

_IS = r"(?:does|do|did|is|are|was|were)"
_A, _B = r"(?P<a>\S.*?)(?<!\s)", r"(?P<b>\S.*)"
FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^(?:how|in\s+what\s+ways?)\s+{_IS}\s+{_A}\s+(?:differ(?:ent)?\s+from|compare\s+(?:to|with|against))\s+{_B}$",
        rf"^what\s+{_IS}\s+(?:the\s+)?(?:\w+\s+)?differences?\s+between\s+{_A}\s+and\s+{_B}$",
        rf"^compare\s+{_A}\s+(?:with|to|and|against)\s+{_B}$",
        rf"^{_A}\s+(?:vs\.?|versus)\s+{_B}$",
    )
)
TAIL = re.compile(r"(?:(?<!\s)\s+)?[:;?].*$|,\s+(?:which|what|how|who)\b.*$", re.IGNORECASE | re.DOTALL)
LEAST_WORDS = 2
"""A side of fewer words is a name."""


def sides(text: str) -> tuple[str, ...]:
    """The two descriptions that a question sets side by side; none if it does not, or if it names both."""
    bare = text.strip().rstrip("?!. ")
    found = next((match for form in FORMS if (match := form.match(bare))), None)
    if found is None:
        return ()
    first, second = found["a"].strip(), TAIL.sub("", found["b"]).strip()
    described = min(len(first.split()), len(second.split())) >= LEAST_WORDS
    named = names_in(first) and names_in(second)
    return (first, second) if described and not named else ()
