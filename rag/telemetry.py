"""What the libraries below would report, fetch or read of their own accord, switched off before they load.

Each package of the project calls `switch_off` when it is imported, so commands and users of the library
alike are covered. Only the environment tells these libraries in time. The switches are set whatever was
there before: they are at their strictest, and an environment that says otherwise says it by accident.
``HF_HUB_OFFLINE`` is left to the user, for a model that a user names may have to be fetched.

Looked through with strings and strace, and found to ask nobody and keep nothing: qdrant-edge 0.9,
tokenizers 0.23, tiktoken's native part, and llama.cpp in xllamacpp 2026.10.
"""

import os

LIBRARIES: dict[str, str] = {
    # onnxruntime from 1.32 on, when it is imported: makes a device id and a database in the user's cache,
    # then sends events to mobile.events.data.microsoft.com. "0" leaves it on.
    "ORT_DISABLE_TELEMETRY": "1",
    # litellm, when it is imported or first asks Anthropic: fetches lists from raw.githubusercontent.com.
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    # litellm, when it is imported: reads a .env of the current folder, be it of a stranger.
    "LITELLM_MODE": "PRODUCTION",
    # huggingface_hub and hf_xet, below fastembed: say what runs here when they fetch a model.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # Whatever else heeds the convention.
    "DO_NOT_TRACK": "1",
}
"""For the process that uses the kernel, which may be another's."""

PAGE: dict[str, str] = {
    # FastAPI and the tracing below Chainlit: send to whatever OTEL_EXPORTER_OTLP_ENDPOINT names. The kernel
    # leaves this to the program that it is a part of, which may trace itself.
    "OTEL_SDK_DISABLED": "true",
    "TRACELOOP_TELEMETRY": "false",
    # Chainlit, when it is imported: reads a .env of the current folder.
    "CHAINLIT_ENV_FILE": os.devnull,
}
"""For the process that is ours, with what the chat is made of."""

PEERS: dict[str, str] = {
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "RAGAS_DO_NOT_TRACK": "true",
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",
    "DEEPEVAL_DISABLE_DOTENV": "1",
    "ERROR_REPORTING": "0",  # deepeval's
}
"""For what evaluation compares with."""


def switch_off(switches: dict[str, str] | None = None) -> None:
    """Set these switches of the environment, or those of `LIBRARIES`; takes some microseconds."""
    os.environ.update(LIBRARIES if switches is None else switches)
