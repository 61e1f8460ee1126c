"""Phrases of the old, literally translated style, which no text of the repository may contain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXTS = (
    "labkit", "pocketaws/src", "checks", "skeleton", "templates", "docs", "pocketaws/docs",
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "pocketaws/README.md",
)  # fmt: skip
SUFFIXES = {".py", ".md", ".toml", ".j2", ".sh"}

INSTEAD = {
    r"(?:is|are) asked for": "we need …",
    r"[a-z]\(s\)": "a real plural; see labkit.plurals",
    r"\b[Mm]end(?:s|ed)?\b": "fix",
    r"e-mails?\b": "email",
    r"goes by itself|go by themselves": "AWS removes it",
    r"as wished": "success",
    r"embedded AWS that": "built-in AWS emulator",
    r"(?:what|whatever) (?:came|comes) of": "the result of",
    r"whoever\b": "the person who, or name the role",
    r"(?:brings?|brought) (?:along|it over)": "includes, or updates",
    r"the way home": "a replacement for labkit down",
    r"(?:is|are) told\b": "learns, or reads",
    r"may be handed": "can get",
    r"\bstands? in (?:a|an|the|its|their|every|records?)\b": "is in",
    r"Who came in": "the address that connected",
    r"It is not said": "ask the question",
    r"made to happen": "ready for labkit simulate",
    r"look-ups?\b": "lookup",
    r"\bany more\b": "any longer",
    r"handed in nothing": "no answers yet",
    r"in every task\b": "all tasks",
    r"is no JSON": "isn't JSON",
}
"""Each phrase (a regular expression) with what to write instead."""

AWS_SAYS = {
    "pocketaws/src/pocketaws/cloudformation/api/templates.py": "resource(s) require capabilities",
    "pocketaws/src/pocketaws/cloudformation/engine.py": "resource signal(s) within",
    "pocketaws/src/pocketaws/cloudformation/run.py": "resource(s) failed to",
    "pocketaws/src/pocketaws/events/rules.py": "Parameter(s) EventPattern",
    "pocketaws/src/pocketaws/guests/programs/awscli/s3_copy.py": "file(s) remaining",
    "pocketaws/src/pocketaws/logs/patterns/values.py": "Invalid character(s)",
}
"""Messages that AWS words this way, by file. The emulator must repeat them exactly."""


def texts() -> dict[str, str]:
    """Every text that a person reads, by its path, without AWS's own messages."""
    found = {}
    for place in TEXTS:
        top = ROOT / place
        for path in [top] if top.is_file() else top.rglob("*"):
            if path.suffix in SUFFIXES and "_data" not in path.parts:
                name = path.relative_to(ROOT).as_posix()
                text = path.read_text(encoding="utf-8")
                found[name] = text.replace(AWS_SAYS[name], "") if name in AWS_SAYS else text
    return found


@pytest.fixture(scope="module")
def every_text() -> dict[str, str]:
    return texts()


@pytest.mark.parametrize("phrase", INSTEAD)
def test_no_text_has_a_phrase_of_the_old_style(phrase: str, every_text: dict[str, str]) -> None:
    # A phrase may be broken between two lines, with a comment sign or quotation marks between its words.
    pattern = re.compile(phrase.replace(" ", r"""(?:[\s"'#*]|f")+"""))
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]!r}"
        for name, text in every_text.items()
        for match in pattern.finditer(text)
    ]

    assert not found, f"write instead: {INSTEAD[phrase]}"


def test_every_text_is_looked_at(every_text: dict[str, str]) -> None:
    for place in TEXTS:
        assert any(name.startswith(place) for name in every_text), f"{place} has no text"


@pytest.mark.parametrize(("name", "message"), AWS_SAYS.items())
def test_every_exception_is_still_needed(name: str, message: str) -> None:
    assert message in (ROOT / name).read_text(encoding="utf-8")


def test_the_old_style_is_recognized() -> None:
    old = "Who came in is asked for. Mend the cause: 3 lab(s), an e-mail to whoever is told.\n"
    assert sum(bool(re.search(phrase, old)) for phrase in INSTEAD) >= 6
