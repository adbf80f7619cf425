"""Every error pincite raises on purpose, as one tree below `PinciteError`.

Messages name the value with ``!r``, what was expected and what to do. Foreign errors are
translated once, in the adapter that calls the foreign code, and chained with ``from``.
"""

from typing import ClassVar

from rag.untrusted.masking import without_keys


class PinciteError(Exception):
    """Base of all errors a caller may want to handle; its text is fit to show a person, and has no keys.

    Whether trying again may help, and with which code a command ends, stand in the definition of a class;
    those below it take both over.
    """

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 2

    def __init_subclass__(cls, *, retryable: bool | None = None, exit_code: int | None = None) -> None:
        cls.retryable = cls.retryable if retryable is None else retryable
        cls.exit_code = exit_code or cls.exit_code

    def __init__(self, *said: object) -> None:
        super().__init__(*(without_keys(each) if isinstance(each, str) else each for each in said))


class ConfigError(PinciteError):
    """Settings or arguments that cannot work."""


class QuestionError(PinciteError):
    """A question that is empty or too long to be one."""


class SourceError(PinciteError):
    """Something is wrong with the papers that were to be read."""


class MalformedRecord(SourceError):
    """One record of a source that is not a paper: skipped, counted, quarantined; the others go on."""


class SourceUnavailable(SourceError):
    """The source is missing, empty, unreadable or of no known format."""


class StoreError(PinciteError, exit_code=3):
    """Something is wrong with the place where passages live."""


class StoreUnavailable(StoreError, retryable=True):
    """The store cannot be reached or written: no server, no disk, no permission."""


class CollectionMissing(StoreUnavailable, retryable=False, exit_code=2):
    """There is no collection of this name: waiting does not help, another name may."""


class StoreDamaged(StoreError):
    """What is stored is not what was: papers are missing, or a text does not have its hash."""


class StoreLocked(StoreError, retryable=True):
    """Another process has this collection open."""


class CollectionMismatch(StoreError, exit_code=2):
    """The collection was made with another encoder, chunker or schema."""


class ModelError(PinciteError, exit_code=3):
    """A model (encoder, reranker or LLM) did not do its work."""


class ModelUnavailable(ModelError, retryable=True):
    """No connection, no key, no such model file, or the provider is down."""


class ModelTimeout(ModelError, retryable=True):
    """The model did not answer in time."""


class ModelRateLimited(ModelError, retryable=True):
    """The provider asks us to slow down."""


class ContextTooLong(ModelError):
    """The input is longer than the model accepts."""


class ModelRejected(ModelError):
    """The provider refused the request: credentials, permission, content or parameters."""


class BudgetExceeded(ModelError):
    """The spending limit is reached."""


class BadCompletion(ModelError):
    """The reply is not in the agreed form; ``raw`` is what came, but for keys."""

    def __init__(self, message: str, raw: str = "") -> None:
        super().__init__(message)
        self.raw = without_keys(raw)
