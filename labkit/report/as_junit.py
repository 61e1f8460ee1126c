"""JUnit XML: one suite per seat, one case per task.

There's no standard; this is the format that Jenkins, GitLab, and GitHub viewers read
(testsuites/testsuite/testcase with failure, error, or skipped).
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from labkit.model import Grades, Outcome, SeatGrade, Verdict
from labkit.report.totals import utc_timestamp

_TAG = {
    Outcome.WRONG: "failure",
    Outcome.ERROR: "error",
    Outcome.UNANSWERED: "skipped",
    Outcome.PENDING: "skipped",
}
# ElementTree's own declaration would name the host's encoding.
_DECLARATION = "<?xml version='1.0' encoding='utf-8'?>"
# XML 1.0 can't represent these, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(grades: Grades) -> str:
    """Return the grades as JUnit XML."""
    root = ET.Element("testsuites", _counts(grades.seats), name=_clean(grades.workshop))
    for seat in grades.seats:
        counts = _counts((seat,))
        suite = ET.SubElement(
            root,
            "testsuite",
            counts,
            name=_clean(seat.seat),
            timestamp=utc_timestamp(grades.graded_at)[:-1],
        )
        for verdict in seat.verdicts:
            _case(suite, grades.scenario, verdict)
    ET.indent(root)
    return f"{_DECLARATION}\n{ET.tostring(root, encoding='unicode')}\n"


def _counts(seats: tuple[SeatGrade, ...]) -> dict[str, str]:
    tags = [_TAG.get(verdict.outcome, "passed") for seat in seats for verdict in seat.verdicts]
    return {
        "tests": str(len(tags)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "skipped": str(tags.count("skipped")),
        "time": "0",
    }


def _case(suite: ET.Element, scenario: str, verdict: Verdict) -> None:
    case = ET.SubElement(suite, "testcase", name=verdict.task, classname=scenario, time="0")
    tag = _TAG.get(verdict.outcome)
    if tag is not None:
        told = ET.SubElement(case, tag, message=_clean(f"{verdict.outcome}: {verdict.message}"))
        if tag != "skipped":
            told.set("type", verdict.outcome.value)
            told.text = _clean(verdict.message)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
