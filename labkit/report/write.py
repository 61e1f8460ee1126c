"""Write every report into a folder."""

from __future__ import annotations

import json
from pathlib import Path

from labkit.model import Grades
from labkit.report.as_csv import as_csv
from labkit.report.as_html import as_html
from labkit.report.as_json import as_json
from labkit.report.as_junit import as_junit
from labkit.report.as_markdown import as_markdown


def write_all(grades: Grades, folder: Path) -> tuple[Path, ...]:
    """Write ``grades.json``, ``grades.csv``, ``junit.xml``, ``report.html``, and ``report.md``."""
    contents = {
        "grades.json": json.dumps(as_json(grades), indent=2, ensure_ascii=False) + "\n",
        "grades.csv": as_csv(grades),
        "junit.xml": as_junit(grades),
        "report.html": as_html(grades),
        "report.md": as_markdown(grades),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        # As bytes: a text file would convert CSV's line ends to the host's.
        (folder / name).write_bytes(content.encode())
    return tuple(folder / name for name in contents)
