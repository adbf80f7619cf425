"""The plots of the page: matplotlib draws them, `evals.report.plots` makes them part of the page."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from evals.judges.qualifications import Qualification
from evals.report.contents import MeasureRow, RunReport

if TYPE_CHECKING:
    from matplotlib.axes import Axes
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

WIDTH, ROW, FRAME, SQUARE = 4.1, 0.25, 0.55, 1.8
"""Inches: of a plot, of a measure's row in it, of what stands below the rows, and of a diagram."""

STYLE: Any = {  # matplotlib has a type for its keys alone
    "font.size": 9,
    "svg.fonttype": "none",  # text stays text: it is read out, searched, and takes the font of the page
    "axes.edgecolor": COLOURS["rule"],
    "axes.labelcolor": COLOURS["muted"],
    "xtick.color": COLOURS["rule"],
    "ytick.color": COLOURS["rule"],
    "xtick.labelcolor": COLOURS["muted"],
    "ytick.labelcolor": COLOURS["ink"],
    "text.color": COLOURS["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}
OF_VERDICT = {"worse": "bad", "better": "good", "inconclusive": "doubt"}
MOST_DIAGRAMS = 4
"""Judges that get a reliability diagram, the one of the run first."""


def available() -> bool:
    """Whether matplotlib is installed."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def plots(contents: RunReport) -> dict[str, str]:
    """SVG by the name of the plot; one that there is nothing to draw for is not there.

    Raises:
        ImportError: matplotlib is missing.
    """
    gates_first = sorted(contents.measures, key=lambda line: not line.gates)
    shares = [line for line in gates_first if line.unit == "share" and line.run]
    compared = [each for each in shares if each.compared and each.compared.difference is not None]
    found: dict[str, str] = {}
    if shares:
        found["measures"] = _drawn(
            "measures",
            "Mean of each measure with its 95 % interval",
            len(shares),
            lambda ax: _means(ax, shares),
        )
    if compared:
        found["differences"] = _drawn(
            "differences",
            "Difference of each measure to the baseline with its 95 % interval",
            len(compared),
            lambda ax: _differences(ax, compared),
        )
    for exam in diagrams(contents):
        name = f"reliability of {exam.judge}"
        found[name] = _square(name, f"Reliability diagram of {exam.judge}", exam)
    return found


def diagrams(contents: RunReport) -> list[Qualification]:
    """The exams that have a reliability diagram, that of the run's judge first."""
    own = [contents.judge.exam] if contents.judge.exam else []
    others = [each for each in contents.exams if each not in own]
    return [each for each in (*own, *others) if each.reliability][:MOST_DIAGRAMS]


def _drawn(name: str, label: str, rows: int, draw: "Callable[[Axes], None]") -> str:
    return _figure(name, label, (WIDTH, FRAME + ROW * rows), draw)


def _square(name: str, label: str, exam: Qualification) -> str:
    return _figure(name, label, (SQUARE, SQUARE), lambda ax: _reliability(ax, exam))


def _figure(name: str, label: str, size: tuple[float, float], draw: "Callable[[Axes], None]") -> str:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(STYLE):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
        return inline(figure, name, label)


def _rows(ax: "Axes", lines: Sequence[MeasureRow]) -> None:
    ax.set_ylim(len(lines) - 0.4, -0.6)
    if 0 < (gates := sum(line.gates for line in lines)) < len(lines):
        ax.axhline(gates - 0.5, color=COLOURS["rule"], linewidth=0.8, linestyle=(0, (1, 3)))
    ax.set_yticks(range(len(lines)), [line.measure for line in lines])
    ax.grid(visible=True, axis="x", color=COLOURS["grid"], linewidth=0.8)
    ax.set_axisbelow(True)


def _means(ax: "Axes", lines: Sequence[MeasureRow]) -> None:
    _rows(ax, lines)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    for at, line in enumerate(lines):
        if line.run is None or line.run.mean is None:
            continue
        if line.run.low is not None and line.run.high is not None:
            ax.plot(
                [line.run.low, line.run.high], [at, at], color=COLOURS["accent"], linewidth=2.4, alpha=0.45
            )
        if line.compared and line.compared.a is not None:
            _dot(ax, line.compared.a, at, "muted", hollow=True)
        _dot(ax, line.run.mean, at, "accent")


def _dot(ax: "Axes", x: float, y: float, colour: str, *, hollow: bool = False) -> None:
    face = "none" if hollow else COLOURS[colour]
    size = 6.5 if hollow else 5
    ax.plot(x, y, "o", markersize=size, markerfacecolor=face, markeredgecolor=COLOURS[colour], clip_on=False)


def _differences(ax: "Axes", lines: Sequence[MeasureRow]) -> None:
    _rows(ax, lines)
    ax.axvline(0, color=COLOURS["muted"], linewidth=1)
    ax.set_xlabel("difference to the baseline")
    ax.locator_params(axis="x", nbins=5)
    for at, line in enumerate(lines):
        found = line.compared
        if found is None or found.low is None or found.high is None:
            continue
        colour = OF_VERDICT.get(str(found.verdict), "accent")
        ax.plot([found.low, found.high], [at, at], color=COLOURS[colour], linewidth=2.4, alpha=0.45)
        _dot(ax, found.difference or 0.0, at, colour)
        if line.gates:
            loss = -line.margin if line.better == "higher" else line.margin
            ax.plot([loss, loss], [at - 0.28, at + 0.28], color=COLOURS["muted"], linewidth=1.2)


def _reliability(ax: "Axes", exam: Qualification) -> None:
    most = max(count for count, _, _ in exam.reliability)
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(-0.03, 1.03)
    ax.set_aspect("equal")
    ax.set_xticks([0, 0.5, 1])
    ax.set_yticks([0, 0.5, 1])
    ax.tick_params(labelcolor=COLOURS["muted"])
    ax.set_xlabel("probability given")
    ax.set_ylabel("share supported")
    ax.grid(visible=True, color=COLOURS["grid"], linewidth=0.8)
    ax.set_axisbelow(True)
    ax.plot([0, 1], [0, 1], color=COLOURS["muted"], linewidth=1, linestyle=(0, (3, 3)))
    places = [mean for _, mean, _ in exam.reliability]
    shares = [share for _, _, share in exam.reliability]
    ax.plot(places, shares, color=COLOURS["accent"], linewidth=1.2, alpha=0.6)
    ax.scatter(
        places, shares, [10 + 60 * count / most for count, _, _ in exam.reliability], COLOURS["accent"]
    )


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
