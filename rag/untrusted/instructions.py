# ruff: noqa: E501 - a pattern is easier to read on one line
"""Sentences of a paper that speak to whoever reads them, machine or reviewer, not of the work. Pure.

Text from papers is untrusted. Such a sentence is no evidence: it is left out of scoring, quoting and
checking. The patterns ask for an imperative, a forged turn or markup that acts, since papers *about*
prompts, jailbreaks and reviewing mention the same words all the time.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from rag.untrusted.solicitation import advertises, solicits

_JOINED = "\u0600-\u061b\u061d-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\ufb50-\ufdff\ufe70-\ufefc"  # scripts that join
_PICTURE = "\u2600-\u27bf\U0001f000-\U0001faff"
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
    f"|(?<![{_JOINED}{_PICTURE}])(?<![{_PICTURE}]\ufe0f)[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}{_PICTURE}])"
    f"|(?<![{_PICTURE}\u00a9\u00ae\u2122\u2139\u2190-\u25ff])[\ufe0e\ufe0f]"
)
"""Characters without a glyph: zero width, tags, writing direction, soft hyphens, fillers, and joiners and
variation selectors where they join or vary nothing."""

_LOOKALIKES = str.maketrans(
    "абсԁеһіјкӏмոорԛѕтυѵԝхуАВСЕНІЈКМОРԚЅТԜХУαεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "abcdehijklmnopqstuvwxyABCEHIJKMOPQSTWXYaeiknoptuxABEZHIKMNOPTYX",
)


REMEMBERED = 65_536
"""Sentences whose reading is kept, since one question asks about those that the one before asked about."""


OFTEN = 3
"""Times that three words in a row must stand in one sentence to count as repeated …"""

MUCH = 0.45
"""… and the share of the sentence that is so: one of 688,000 sentences of papers comes near."""


def visible(text: str) -> str:
    """``text`` without characters that nobody sees (`INVISIBLE`); idempotent."""
    return text if text.isascii() else INVISIBLE.sub("", text)


@lru_cache(maxsize=REMEMBERED)
def is_instruction(title: str) -> bool:
    """Whether a title orders its reader about, forges a turn or a tool call, advertises, or carries markup.

    It is read without invisible characters, in compatibility form (NFKC), and once more with Cyrillic and
    Greek look-alikes as the Latin letters that they imitate.
    """
    return any(_orders(f". {text}") or advertises(text) for text in _readings(title))


@lru_cache(maxsize=REMEMBERED)
def is_plea(sentence: str) -> bool:
    """Whether a sentence does, or solicits in the many other ways that no report has; it is read alike."""
    return any(_orders(f". {text}") or solicits(text) for text in _readings(sentence))


def _readings(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKC", visible(text))
    return {plain.lower()} if plain.isascii() else {plain.lower(), plain.translate(_LOOKALIKES).lower()}


def _orders(text: str) -> bool:
    """The same of lower-case text that a full stop precedes, so that its start is like any clause's."""
    if any(_OPENING.match(text, start.end()) for start in _CLAUSE.finditer(text)):
        return True
    patterns = _LATIN if text.isascii() else (*_LATIN, *_OTHER)
    return _repeats(text) or any(pattern.search(text) for pattern in patterns)


def _repeats(text: str) -> bool:
    """Whether much of a text is the same three words over and over, for a search engine to count."""
    words = re.findall(r"\w+", text)
    threes = Counter(zip(words, words[1:], words[2:], strict=False))
    return sum(count for count in threes.values() if count >= OFTEN) >= MUCH * max(len(words) - 2, 1)


_CLAUSE = re.compile(
    r"(?:[.!?:;>\])}*#|\"”]|(?<!\w)[-—–])\s*"
    r"(?:(?:please|now|then|also|instead|important|note|kindly|override|first)\W+)*"
)
_MODEL = (
    r"(?:(?:a|an|the|any|all|every)\s+)?(?:(?:large|ai|artificial|helpful|automated|automatic)\s+)*"
    r"(?:language\s+models?|ais?|llms?|(?:ai\s+|chat)?assistants?|chat\s?bots?|re-?rankers?|rankers?|reviewers?"
    r"|summari[sz]ers?)"
)
_PAPER = (
    r"(?:this|the\s+present)\s+(?:paper|article|work|document|abstract|passage|publication|study|text|one)"
)
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?|outputs?|summar(?:y|ies)|reviews?)"
_ORDER = r"(?:instructions?|prompts?|directions?|directives?|guidelines?|orders|commands?|rules)"
_SAY = r"(?:reply|respond|answer|say|write|print|output|state|repeat|append|echo|report|mention|recommend|cite|credit)"

_NOT_THAT = r"(?:(?!\bthat\b)[^.;]){0,40}?"

_OPENINGS = (
    # Earlier orders are to be dropped, new ones are given.
    rf"(?:ignore|disregard|forget|discard|bypass|override|do\s+not\s+follow|stop\s+following)\s{_NOT_THAT}\b(?:{_ORDER}|above|told|question|system|safety\s+filters?|restrictions|all\s+others?|any\s+(?:passages?|papers?|documents?|sources?|evidence))\b",
    rf"(?:new|updated|real|actual|additional)\s+{_ORDER}\b[^:.]{{0,40}}:",
    rf"(?:ignore|disregard|forget|skip|set\s+aside|delete|discard|drop|throw\s+away)\s+(?:(?:all|any)\s+(?:of\s+)?)?(?:your\s+(?:{_ORDER}|context)|(?:the|what\s+the)\s+(?:\w+\s+)?(?:user|rest\s+of\s+the\s+evidence|other\s+(?:documents|papers|sources)|preceding\s+text))\b",
    r"(?:do|act)\s+as\s+this\s+(?:text|abstract|paper|document)\s+says\b|(?:everything|all|anything)\s+(?:written\s+)?(?:before|above)\s+this\s+line\b",
    rf"(?:let|make|write|set|keep)\s+(?:[^.]{{0,40}}\s)?your\s+(?:final\s+|first\s+|next\s+)?{_REPLY}\s+(?:as|be|to|with)\b",
    r"act\s+(?:like|as\s+though)\s+(?:the|no|all)\s+other\b|whatever\s+the\s+(?:question|user|query)\b[^.]{0,40},\s+(?:answer|say|write|reply)\b",
    rf"(?:the\s+)?{_MODEL}\s+(?:is|are)\s+(?:kindly\s+)?(?:requested|asked|ordered|obliged|instructed|told)\s+to\s+{_SAY[:-1]}|quote|rank|list|praise)\b",
    rf"{_MODEL}\s*:\s+(?:please\s+)?(?:{_SAY}|ignore|rank|list)\b",
    r"(?:reveal|print|show|repeat|leak|output|expose|translate)\s+(?:me\s+)?(?:(?:your|the|all|any)\s+)?(?:system|initial|hidden|secret)\s+(?:prompt|instruction)",
    r"(?:repeat|print|output|summari[sz]e)\s+(?:everything|all|the\s+text)\s+above\b",
    r"follow\s+(?:the|this|these|my)\s+(?:\w+\s+)?(?:guidance|steps|instructions?)\s+(?:before|instead|below|exactly|when)\b",
    r"(?:read|treat|follow|execute|obey)\s+(?:(?:all|each|every)\s+)?the\s+(?:following|text)\b[^.]{0,60}\b(?:system|before\s+you|instruction|answer)",
    # The reader is spoken to.
    rf"(?:(?:a\s+)?(?:note|message|memo|instructions?|hint|warning)\s+(?:to|for)|dear|attention)\s+{_MODEL}\b",
    rf"(?:to|for)\s+(?:(?:the|any|all)\s+)?{_MODEL}\s*:|to\s+(?:the|any|all)\s+{_MODEL}\s*,",
    r"(?:begin|end|start|finish|preface|conclude)\s+(?:(?:each|every|all|any)\s+)?(?:of\s+)?your\s",
    r"(?:the|this)\s+(?:ai|assistant|model)\s+must\s+now\b",
    r"pretend\s+(?:that|to|you)\b|act\s+as\s+(?:if\s+you|an?\s+(?:\w+\s+)?(?:ai|assistant|model|chatbot|expert|reviewer))\b",
    # An answer is dictated.
    rf"from\s+now\s+on\W+(?:you\b|{_SAY}\b|(?:always|never|begin|end|start)\b)|(?:you\s+)?(?:always|never|only)\s+(?:{_SAY}|return|rank|choose)\b",
    r"(?:reply|respond|answer)\s+(?:now\s+)?(?:to\s+the\s+user\s+)?(?:(?:only|just|solely)\s+)?with\b",
    r"(?:answer|say|write|print|output|state)\s+(?:only|nothing\s+(?:but|else)|the\s+user\s+with|that\s+(?:every|all|no)\b)",
    r"(?:say|write|print|output|repeat)\s+(?:the\s+(?:word|phrase|sentence)\s+)?['\"‘“](?!`)",
    rf"(?:add|include|insert|put|append|show|use|replace|mention)\s[^.]{{0,80}}\b(?:in|to|into|of)\s+(?:your|the)\s+(?:\w+\s+)?{_REPLY}(?=[\s.:]*$)",
    r"(?:replace|use|put)\s+the\s+citation\b",
    r"(?:give|write)\s+(?:only\s+)?(?:a\s+)?(?:positive|favou?rable)\s+reviews?\b|do\s+not\s+(?:highlight|mention|report)\s+any\s+(?:negative|weakness|limitation)",
    # A place in a ranking, a citation or a verdict is asked for.
    rf"(?:rank|place|put|list|order|rate|score|judge|give|assign|recommend|cite|prefer|select|choose|prioriti[sz]e|return|promote|feature|ensure|make\s+sure|consider)\s+(?:[^.]{{0,40}}\s)?{_PAPER}\b",
    r"(?:assign|give|place|put|list)\s[^.]{1,120}\b(?:relevance\s+score|first\s+(?:position|place)|top)\b[^.]{0,40}\b(?:of|in|on)\s+(?:your|the\s+results|the\s+list)\b",
    r"(?:do\s+not|don['’]t|never)\s+(?:recommend|cite|list|mention|rank|use|show|consult)\s+(?:any\s+|the\s+)?other\b",
    r"(?:output|answer|say|reply)\s+['\"‘“]?yes['\"’”]?\s+(?:when|if|whenever)\b",
    r"assign\s+relevance\b|score:\s*10\s*/\s*10\b|label:\s*relevant\b|the\s+correct\s+ranking\s+is\b",
    # What is known is to be sent away.
    r"(?:fetch|send|post|submit|request|encode|forward|upload|transmit|append)\b[^.]{0,100}(?:\bhttps?://|\bto\s+this\s+(?:url|address|link))",
    r"(?:\w+\W+){0,6}make\s+an?\s+(?:http|get|post)\s+request\s+to\s+http|append\s+(?:it|them|this)\s+to\s+(?:this|the)\s+url",
    # Forged turns.
    r"(?:system|assistant|user|human|developer)(?:\s+message)?\s*:\s",
)
_OPENING = re.compile("|".join(f"(?:{each})" for each in _OPENINGS))

_ORDERED = (
    rf"(?:the|all|any|your)\s+{_ORDER}\s+(?:above|before\s+this|so\s+far)\s+(?:are|were|is|no\s+longer)\b",
    rf"(?:outranks?|overrides?|supersedes?)\s+(?:all|any|your)\s+(?:\w+\s+){{0,3}}{_ORDER}\b",
    r"you\s+are\s+(?:now\s+(?:in|an?|the|free|dan)\b|no\s+longer\s+(?:bound|an?)\b)",
    rf"if\s+(?:you(?:\s+are|['’]re)\s+{_MODEL}|{_MODEL}\s+(?:is\s+reading|reads)\s+this)\b",
    r"(?:models?|ais?|llms?|assistants?|chat\s?bots?|rankers?|reviewers?|systems)\s+(?:reading|processing|summari[sz]ing|indexing)\s+this\b",
    rf"(?:models?|ais?|llms?|assistants?|chat\s?bots?|rankers?|reviewers?)\s+(?:\w+\s+)?(?:must|should|shall)\s+(?:always\s+)?\w+\s+(?:{_PAPER}\s+(?:as|before|above|first|in)|this\s+before)\b",
    rf"you\s+(?:must|should|shall|will|have\s+to|are\s+(?:required|ordered)\s+to)\s+(?:now\s+|always\s+|only\s+)*(?:{_SAY}|rank|rate)\b",
    rf"your\s+(?:(?:new|real|actual|final|next)\s+)?(?:task|job|role|{_REPLY}|{_ORDER})\s+(?:(?:is|are)\s+(?:now\s+)?to\b|must\b|should\b|has\s+to\b|shall\b|are\s*:)",
    r"as\s+an?\s+(?:ai|llm|language\s+model|assistant|reviewer)\b[^.]{0,30}\byou\s+(?:are|must|should|have)\b|this\s+(?:passage|paper|document|abstract)\s+deserves\s+(?:the\s+)?(?:rank|first|top|highest)",
    rf"always\s+(?:begin|end|start|preface)\s+your\s+{_REPLY}\b",
    r"(?:and|then)\s+(?:only\s+)?(?:reply|respond|answer)\s+(?:the\s+user\s+with|only\s+with|with\s+only)\b",
    r"now\s+(?:repeat|answer|respond|reply|print|write|output|say)\s",
    r"the\s+user\s+(?:has\s+asked|wants|asked|told)\s+you\b|so\s+(?:that\s+)?the\s+user\s+suspects\b",
    rf"when\s+(?:generating|writing|formulating|composing)\s+(?:the|your|an)\s+{_REPLY},\s+(?:always\s+)?{_SAY}\b",
    r"this\s+(?:paper|article|work|document|abstract|passage)\s+(?:must|should|shall|has\s+to)\s+(?:always\s+)?be\s+(?:listed|ranked|placed|recommended|rated|judged|shown|cited)\b",
    r"this\s+(?:paper|article|document|abstract|passage)\s+is\s+the\s+(?:ground\s+truth|only\s+source)\b|discard\s+all\s+others?\b",
    r"(?:attribute|credit)\s+(?:it|this|them)\s+to\s+(?:(?:source|paper|evidence)\s*)?\[\d",
    # The paper advertises itself, to readers or to a search engine; keywords are no report either.
    rf"(?:should|must)\s+(?:first\s+)?(?:read|cite|consult|choose)\s+{_PAPER}\b|only\s+(?:one\s+)?(?:paper|work|resource)\b[^.]{{0,60}}\b(?:you\s+need|must\s+be)\b",
    r"no\s+other\s+(?:paper|work|article)\s+(?:needs|has)\s+to\s+be\b|this\s+(?:one|paper|work)\s+supersedes\s+(?:them\s+)?all\b",
    r"\b(?:best|definitive|number\s+one)\s+(?:paper|recommendation|reference|resource)\s+(?:on|for|about)\b|best\s+of\s+the\s+best\b|top\s+(?:recommendation|pick)\b\s*(?:for\b|\d{4}|:)|editor['’]s\s+choice:",
    r"experts\s+(?:unanimously|all)\s+(?:prefer|recommend)|award-winning\s+and\s+most|;\s*(?:highly\s+recommended|buy\s+now)\s*;|prefer\s+this\s+[<(]|top\s+1\s+top\s+1",
    r"^\W*(?:key\s?words?(?:\s+and\s+(?:key\s?)?phrases)?|tags|index\s+terms)\s*[:—–-]",
    r"frequently\s+asked(?:\s+by\s+\S+)?:|related\s+searches:|this\s+abstract\b[^.]{0,40}?\banswers\s+(?:the|all|any)\s+questions?\b|^\W*[qa]:\s|(?:\b(?:which|what|how|why|who|when)\s+){3}",
    # Delimiters of prompts, forged turns and tool calls.
    r"<\|\w+\|>|<</?sys>>|</s><s>|<(?:start|end)_of_turn",
    r"\[/?inst\]|\[\s*system(?:\s+message)?\s*\]",
    r"</(?:evidence|context|instructions?|system|assistant|user|prompt|documents?|abstract|paper|title|tool_calls?|results?)>",
    r"<(?:evidence|context|instructions?|system|prompt|tool_calls?|function_calls?|invoke\s[^<>]*|parameter\s[^<>]*)>",
    r"##\s*(?:system|instructions?|response|human|user|assistant|answer)\b",
    r"(?:---|===|\"\"\"|```)[-=\"`]{0,9}\s*(?:end|begin|start)\s+of\b",
    r"\"\s*+(?:\}\s*+)?\]\s*\}",
    r"\{\s*\"(?:role|answer|rank|name|tool|function|statements?|citations?|sentence|marks)\"\s*:",
    r"assistant\s+to=|^\W*tool\s+(?:result|output|call)\s*:|^\W*(?:thought|action):.*(?:answer|observation|finish)|final\s+answer:",
    # Markup that a page would load or run, and links that carry something away.
    r"!\[(?:[^\]!]|!(?!\[))*+\]\s?[(\[]|\]\(\s*(?:javascript|data|(?:https?:)?//[^\s)]{0,2000}\?|(?:https?:)?//\d+\.\d)|\]:\s*(?:https?:)?//",
    r"<(?:script|img|iframe|svg|link|style|form|video|audio|embed|input|meta|base)\b|<a\s+(?:href|on)|<https?://",
    r"on(?:error|load|click|focus|mouseover)=|javascript:\w|data:text/html|(?:window|document)\.\w+\s*=[^=]",
    r"&lt;\s*(?:script|img|iframe|svg)\b",
)

_EUROPEAN = (
    r"(?:ignorier|vergiss|missachte|vergessen\s+sie).{0,40}\b(?:anweisung|instruktion|vorgabe|befehl)",
    r"\b(?:antworte|antworten\s+sie|schreibe?)\s+(?:nur|ausschließlich|immer)\b|\bempfiehl\s+(?:immer\s+)?diese",
    r"\b(?:ignor|oubli)(?:ez|e)\b.{0,40}\b(?:instruction|consigne|directive)s?\b.{0,40}\b(?:précédente|ci-dessus|et\s+(?:répond|cite))",
    r"\b(?:répond(?:ez|s)|écri(?:vez|s)|cite[sz]?)\s+(?:seulement|uniquement|toujours|cet\s+article)\b",
    r"\b(?:ignora|olvida|ignore|olvide)\b.{0,40}\binstrucciones\b|\b(?:responde|responda|recomienda)\s+(?:solamente|sólo|siempre)\b",
    r"\b(?:ignora|dimentica|ignorate)\b.{0,40}\bistruzioni\b|\brispond[iae]\w*\s+(?:soltanto|solo|sempre)\b",
    r"\b(?:ignore|esqueça|desconsidere)\b.{0,40}\binstruções\b|\bresponda\s+(?:apenas|somente|sempre)\b",
)
"""German, French, Spanish, Italian, Portuguese."""

_OTHER_SCRIPTS = (
    r"(?:игнорируй|забудь|не\s+следуй)\w{0,20}\b.{0,40}(?:инструкци|указани)|(?:ответь|отвечай|напиши)\w{0,20}\s+(?:только|всегда)\b",
    r"(?:忽略|无视|忘记|不要理会).{0,20}(?:指令|指示|说明|提示)|(?:请|務必|务必)把这篇.{0,10}(?:第一|首位)|只(?:回答|输出|回复)",
    r"(?:指示|命令|プロンプト).{0,12}(?:無視|忘れ)(?:して|てください)|とだけ(?:答え|出力し|返し)",
    r"(?:지시|명령|프롬프트).{0,12}(?:무시하|잊)|(?:라고|으로)만\s*(?:대답|답)하",
    r"(?:تجاهل|انس|أهمل).{0,40}(?:التعليمات|الأوامر)|وأجب\s+فقط",
)
"""Russian, Chinese, Japanese, Korean, Arabic."""

_LATIN = tuple(map(re.compile, (*_ORDERED, *_EUROPEAN)))
_OTHER = tuple(map(re.compile, _OTHER_SCRIPTS))
