"""What the documents say about the code is true, and their links work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labkit.grading.checks import tasks
from labkit.scenario import find_scenario

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")])
GUIDE = ROOT / "docs" / "attendee.md"


def test_the_attendees_guide_has_every_question() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for task in tasks(find_scenario("malicious_callout").checks_folder):
        question = re.split(r"(?<=[?.]) ", task.question.splitlines()[0])[0]
        assert f"| `{task.name}` | {question} |" in text


@pytest.mark.parametrize(
    "answer", ["RunInstances", "StopInstances", "SendSSHPublicKey", "SendCommand", "curl"]
)
def test_the_attendees_guide_has_no_answers(answer: str) -> None:
    assert answer.casefold() not in GUIDE.read_text(encoding="utf-8").casefold()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        file = document.parent / name if name else document
        assert file.is_file(), target
        assert not anchor or anchor in anchors(file), target


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub creates for a document's headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_picture_of_the_architecture_shows_the_tree_as_it_is() -> None:
    drawn = set(
        re.findall(r'data-path="([^"]+)"', (ROOT / "docs" / "architecture.svg").read_text())
    )
    assert [path for path in sorted(drawn) if not (ROOT / path).is_dir()] == []
    packages = {f"labkit/{path.parent.name}" for path in (ROOT / "labkit").glob("*/__init__.py")}
    assert packages <= drawn


def test_the_readme_explains_every_top_level_folder() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE))
    folders = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith((".", "_")) and path.name != "dist"
    }
    assert folders == explained
