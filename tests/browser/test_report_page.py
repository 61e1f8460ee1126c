"""How a browser shows the report: on a projector, at phone width, and on paper, with 3 and with 300 seats.

Chromium renders the page in a frame of the given width. A script outside the frame measures it, because the page
itself forbids scripts.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labkit.model import Grades, Outcome, PossibleCopy, Question, SeatGrade, Verdict
from labkit.report.as_html import as_html

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TASKS = ("instance", "command", "callout_address", "operator_address", "api_events", "trail_query")
PHONE, PROJECTOR = 360, 1280

MEASURE = """
function luminance(rgb) {
  const [r, g, b] = rgb.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
}
function numbers(colour) { return colour.match(/[\\d.]+/g).map(Number); }
function behind(element, view) {
  for (let e = element; e; e = e.parentElement) {
    const colour = numbers(view.getComputedStyle(e).backgroundColor);
    if (colour.length < 4 || colour[3] > 0) return colour.slice(0, 3);
  }
  return [255, 255, 255];
}
onload = () => {
  const frame = document.querySelector("iframe"), page = frame.contentDocument, view = frame.contentWindow;
  const contrast = {};
  for (const element of page.querySelectorAll("body *:not(svg):not(svg *)")) {
    const own = [...element.childNodes].some(n => n.nodeType == 3 && n.data.trim());
    if (!own) continue;
    const pair = [numbers(view.getComputedStyle(element).color).slice(0, 3), behind(element, view)];
    const [light, dark] = pair.map(luminance).sort((a, b) => b - a);
    contrast[pair.join(" on ")] = (light + .05) / (dark + .05);
  }
  const cut = [], boxes = {};
  for (const svg of page.querySelectorAll("svg")) {
    const box = svg.viewBox.baseVal;
    for (const text of svg.querySelectorAll("text")) {
      const b = text.getBBox();
      if (b.x < -1 || b.y < -1 || b.x + b.width > box.width + 1 || b.y + b.height > box.height + 1)
        cut.push(text.textContent);
    }
    const size = parseFloat(view.getComputedStyle(svg.querySelector("text") || svg).fontSize);
    boxes[svg.getAttribute("aria-labelledby")] = size * svg.getBoundingClientRect().width / box.width;
  }
  const target = view.document.querySelector(".matrix");
  document.title = JSON.stringify({
    width: page.documentElement.scrollWidth, inner: view.innerWidth, cut, text_size: boxes,
    least_contrast: Math.min(...Object.values(contrast)),
    matrix: target ? target.getBoundingClientRect().width : 0,
    rows: page.querySelectorAll(".matrix tbody tr").length,
  });
};
"""


def a_class(size: int) -> Grades:
    """Seats that solve fewer and fewer tasks, with every outcome among them."""
    seats = []
    for number in range(size):
        verdicts = []
        for place, task in enumerate(TASKS):
            outcome = list(reversed(Outcome))[min(4, (number * 7 + place * 3) % 8)]
            submitted = (
                None if outcome is Outcome.UNANSWERED else NOW - timedelta(minutes=number % 50)
            )
            passed = timedelta(minutes=90 - number % 50) if submitted else None
            said = "That address is in your flow logs, but it's a time server (port 123). " * 2
            points = 2.0 if outcome is Outcome.PASSED else 0.0
            verdicts.append(
                Verdict(task, outcome, said, points, 2.0, number % 4, number % 3, submitted, passed)
            )
        seats.append(
            SeatGrade(f"attendee-number-{number}", f"{210000000000 + number}", tuple(verdicts))
        )
    return Grades(
        workshop="immersion-day",
        scenario="malicious_callout",
        graded_at=NOW,
        seats=tuple(seats),
        questions=tuple(Question(t, f"What is the {t}? " * 4, 2.0, ("a", "b")) for t in TASKS),
        possible_copies=(PossibleCopy(seats[1].seat, "command", seats[0].seat),),
    )


def chromium(folder: Path, *arguments: str) -> str:
    assert CHROMIUM is not None
    fixed = (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={folder / 'profile'}",
    )  # fmt: skip
    done = subprocess.run(  # noqa: S603 - a browser of this machine
        [CHROMIUM, *fixed, *arguments], capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    return done.stdout


def measured(folder: Path, page: str, width: int) -> dict[str, Any]:
    """The measurements of the page in a frame of this width."""
    frame = f'<iframe width="{width}" height="900" style="border:0" srcdoc="{html.escape(page)}"></iframe>'
    file = folder / "frame.html"
    file.write_text(
        f"<!doctype html><meta charset=utf-8><script>{MEASURE}</script>{frame}", "utf-8"
    )
    dom = chromium(folder, "--window-size=1400,1000", "--dump-dom", file.as_uri())
    title = re.search(r"<title>(.*?)</title>", dom)
    assert title, "the page was not measured"
    found: dict[str, Any] = json.loads(html.unescape(title[1]))
    return found


@pytest.mark.parametrize("size", [3, 300])
@pytest.mark.parametrize("width", [PHONE, PROJECTOR])
def test_the_page_fits_its_window_and_can_be_read(tmp_path: Path, size: int, width: int) -> None:
    found = measured(tmp_path, as_html(a_class(size)), width)

    assert found["inner"] == width
    assert found["width"] <= width, "the page is wider than its window"
    assert found["matrix"] <= width, "the class does not fit"
    assert found["rows"] == size
    assert found["cut"] == [], "text of a chart is cut off"
    assert set(found["text_size"]) == {"chart-scores", "chart-outcomes", "chart-times"}
    assert min(found["text_size"].values()) >= 9
    assert found["least_contrast"] >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize(("size", "most"), [(3, 4), (300, 16)])
def test_on_paper_it_is_a_few_pages(tmp_path: Path, size: int, most: int) -> None:
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(as_html(a_class(size)), encoding="utf-8")

    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri())

    pages = len(re.findall(rb"/Type\s*/Page\b(?!s)", paper.read_bytes()))
    assert 1 <= pages <= most
