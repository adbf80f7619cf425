"""A report as JUnit XML: what a build server shows. Pure.

A measure that got worse is a failure, one with too few scores an error; where nothing is known it is skipped.
A case that could not be asked is an error, one that could not be scored skipped.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evals.gate.summary import COVERED
from evals.report import wording
from evals.report.contents import CaseLine, MeasureRow, RunReport
from evals.report.wording import one_line

TAGS = ("failure", "error", "skipped")


def junit(contents: RunReport) -> str:
    """The document, with a suite of the measures and one of the cases."""
    root = Element("testsuites", name=_clean(f"pincite eval {contents.head.suite}"))
    measures = _suite(root, f"{contents.head.suite}: measures")
    for line in contents.measures:
        _measure(measures, line, contents)
    cases = _suite(root, f"{contents.head.suite}: cases")
    for case in contents.cases:
        _case(cases, case, contents)
    for suite in (measures, cases):
        _count(suite)
    _count(root)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, name: str) -> Element:
    return SubElement(root, "testsuite", name=_clean(name))


def _measure(suite: Element, line: MeasureRow, contents: RunReport) -> None:
    case = SubElement(suite, "testcase", classname=suite.get("name", ""), name=line.measure, time="0")
    told = f"{wording.mean(line)} ({wording.interval(line)}), {wording.covered(line)} cases"
    if line.compared:
        told += f"; {wording.difference(line)} ({wording.difference_interval(line)}), {line.compared.verdict}"
    if tag := _ending(line):
        why = line.compared.why if line.compared else ""
        reason = next((each for each in contents.reasons if each.startswith(f"{line.measure}: ")), told)
        SubElement(case, tag, message=_clean(why or reason))
    SubElement(case, "system-out").text = _clean(told)


def _ending(line: MeasureRow) -> str:
    """How a measure ends, empty where it passes; a measure that does not gate never fails a build."""
    short = line.run is not None and line.run.coverage < COVERED
    if line.compared and line.gates and line.compared.verdict == "worse":
        return "failure"
    if short:
        return "error" if line.gates else "skipped"
    return "skipped" if line.compared and line.compared.verdict in ("inconclusive", "not compared") else ""


def _case(suite: Element, line: CaseLine, contents: RunReport) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=_clean(f"{contents.head.suite}.{line.kind}"),
        name=_clean(f"{line.case_id}: {line.question}"),
        time=f"{line.latency_ms / 1000:.3f}",
    )
    if line.failed:
        SubElement(case, "error", message=_clean(line.failed))
        return
    gaps = [gap for gap in contents.gaps if gap.case_id == line.case_id]
    if gaps:
        told = "; ".join(f"{gap.measure} {gap.status}: {gap.why}" for gap in gaps)
        SubElement(case, "skipped", message=_clean(told))


def _count(element: Element) -> None:
    """Write the numbers of its test cases on a suite, as readers expect them."""
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for tag, name in zip(TAGS, ("failures", "errors", "skipped"), strict=True):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")


def _clean(text: str) -> str:
    return one_line(text)
