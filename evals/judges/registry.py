"""The port of a judge of claims, and who is who by name."""

from collections.abc import Callable, Mapping

from evals.files import digest_of, file_digest
from evals.judges.model_judge import FULL, SMALL_MODEL, ModelJudge
from evals.judges.offline import COSINE_CUT, LEXICAL_CUT, CosineJudge, LexicalJudge
from evals.judges.panels import Panel, exam_weights
from evals.judges.verdicts import ClaimJudge
from rag.errors import ConfigError
from rag.models.language_model import Model
from rag.settings import Settings

OFFLINE = ("lexical", "cosine")
"""Judges that need no language model."""

LEAST_MEMBERS = 2
PATIENT = {"concurrency": 1, "timeout_s": 600}
"""Settings of a local model: its calls queue, and waiting for the others would count as its time."""


def build_judge(name: str, settings: Settings) -> ClaimJudge:
    """The judge of a name.

    Args:
        name: lexical, cosine; a model as litellm names it, of which `local/…` runs in this process;
            panel/NAME,NAME for several that vote.
        settings: for the encoder and models; a judge has no fallback, for that would be another judge.

    Raises:
        ConfigError: nobody has this name.
        ModelError: its files cannot be loaded.
    """
    word, _, rest = name.partition("/")
    make = None if rest and word in OFFLINE else JUDGES.get(word)
    return _model(name, settings) if make is None else make(rest, settings)


def _lexical(_rest: str, _settings: Settings) -> LexicalJudge:
    return LexicalJudge(digest_of(["lexical/1", LEXICAL_CUT]))


def _cosine(_rest: str, settings: Settings) -> CosineJudge:
    from models import folder
    from rag.build import build_encoder

    own = settings.model_copy(
        update={"encoder": settings.encoder.model_copy(update={"name": "minilm"})}
    )  # the exam is the shipped encoder's, whatever the collection is encoded with
    shipped, names = folder("all-MiniLM-L6-v2"), ("model.onnx", "tokenizer.json", "config.json")
    weights = digest_of({name: file_digest(shipped / name) for name in names})
    return CosineJudge(build_encoder(own), digest_of(["cosine/1", COSINE_CUT, weights]))


def settings_for(name: str, settings: Settings) -> Settings:
    """The settings with a judge's model in place of the writer's, and without fallbacks.

    What is set for the writer is for its provider alone: no other sees its key or its address.

    Raises:
        ConfigError: litellm knows no provider of this name.
    """
    from rag.build import model_address
    from rag.models.llm.providers import is_own

    patient = PATIENT if name.startswith("local/") else {}
    alone = _with_model(settings, {"name": name, "fallbacks": (), **patient})
    try:
        known = model_address(alone) or name
    except ConfigError:
        known = ""
    if not known:
        raise ConfigError(
            f"judge {name!r}: expected {', '.join(OFFLINE)}, a model as litellm names it, like "
            "openai/gpt-4o-mini or local/smollm2, or panel/NAME,NAME"
        )
    if not settings.model.name:
        return alone
    model_address(settings)  # the writer's own name may be nobody's
    if is_own(name, settings.model):
        return alone
    return _with_model(alone, {"api_base": None, "api_key": None})


def _with_model(settings: Settings, update: Mapping[str, object]) -> Settings:
    return settings.model_copy(update={"model": settings.model.model_copy(update=update)})


def _model(name: str, settings: Settings) -> ModelJudge:
    own = settings_for(name, settings)
    form = SMALL_MODEL if name.startswith("local/") else FULL
    return ModelJudge(judge_model(own), model_digest(own, *form.decides), form)


def _panel(listed: str, settings: Settings) -> ClaimJudge:
    names = [each.strip() for each in listed.split(",")]
    if len(set(names)) != len(names) or len(names) < LEAST_MEMBERS:
        raise ConfigError(f"panel of {', '.join(names)!r}: expected two different judges or more")
    members = [build_judge(name, settings) for name in names]
    weights = exam_weights(members)
    return Panel(members, weights, digest_of(["panel/1", [each.digest for each in members], weights]))


JUDGES: dict[str, Callable[[str, Settings], ClaimJudge]] = {
    "lexical": _lexical,
    "cosine": _cosine,
    "panel": _panel,
}
"""By what stands before the slash of a name; each takes what stands behind it. Other names are models'."""


def judge_model(own: Settings) -> Model:
    """The language model of settings as `settings_for` gives them, with its cache of replies."""
    from rag.build import build_model

    model = build_model(own)
    if model is None:
        raise AssertionError  # the settings name one
    return model


def model_digest(settings: Settings, *what: object) -> str:
    """The digest of a judge over the model of the settings.

    Args:
        settings: as `settings_for` gives them.
        what: prompts, and whatever else decides its verdicts.

    Raises:
        ModelUnavailable: a local model's file cannot be read.
    """
    name = settings.model.name
    if not name.startswith("local/"):
        return digest_of(["model/1", name, settings.model.api_base, *what])
    from rag.models.llm.local_model import require_file

    return digest_of(["model/1", name, file_digest(require_file(name)), *what])
