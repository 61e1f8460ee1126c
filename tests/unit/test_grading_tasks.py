from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import labkit
from labkit import Address, Evidence, Hint, Source, Text, Wrong, task
from labkit.errors import UsageError
from labkit.grading import checks
from labkit.grading.checks import BrokenCheck


def test_check_authors_names_load_nothing_heavy() -> None:
    code = (
        "import sys; from labkit import task, Wrong, Pending, Hint, Source, Address, Evidence; "
        "print([m for m in ('pytest', 'boto3', 'botocore', 'rich', 'typer', 'pydantic', 'jinja2') "
        "if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    for name in labkit.__all__:
        assert getattr(labkit, name).__name__ == name
        assert name in dir(labkit)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        labkit.nothing  # noqa: B018


def test_a_task_is_a_decorated_function() -> None:
    @task(points=2, needs=(Source.FLOWS,))
    def peer(answer: Address, evidence: Evidence) -> None:
        """Say who it was.

        Look twice.
        """
        if answer != evidence.seat:
            raise Wrong("No.")

    assert (peer.name, peer.points, peer.unique) == ("peer", 2.0, False)
    assert peer.question == "Say who it was.\n\nLook twice."
    assert peer.read((" [192.0.2.7]:22",)) == "192.0.2.7"


def test_a_task_without_question_or_type_is_refused() -> None:
    def silent(answer: Address, evidence: Evidence) -> None:
        pass

    def untyped(answer, evidence) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Say which."""

    def odd(answer: int, evidence: Evidence) -> None:
        """Say which."""

    for function, problem in (
        (silent, "no docstring"),
        (untyped, "no type annotation for its answer"),
        (odd, "isn't an answer type"),
    ):
        with pytest.raises(TypeError, match=problem):
            task(points=1, needs=())(function)


@pytest.mark.parametrize(
    "values",
    [("nadia", "192.0.2.7"), ("192.0.2.7", "nadia"), ("nadia 192.0.2.7",), ("192.0.2.7,nadia",)],
)
def test_several_values_are_told_by_their_types(values: tuple[str, ...]) -> None:
    @task(points=1, needs=())
    def both(answer: tuple[Text, Address], evidence: Evidence) -> None:
        """Say who, and from where."""

    assert both.read(values) == ("nadia", "192.0.2.7")
    with pytest.raises(Wrong, match="Give 2 values"):
        both.read(("nadia",))


GOOD = '''
from labkit import Text, Evidence, task
@task(points=1, needs=(), order={order})
def {name}(answer: Text, evidence: Evidence) -> None:
    """What?"""
'''


def test_tasks_are_found_in_their_order_and_share_modules_of_their_folder(tmp_path: Path) -> None:
    (tmp_path / "shared.py").write_text("ORDER = 1\n")
    (tmp_path / "check_a.py").write_text(GOOD.format(name="a", order=2))
    (tmp_path / "check_b.py").write_text(
        "from .shared import ORDER\n" + GOOD.format(name="b", order="ORDER")
    )

    assert [found.name for found in checks.tasks(tmp_path)] == ["b", "a"]


def test_two_folders_do_not_see_each_others_modules(tmp_path: Path) -> None:
    for number, name in enumerate(("one", "two")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "shared.py").write_text(f"POINTS = {number + 1}\n")
        (folder / "check_a.py").write_text(
            "from .shared import POINTS\n"
            + GOOD.format(name="a", order=1).replace("points=1", "points=POINTS")
        )

    found = [checks.tasks(tmp_path / name)[0].points for name in ("one", "two", "one")]

    assert found == [1.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("this is no Python", "SyntaxError"),
        ("raise SystemExit", "SystemExit"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("", "it must contain exactly one task, named x"),
        (GOOD.format(name="y", order=1), "it must contain exactly one task, named x"),
        (
            GOOD.format(name="x", order=1) + GOOD.format(name="y", order=1),
            "it must contain exactly one task, named x",
        ),
    ],
)
def test_a_broken_check_does_not_take_the_others_down(
    tmp_path: Path, source: str, problem: str
) -> None:
    (tmp_path / "check_a.py").write_text(GOOD.format(name="a", order=9))
    (tmp_path / "check_x.py").write_text(source)

    found = checks.load(tmp_path)

    assert [file.name for file in found] == ["a", "x"]
    assert found[1].content == BrokenCheck("x", "check_x.py", problem)


def test_a_folder_without_checks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no checks in"):
        checks.load(tmp_path)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"points": "2"}, "points must be a number"),
        ({"points": True}, "points must be a number"),
        ({"points": float("nan")}, "points must be finite"),
        ({"points": -1}, "points must be finite and not negative"),
        ({"needs": Source.FLOWS}, "needs must be a tuple of sources"),
        ({"needs": ("flows",)}, "needs must be a tuple of sources"),
        ({"hints": ("Look.",)}, "hints must be a tuple of hints"),
        ({"hints": Hint("Look.")}, "hints must be a tuple of hints"),
        ({"hints": (Hint(""),)}, "a hint needs a text"),
        ({"hints": (Hint("Look.", -1),)}, "the cost of a hint must be finite"),
        ({"hints": (Hint("Look.", "1"),)}, "the cost of a hint must be a number"),  # type: ignore[arg-type]
        ({"order": "first"}, "order must be a whole number"),
        ({"applies": True}, "applies must be a function"),
    ],
)
def test_a_mistyped_argument_is_refused_when_the_check_loads(
    options: dict[str, object], problem: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=problem):
        task(**{"points": 1, "needs": (), **options})  # type: ignore[arg-type]


def test_a_generator_or_a_coroutine_is_no_check() -> None:
    def one_by_one(answer: Address, evidence: Evidence):  # type: ignore[no-untyped-def]  # noqa: ANN202, ARG001
        """Say which."""
        yield

    async def later(answer: Address, evidence: Evidence) -> None:
        """Say which."""

    for function in (one_by_one, later):
        with pytest.raises(TypeError, match="would check nothing"):
            task(points=1, needs=())(function)  # type: ignore[arg-type]


def test_what_is_wrong_with_a_task_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "check_x.py").write_text(GOOD.format(name="x", order="'first'"))

    (file,) = checks.load(tmp_path)

    assert isinstance(file.content, BrokenCheck)
    assert file.content.problem == "TypeError in line 3: order must be a whole number"
