"""Write the debrief of each seat to a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from labkit.grading import checks
from labkit.grading.judge import judge
from labkit.grading.session import question
from labkit.grading.tasks import Task
from labkit.grading.timeline import timeline
from labkit.model import EvidenceBundle, SeatGrade, Workshop
from labkit.report import debrief
from labkit.scenario import find_scenario


def write_debriefs(
    workshop: Workshop, bundles: Iterable[EvidenceBundle], folder: Path
) -> Iterator[Path]:
    """Write a page and a Markdown file for each seat, then the index of each kind.

    Holds one bundle in memory at a time if ``bundles`` yields them one at a time.
    """
    scenario = find_scenario(workshop.scenario)
    files = checks.load(scenario.checks_folder)
    questions = tuple(question(f.content) for f in files if isinstance(f.content, Task))
    folder.mkdir(parents=True, exist_ok=True)
    seats = []
    for bundle in bundles:
        evidence = bundle.evidence
        verdicts = tuple(filter(None, (judge(file, bundle) for file in files)))
        page = debrief.Debrief(
            workshop=workshop.name,
            title=scenario.title,
            seat=SeatGrade(evidence.seat, evidence.account, verdicts, bundle.activity),
            bundle=bundle,
            questions=questions,
            proofs=timeline(scenario.checks_folder, evidence),
        )
        seats.append(evidence.seat)
        yield _write(folder / f"{evidence.seat}.html", debrief.as_html(page))
        yield _write(folder / f"{evidence.seat}.md", debrief.as_markdown(page))
    yield _write(folder / "index.html", debrief.index_html(workshop.name, seats))
    yield _write(folder / "index.md", debrief.index_markdown(workshop.name, seats))


def _write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path
