"""All settings, as one frozen tree: environment (`PINCITE_` prefix, `__` nesting), `pincite.toml`, defaults.

Built once, by `rag.build.load_settings`; nothing else reads the environment.
"""

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CollectionName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", strip_whitespace=True)
]
"""Also a folder name and a Qdrant collection name, hence the narrow alphabet."""

SAMPLE = "sample"
"""Name of the collection that ships with pincite and is built on first use."""

OWN = "papers"
"""Name of the collection that a user's papers go to where none is named."""


class Section(BaseModel):
    """A branch of the tree: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreSettings(Section):
    """Where passages live: a folder below ``home`` unless ``url`` names a Qdrant server."""

    url: str | None = Field(None, description="Qdrant server, like http://localhost:6333; unset = embedded")
    api_key: SecretStr | None = Field(None, description="API key of the Qdrant server")
    timeout_s: float = Field(10, gt=0, le=600, description="seconds to wait for the server")
    lock_timeout_s: float = Field(30, ge=0, le=600, description="seconds to wait for another process")
    shard_number: int = Field(1, ge=1, le=1024, description="server: shards of a new collection")
    replication_factor: int = Field(1, ge=1, le=32, description="server: copies of each shard")
    on_disk: bool = Field(default=False, description="server: keep vectors on disk")
    quantization: bool = Field(default=False, description="server: int8 copies of dense vectors in memory")


class EncoderSettings(Section):
    """What turns text into vectors."""

    name: str = Field(
        "minilm",
        min_length=1,
        description="minilm | onnx/FOLDER | fastembed/MODEL | litellm/MODEL",
    )
    batch_size: int = Field(16, ge=1, le=4096, description="texts per forward pass")
    threads: int = Field(0, ge=0, le=256, description="threads of the ONNX encoder; 0 = one a core")
    timeout_s: float = Field(60, gt=0, le=3600, description="seconds to wait for a remote encoder")


class ChunkSettings(Section):
    """How abstracts become passages."""

    max_tokens: int = Field(256, ge=32, le=8192, description="tiktoken budget of a passage")
    encoding: str = Field("cl100k_base", description="tiktoken encoding the budget is counted in")


class RetrievalSettings(Section):
    """The first stage."""

    depth: int = Field(200, ge=1, le=10_000, description="passages of each first-stage ranking")
    rerank_depth: int = Field(
        100, ge=1, le=10_000, description="papers the ranker sees where `search` is given no question"
    )
    screen_depth: int = Field(600, ge=1, le=10_000, description="the same for set questions")
    rank_constant: int = Field(60, ge=1, le=1000, description="the k of Reciprocal Rank Fusion")
    top_k: int = Field(10, ge=1, le=1000, description="papers that `search` returns")
    favour: Literal["recall", "balanced", "precision"] = Field(
        "balanced", description="set questions: miss few papers, balance, or show few wrong ones"
    )


class RerankerSettings(Section):
    """What reads the first papers once more, query and paper together."""

    name: str = Field(
        "none",
        min_length=1,
        description="none (the learned ranker alone) | onnx/FOLDER | fastembed/MODEL | litellm/MODEL",
    )
    depth: int = Field(50, ge=1, le=1000, description="papers to rerank; those behind keep their order")
    weight: float = Field(
        0.5,
        ge=0,
        le=1,
        description="of the reranker against the order before: 0 = changes nothing, 1 = alone",
    )
    timeout_s: float = Field(30, gt=0, le=3600, description="seconds one reranking may take")
    batch_size: int = Field(64, ge=1, le=4096, description="papers per forward pass or request")
    threads: int = Field(0, ge=0, le=256, description="threads of the ONNX reranker; 0 = one a core")
    api_base: str | None = Field(
        None, min_length=1, description="litellm: address of the API; unset = the provider's own"
    )
    api_key: SecretStr | None = Field(
        None, description="litellm: API key; unset = the provider's environment variable, like COHERE_API_KEY"
    )


class ModelSettings(Section):
    """The language model that writes, where one is wanted."""

    name: str = Field(
        "",
        description="litellm model string, like openai/gpt-4o-mini or local/PATH.gguf; "
        "empty = no model: answers are extracted, not written",
    )
    fallbacks: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = Field(
        (), description="models to ask, in order, where the one before failed"
    )
    api_base: str | None = Field(
        None, min_length=1, description="address of the API; unset = the provider's own"
    )
    api_key: SecretStr | None = Field(
        None, description="API key; unset = the provider's environment variable, like OPENAI_API_KEY"
    )
    timeout_s: float = Field(60, gt=0, le=3600, description="seconds one model may take, retries included")
    retries: int = Field(2, ge=0, le=10, description="tries after the first where trying again may help")
    concurrency: int = Field(4, ge=1, le=256, description="calls at the same time")
    max_tokens: int = Field(1024, ge=1, le=1_000_000, description="most tokens of a reply")
    evidence_tokens: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="most tokens of abstracts in a prompt; 0 = 4000, for local/ models 500",
    )
    temperature: float = Field(0, ge=0, le=2, description="0 = as repeatable as the model allows")
    context_tokens: int = Field(
        0, ge=0, le=100_000_000, description="tokens the model can read; 0 = as litellm knows it, else 8192"
    )
    budget_usd: float = Field(0.10, ge=0, description="most dollars one question may cost")
    budget_s: float = Field(120, gt=0, le=86_400, description="most seconds one question may take")
    judge: Literal["none", "model"] = Field(
        "none",
        description="who is asked about written sentences after the gate: nobody, or the model itself",
    )
    rewrite: bool = Field(
        default=False, description="have the model rewrite what is searched for, within bounds"
    )
    cache: bool = Field(default=True, description="keep replies on disk, and reuse them for the same request")


class ChatSettings(Section):
    """The web page."""

    host: str = Field(
        "127.0.0.1", min_length=1, description="loopback address to listen on: the page has no sign-in"
    )
    port: int = Field(8000, ge=1, le=65535, description="port to listen on")
    public_host: str = Field(
        "",
        pattern=r"^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?)?$",
        description="host name (with a port, if an unusual one) under which a reverse proxy serves the "
        "page; signing people in is up to the proxy",
    )


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix="PINCITE_",
        env_nested_delimiter="__",
        toml_file="pincite.toml",
        frozen=True,
        extra="ignore",
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("pincite"), description="folder of all collections"
    )
    collection: CollectionName = Field(
        SAMPLE, description="collection to use; papers, once there is one, else sample"
    )
    store: StoreSettings = StoreSettings()
    encoder: EncoderSettings = EncoderSettings()
    chunk: ChunkSettings = ChunkSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    reranker: RerankerSettings = RerankerSettings()
    model: ModelSettings = ModelSettings()
    chat: ChatSettings = ChatSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments beat the environment, which beats the file."""
        del dotenv_settings, file_secret_settings
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))
