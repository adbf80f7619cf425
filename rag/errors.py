"""Every error pincite raises on purpose.

PinciteError (retryable: ClassVar[bool])
├─ ConfigError            bad or contradictory settings: fail at start
├─ QuestionError          nothing that could be asked of a collection
├─ SourceError
│  ├─ MalformedRecord     one bad record: skipped, counted, quarantined
│  └─ SourceUnavailable   the source cannot be read (now)
├─ StoreError
│  ├─ StoreUnavailable    no server, no disk, no permission
│  │  └─ CollectionMissing   nobody made a collection of this name
│  ├─ StoreDamaged        papers are missing, or are not what was stored
│  ├─ StoreLocked         another process has the collection open
│  └─ CollectionMismatch  made by another encoder, chunker or schema
└─ ModelError
   ├─ ModelUnavailable / ModelTimeout / ModelRateLimited
   ├─ ContextTooLong / ModelRejected / BudgetExceeded
   └─ BadCompletion       the model answered, but not in the agreed form

Messages name the value with ``!r``, what was expected and what to do. Foreign errors are
translated once, in the adapter that calls the foreign code, and chained with ``from``.
"""

from typing import ClassVar

from rag.untrusted.masking import without_keys


class PinciteError(Exception):
    """Base of all errors a caller may want to handle; its text is fit to show a person, and has no keys."""

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 2

    def __init__(self, *said: object) -> None:
        super().__init__(*(without_keys(each) if isinstance(each, str) else each for each in said))


class ConfigError(PinciteError):
    """Settings or arguments that cannot work."""


class QuestionError(PinciteError):
    """A question that is empty or too long to be one."""


class SourceError(PinciteError):
    """Something is wrong with the papers that were to be read."""


class MalformedRecord(SourceError):
    """One record of a source that is not a paper; the others go on."""


class SourceUnavailable(SourceError):
    """The source is missing, empty, unreadable or of no known format."""


class StoreError(PinciteError):
    """Something is wrong with the place where passages live."""

    exit_code = 3


class StoreUnavailable(StoreError):
    """The store cannot be reached or written."""

    retryable = True


class StoreDamaged(StoreError):
    """What is stored is not what was: papers are missing, or a text does not have its hash."""


class CollectionMissing(StoreUnavailable):
    """There is no collection of this name: waiting does not help, another name may."""

    retryable = False
    exit_code = 2


class StoreLocked(StoreError):
    """Another process has this collection open."""

    retryable = True


class CollectionMismatch(StoreError):
    """The collection was made with another encoder, chunker or schema."""

    exit_code = 2


class ModelError(PinciteError):
    """A model (encoder or LLM) did not do its work."""

    exit_code = 3


class ModelUnavailable(ModelError):
    """No connection, no key, no such model file, or the provider is down."""

    retryable = True


class ModelTimeout(ModelError):
    """The model did not answer in time."""

    retryable = True


class ModelRateLimited(ModelError):
    """The provider asks us to slow down."""

    retryable = True


class ContextTooLong(ModelError):
    """The input is longer than the model accepts."""


class ModelRejected(ModelError):
    """The provider refused the request: credentials, permission, content or parameters."""


class BudgetExceeded(ModelError):
    """The spending limit is reached."""


class BadCompletion(ModelError):
    """The reply is not in the agreed form; the raw text is kept.

    Args:
        message: what was wrong, for a person.
        raw: the reply as it came, but for keys.
    """

    def __init__(self, message: str, raw: str = "") -> None:
        super().__init__(message)
        self.raw = without_keys(raw)
