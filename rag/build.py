"""Who is who: the only module that reads the environment and names concrete classes."""

import asyncio
import math
import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from rag.assistant import Assistant
from rag.errors import ConfigError
from rag.kinds.parts import Parts
from rag.models.budget import Price, unpriced
from rag.models.language_model import Model
from rag.models.registry import ENCODERS, RERANKERS, Factory, find_factory
from rag.ports import Encoder, Reranker, Store, SupportJudge, TermEncoder
from rag.selection.fitted_weights import load_weights
from rag.settings import OWN, SAMPLE, Settings
from rag.types import Contents, Fingerprint
from rag.untrusted.masking import know
from rag.untrusted.secrets import explained, secrets_of_environment, secrets_of_error, secrets_of_settings
from rag.writing.query_rewriting import Rewriter
from rag.writing.writer import Writer


def load_settings(*, ingesting: bool = False, **overrides: Any) -> Settings:  # noqa: ANN401 - any field's type
    """Read settings from the environment and `pincite.toml`; ``overrides`` win, None ones are ignored.

    Where no collection is named, papers are ingested into `OWN`, and it is what is read once it exists;
    before that the sample is. So the sample is never mixed with a user's papers.

    Raises:
        ConfigError: names every bad value, what was expected, and where it came from; or a model that is
            not named is to do something.
    """
    know_secrets()
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as exc:
        know(secret for error in exc.errors() for secret in secrets_of_error(error))
        raise ConfigError("; ".join(explained(e) for e in exc.errors())) from exc
    except SettingsError as exc:  # a section given as JSON that is none
        raise ConfigError(f"the environment cannot be read: {exc}") from exc
    except (OSError, ValueError) as exc:
        raise ConfigError(f"pincite.toml cannot be read: {exc}") from exc
    know_secrets(settings)
    if settings.model.rewrite and not settings.model.name:
        raise ConfigError(
            "setting 'model__rewrite' = True: expected a model that rewrites; name one with --model or "
            "PINCITE_MODEL__NAME, or set PINCITE_MODEL__REWRITE=false"
        )
    if "collection" in settings.model_fields_set:
        return settings
    if ingesting and settings.store.url is not None:
        raise ConfigError("which collection of the Qdrant server? name one with --collection")
    own = ingesting or (settings.home / "collections" / OWN / "collection.json").exists()
    return settings.model_copy(update={"collection": OWN if own else SAMPLE})


def know_secrets(settings: Settings | None = None) -> None:
    """Have the secrets of the environment, and those of the settings, masked in all that is said."""
    know(secrets_of_environment(os.environ))
    know(secrets_of_settings(settings) if settings is not None else ())


def build_encoder(settings: Settings) -> Encoder:
    """The encoder that ``settings.encoder.name`` names; raises `ConfigError` or `ModelUnavailable`."""
    know_secrets(settings)
    options = settings.encoder
    make, model = find_factory("encoder__name", options.name, ENCODERS, "pincite.encoders")
    encoder: Encoder = make(model, options)
    return encoder


def build_reranker(settings: Settings) -> Reranker | None:
    """The reranker that ``settings.reranker.name`` names, if any; raises as `build_encoder`."""
    know_secrets(settings)
    make, model = _reranker_factory(settings)
    reranker: Reranker | None = make(model, settings.reranker)
    return reranker


def reranking_usd(settings: Settings) -> float:
    """The most dollars that one reranking may cost, as far as its price is known."""
    make, model = _reranker_factory(settings)
    request_usd = getattr(make, "request_usd", None)
    requests = math.ceil(settings.reranker.depth / settings.reranker.batch_size)
    return request_usd(model) * requests if request_usd is not None else 0.0


def _reranker_factory(settings: Settings) -> tuple[Factory, str]:
    return find_factory("reranker__name", settings.reranker.name, RERANKERS, "pincite.rerankers")


def build_model(settings: Settings) -> Model | None:
    """The language model of ``settings.model``, with its cache; None where none is named.

    Takes seconds the first time, for it imports litellm. No model is asked and no file is read.
    Raises `ConfigError` where the name or a fallback is of no known provider.
    """
    know_secrets(settings)
    options = settings.model
    if not options.name:
        return None
    from rag.models.llm.litellm_model import LitellmModel
    from rag.models.llm.reply_cache import CachedModel, ReplyCache

    model = LitellmModel(options)
    return CachedModel(model, ReplyCache(settings.home / "cache"), model.origin) if options.cache else model


def look_at_model(settings: Settings) -> list[str]:
    """One line for the language model and each fallback, if any; raises as `providers.descriptions`."""
    if not settings.model.name:
        return []
    from rag.models.llm.providers import descriptions

    return list(descriptions(settings.model))


def model_address(settings: Settings) -> str:
    """Where the language model of the settings is asked, as `providers.address`; "" for none."""
    from rag.models.llm.providers import address

    return address(settings.model.name, settings.model) if settings.model.name else ""


def build_writer(settings: Settings, terms: TermEncoder, model: Model | None = None) -> Writer | None:
    """What writes answers with ``model``, or that of the settings, and checks them; None where none is."""
    writing = model or build_model(settings)
    if writing is None:
        return None
    from rag.text.tokens import token_counter
    from rag.verification.claim_verifier import ClaimVerifier

    price: Price = unpriced
    if model is None:
        from rag.models.llm.providers import most_usd

        price = most_usd(settings.model)
    judge = build_judge(settings, writing)
    count = token_counter(settings.chunk.encoding)
    return Writer(writing, ClaimVerifier(terms), count, settings.model, judge, price=price)


def build_judge(settings: Settings, model: Model) -> SupportJudge | None:
    """Who gives the second opinion that ``settings.model.judge`` names; None for none."""
    if settings.model.judge == "none":
        return None
    from rag.verification.llm_judge import LlmJudge

    return LlmJudge(model)


def fingerprint(settings: Settings, encoder: Encoder) -> Fingerprint:
    """What a collection made with these settings is made with."""
    chunker = f"sentences/{settings.chunk.encoding}/{settings.chunk.max_tokens}"
    return Fingerprint(encoder.name, encoder.dimensions, chunker)


async def open_store(settings: Settings, expected: Fingerprint, *, create: bool) -> Store:
    """Open ``settings.collection`` on the server if one is set, else in its folder below ``settings.home``.

    It must be made with what is ``expected``; with ``create``, it is made if need be. Raises `StoreError`.
    """
    know_secrets(settings)
    if settings.store.url is not None:
        from rag.store.server_store import open_server_store

        return await open_server_store(settings.store, settings.collection, expected, create=create)
    from rag.store.embedded_store import open_edge_store

    wait_s = settings.store.lock_timeout_s
    return await open_edge_store(_folder(settings), expected, create=create, lock_timeout_s=wait_s)


def _folder(settings: Settings) -> Path:
    return settings.home / "collections" / settings.collection


def require_space_for(settings: Settings, papers: int) -> None:
    """Raise `StoreUnavailable` where the disk has no room for ``papers``; a server's is its own business."""
    if settings.store.url is None:
        from rag.store.embedded_store import require_space_for

        require_space_for(_folder(settings), papers)


async def restore_collection(settings: Settings) -> None:
    """Put the snapshot of the last ingest in place of ``settings.collection``; raises `StoreError`."""
    if settings.store.url is not None:
        raise ConfigError("collections on a Qdrant server are restored from the server's own snapshots")
    from rag.store.embedded_store import restore_collection

    await restore_collection(_folder(settings), settings.store.lock_timeout_s)


async def verify_collection(settings: Settings) -> Contents:
    """Read the whole of ``settings.collection``, compare every paper with its hash and all with the seal.

    Raises `StoreDamaged` where papers are missing, or not as they were ingested; and as what opens it.
    """
    encoder = await asyncio.to_thread(build_encoder, settings)
    store = await open_store(settings, fingerprint(settings, encoder), create=False)
    try:
        contents = await store.contents()
    finally:
        await store.close()
    if settings.store.url is None:
        from rag.store.embedded_store import require_sealed

        require_sealed(_folder(settings), contents)
    return contents


async def open_assistant(settings: Settings, model: Model | None = None) -> Assistant:
    """Open the collection, its encoder, its reranker if one is set, and the fitted weights.

    A ``model`` writes in place of the one that the settings name; it is closed with the assistant. Raises
    `PinciteError`, as whatever is opened.
    """
    from models import folder
    from rag.models.encoders.bm25 import Bm25Encoder
    from rag.models.encoders.shared_encoder import SharedEncoder

    relevance, answers = load_weights(folder("ranking") / "weights.json")
    encoder = await asyncio.to_thread(build_encoder, settings)
    if settings.encoder.name == "minilm":  # others may encode a text differently beside others
        encoder = SharedEncoder(encoder)
    reranker = await asyncio.to_thread(build_reranker, settings)
    terms = Bm25Encoder()
    writer = await asyncio.to_thread(build_writer, settings, terms, model)
    store = await open_store(settings, fingerprint(settings, encoder), create=False)
    rewriter = Rewriter(writer.metered, encoder) if writer is not None and settings.model.rewrite else None
    usd = reranking_usd(settings)
    return Assistant(
        Parts(settings, store, encoder, terms, relevance, answers, reranker, writer, rewriter, usd)
    )
