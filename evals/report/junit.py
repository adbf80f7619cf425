"""A report as JUnit XML: what a build server shows. Pure.

A measure that got worse is a failure, one with too few scores an error; where nothing is known it is skipped.
A case that could not be asked is an error, one that could not be scored skipped.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evals.gate.summary import COVERED
from evals.report import wording
from evals.report.contents import CaseLine, MeasureRow, RunReport
from evals.report.wording import one_line


def junit(contents: RunReport) -> str:
    """The document, with a suite of the measures and one of the cases."""
    suite = contents.head.suite
    root = _element(None, "testsuites", name=f"pincite eval {suite}")
    measures = _element(root, "testsuite", name=f"{suite}: measures")
    for line in contents.measures:
        _measure(measures, line, contents)
    cases = _element(root, "testsuite", name=f"{suite}: cases")
    for case in contents.cases:
        _case(cases, case, contents)
    for counted in (measures, cases, root):
        _count(counted)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _element(parent: Element | None, tag: str, **attributes: str) -> Element:
    cleaned = {name: one_line(value) for name, value in attributes.items()}
    return Element(tag, cleaned) if parent is None else SubElement(parent, tag, cleaned)


def _measure(suite: Element, line: MeasureRow, contents: RunReport) -> None:
    case = _element(suite, "testcase", classname=suite.get("name", ""), name=line.measure, time="0")
    told = f"{wording.mean(line)} ({wording.interval(line)}), {wording.covered(line)} cases"
    if line.compared:
        told += f"; {wording.difference(line)} ({wording.difference_interval(line)}), {line.compared.verdict}"
    if tag := _ending(line):
        why = line.compared.why if line.compared else ""
        reason = next((each for each in contents.reasons if each.startswith(f"{line.measure}: ")), told)
        _element(case, tag, message=why or reason)
    _element(case, "system-out").text = one_line(told)


def _ending(line: MeasureRow) -> str:
    """How a measure ends, empty where it passes; a measure that does not gate never fails a build."""
    verdict = wording.verdict(line)
    if line.gates and verdict == "worse":
        return "failure"
    if line.run is not None and line.run.coverage < COVERED:
        return "error" if line.gates else "skipped"
    return "skipped" if verdict in ("inconclusive", "not compared") else ""


def _case(suite: Element, line: CaseLine, contents: RunReport) -> None:
    kind, name = f"{contents.head.suite}.{line.kind}", f"{line.case_id}: {line.question}"
    case = _element(suite, "testcase", classname=kind, name=name, time=f"{line.latency_ms / 1000:.3f}")
    gaps = [gap for gap in contents.gaps if gap.case_id == line.case_id]
    if line.failed:
        _element(case, "error", message=line.failed)
    elif gaps:
        told = "; ".join(f"{gap.measure} {gap.status}: {gap.why}" for gap in gaps)
        _element(case, "skipped", message=told)


def _count(element: Element) -> None:
    """Write the numbers of its test cases on a suite, as readers expect them."""
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for tag, name in {"failure": "failures", "error": "errors", "skipped": "skipped"}.items():
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
