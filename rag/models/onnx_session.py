"""ONNX Runtime, opened the way all of our models are."""

from pathlib import Path

import onnxruntime as ort


def stop_telemetry() -> None:
    """Have ONNX Runtime report nothing from here on.

    `rag.telemetry` comes too late where a program imported onnxruntime before us. What that has queued is
    still sent, for nothing takes it back, but nothing of ours joins it.
    """
    ort.disable_telemetry_events()


def open_session(model: Path, threads: int) -> ort.InferenceSession:
    """The model in a file, run by the processor.

    Args:
        model: an ONNX file.
        threads: that share one call; 0 = one a core.

    Raises:
        Exception: one of onnxruntime's own, where the file is no model that it can run.
    """
    stop_telemetry()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Waiting threads that spin take the cores from everything else on a small machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
