"""Tell what is said to the assistant itself (greetings, thanks, chores) from what is asked of the papers."""

import re

CHAT = re.compile(
    r"^(?:hi|hello|hey|thanks|thank\s+you|good\s+(?:morning|evening|day)|bye|goodbye|ok|okay|help|yes|no|sure)\b"
    r"|^(?:(?:that|this|it)(?:\s+(?:is|was)|['’]s)\s+)?(?:very\s+|really\s+|so\s+)?"
    r"(?:great|nice|cool|perfect|awesome|wonderful|helpful|excellent|interesting|amazing|well\s+done)"
    r"(?:\s+(?:job|work|answer|one))?$"
    r"|\b(?:i(?!\.e\b)|me|my|you|your)\b",
    re.IGNORECASE,
)
"""Counts only where nothing shows a question."""

ABOUT_US = re.compile(
    r"^(?:what\s+(?:can|could)\s+(?:you|i)\s+(?:do|ask|answer|help)\b"
    r"|what\s+(?:are\s+you|do\s+you\s+(?:do|know)|is\s+your\s+\w+)$"
    r"|(?:who|how|how\s+old|where|why)\s+are\s+you\b"
    r"|who\s+(?:made|built|created|trained|wrote|developed)\s+you\b|how\s+do\s+you\s+work$"
    r"|are\s+you\s+(?:an?|the|ok|okay|human|real|there|alive|sentient|chatgpt|able)\b"
    r"|(?:can|could)\s+you\s+help(?:\s+me)?$|do\s+you\s+(?:speak|like|feel|love|sleep|dream)\b)",
    re.IGNORECASE,
)
CHORE = re.compile(
    r"^(?:please\s+)?(?:(?:can|could)\s+you\s+)?(?:(?:write|compose|create|make|draw|sing|tell)(?:\s+me)?\s+(?:an?|some)\s+"
    r"(?:\w+\s+)?(?:poem|haiku|joke|stor(?:y|ies)|song|essay|email|e-mail|letter|code|program|script|function|picture"
    r"|image|jokes)\b|translate\b|ignore\s+(?:all|any|your|the|previous)\b)",
    re.IGNORECASE,
)
COURTESY = re.compile(
    r"^(?:hi|hello|hey|thanks|thank\s+you|good\s+(?:morning|evening|day)|great|nice|cool|perfect|ok|okay|well|please)"
    r"(?:\s+(?:there|all|everyone|pincite|a\s+lot|so\s+much|very\s+much))?\s*[,.!;:–—-]+\s*(?=\w)",
    re.IGNORECASE,
)


def is_chat(text: str) -> bool:
    """Whether a text that shows no question is talk rather than a topic."""
    return CHAT.search(text) is not None


def is_aside(text: str) -> bool:
    """Whether a text, question or not, is about the assistant or a chore that no paper answers."""
    return ABOUT_US.search(text) is not None or CHORE.search(text) is not None


def without_courtesy(text: str) -> str:
    """The text without a greeting or thanks in front of it ("Hi, which papers …")."""
    return COURTESY.sub("", text, count=1)
