"""A figure of matplotlib as a part of the page: an `<svg>` that loads nothing, in the page's colours."""

import re
from io import StringIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
NAMES = ("ink", "muted", "rule", "grid", "accent", "good", "bad", "doubt")
COLOURS = {name: f"#0a0b{number:02x}" for number, name in enumerate(NAMES, 1)}
"""Stand-ins to draw with: on the page each becomes a variable of its style, so dark mode reaches plots."""

_STAND_IN = re.compile("|".join(COLOURS.values()))
_VARIABLE = {colour: f"var(--{name})" for name, colour in COLOURS.items()}
_SIZE = re.compile(r"[\d.]+px\b")
_REFERENCE = re.compile(r"(?<=url\(#)[^)]+|(?<=^#).+")


def inline(figure: "Figure", name: str, label: str) -> str:
    """The figure as SVG for an HTML page.

    Style sheets and style attributes become plain attributes, which the page's content security policy
    allows; ids are made unique by ``name``; ``label`` is what a screen reader says.
    """
    from matplotlib import rc_context

    drawn = StringIO()
    with rc_context({"svg.hashsalt": name}):  # the same figure always gives the same text
        metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(drawn, format="svg", transparent=True, metadata=metadata)
    root = ET.fromstring(drawn.getvalue())  # noqa: S314 - matplotlib wrote it
    prefix = re.sub(r"\W+", "-", name)
    for parent in list(root.iter()):
        for child in [each for each in parent if each.tag in {f"{{{SVG}}}metadata", f"{{{SVG}}}style"}]:
            parent.remove(child)
        _plain(parent, prefix)
    for attribute in ("width", "height"):
        root.attrib.pop(attribute, None)
    root.set("role", "img")
    root.set("aria-label", label)
    ET.register_namespace("", SVG)
    return _STAND_IN.sub(lambda found: _VARIABLE[found[0]], ET.tostring(root, encoding="unicode"))


def _plain(element: ET.Element, prefix: str) -> None:
    """Without style, and with ids that no other figure has."""
    for declaration in element.attrib.pop("style", "").split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key == "font":
            key, value = "font-size", "".join(_SIZE.findall(value)[:1])
        if key:
            element.set(key, value)
    element.attrib.pop("font-family", None)  # the page's own
    link = element.attrib.pop(f"{{{XLINK}}}href", None)
    if link is not None:
        element.set("href", link)
    if "id" in element.attrib:
        element.set("id", f"{prefix}-{element.attrib['id']}")
    for key, value in element.attrib.items():
        if key in {"href", "clip-path"}:
            element.set(key, _REFERENCE.sub(lambda found: f"{prefix}-{found[0]}", value))
