"""The models that pincite ships, one folder each with its card, licence and checksums."""

from pathlib import Path

from rag import telemetry

telemetry.switch_off()

_HERE = Path(__file__).parent


def folder(name: str) -> Path:
    """Return the folder of the shipped model NAME."""
    shipped = sorted(each.name for each in _HERE.iterdir() if each.is_dir() and not each.name.startswith("_"))
    if name not in shipped:
        msg = f"no model {name!r} is shipped; there is: {', '.join(shipped) or 'none'}"
        raise FileNotFoundError(msg)
    return _HERE / name
