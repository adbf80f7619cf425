"""The port of a judge of claims, and who is who by name."""

from collections.abc import Sequence
from typing import Protocol

from evals.judging.claims import Claim
from evals.judging.digests import digest_of, folder_digest
from evals.judging.offline import COSINE_CUT, LEXICAL_CUT, CosineJudge, LexicalJudge, SupportClaimJudge
from evals.judging.verdicts import PLAIN, Judgement, Way
from rag.errors import ConfigError
from rag.settings import Settings

OFFLINE = ("lexical", "cosine", "support")
"""Judges that need no language model."""


class ClaimJudge(Protocol):
    """Somebody who says of claims whether the abstracts they cite carry them. Safe to call concurrently."""

    @property
    def name(self) -> str:
        """As `build_judge` takes it."""

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over all that decides its verdicts: name, prompts, weights."""

    async def judge(self, question: str, claims: Sequence[Claim], way: Way = PLAIN) -> Judgement:
        """A verdict for each claim, or why there is none; a model's failures are statuses, not errors.

        Args:
            question: what the claims answer; may be empty.
            claims: each with at least one abstract, ids unique.
            way: how it is asked.
        """

    async def close(self) -> None:
        """Let go of models; idempotent."""


def build_judge(name: str, settings: Settings) -> ClaimJudge:
    """The judge of a name: lexical, cosine, support, or a model as litellm names it.

    Args:
        name: as above; `local/…` runs in this process.
        settings: for the encoder and models; a judge has no fallback, for that would be another judge.

    Raises:
        ConfigError: nobody has this name.
        ModelError: its files cannot be loaded.
    """
    if name == "lexical":
        return LexicalJudge(digest_of(["lexical/1", LEXICAL_CUT]))
    if name == "cosine":
        return _cosine(settings)
    if name == "support":
        return _support(settings)
    raise ConfigError(f"judge {name!r}: expected one of {', '.join(OFFLINE)}")


def _cosine(settings: Settings) -> CosineJudge:
    from models import folder
    from rag.build import build_encoder

    own = settings.model_copy(
        update={"encoder": settings.encoder.model_copy(update={"name": "minilm"})}
    )  # the exam is the shipped encoder's, whatever the collection is encoded with
    weights = folder_digest(folder("all-MiniLM-L6-v2"), "model.onnx", "tokenizer.json", "config.json")
    return CosineJudge(build_encoder(own), digest_of(["cosine/1", COSINE_CUT, weights]))


def _support(settings: Settings) -> SupportClaimJudge:
    from models import folder
    from rag.adapters.support_onnx import SupportClassifier

    shipped = folder("support")
    weights = folder_digest(shipped, "model.onnx", "config.json", "../all-MiniLM-L6-v2/tokenizer.json")
    classifier = SupportClassifier(shipped, settings.encoder.threads)
    return SupportClaimJudge(classifier, digest_of(["support/1", weights]))
