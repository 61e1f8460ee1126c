"""The executor runs exactly the plan, and a failure stops what depends on it and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from labkit.concurrent import Interrupt
from labkit.errors import CloudError
from labkit.model import Action, Plan
from labkit.planning.executor import Executor, Outcome, Pending, Starter


def action(seat: str | None, name: str, *, required: bool = True) -> Action:
    return Action("1", "eu-west-1", seat, "delete", "thing", name, "a test", required=required)


def settle(pending: Sequence[Pending]) -> Iterator[tuple[Pending, Any]]:
    yield from ((each, None) for each in pending)


def run(
    *stages: tuple[Action, ...],
    start: Callable[[Sequence[Action]], Pending | None],
    batch: int = 1,
) -> list[Outcome]:
    starters = {("delete", "thing"): Starter(start, batch)}
    executor = Executor(starters, settle, Interrupt(), lambda _seat, _what: None)
    return executor.run(Plan("1", "eu-west-1", stages))


def failing(*names: str) -> Callable[[Sequence[Action]], None]:
    def start(actions: Sequence[Action]) -> None:
        for each in actions:
            if each.id in names:
                raise CloudError(f"{each.id} fails", "Fix it.")

    return start


def ends(outcomes: list[Outcome]) -> dict[str, str]:
    return {
        each.action.id: "skipped" if each.skipped else "failed" if each.error else "done"
        for each in outcomes
    }


def test_a_failed_seat_stops_itself_and_what_is_shared() -> None:
    outcomes = run(
        (action("ada", "a1"), action("bob", "b1")),
        (action("ada", "a2"), action("bob", "b2")),
        (action(None, "shared"),),
        start=failing("a1"),
    )
    assert ends(outcomes) == {
        "a1": "failed", "b1": "done", "a2": "skipped", "b2": "done", "shared": "skipped",
    }  # fmt: skip
    assert {str(each.error) for each in outcomes if each.skipped} == {"a1 fails"}


def test_a_failed_shared_action_stops_every_seat() -> None:
    outcomes = run(
        (action(None, "shared"),), (action("ada", "a"), action("bob", "b")), start=failing("shared")
    )
    assert ends(outcomes) == {"shared": "failed", "a": "skipped", "b": "skipped"}


def test_what_is_not_required_stops_nothing() -> None:
    outcomes = run(
        (action("ada", "mess", required=False),), (action("ada", "stack"),), start=failing("mess")
    )
    assert ends(outcomes) == {"mess": "failed", "stack": "done"}


def test_one_call_takes_a_batch_and_its_failure_is_that_of_all() -> None:
    seen: list[int] = []

    def start(actions: Sequence[Action]) -> None:
        seen.append(len(actions))
        failing("p3")(actions)

    outcomes = run(tuple(action("ada", f"p{n}") for n in range(5)), start=start, batch=3)
    assert sorted(seen) == [2, 3]
    assert list(ends(outcomes)) == [f"p{n}" for n in range(5)], "in the plan's order"
    assert list(ends(outcomes).values()) == ["done"] * 3 + ["failed"] * 2


def test_a_pending_action_ends_as_its_stack_does() -> None:
    def refuse(_stack: Any) -> None:
        raise CloudError("rolled back", "Fix it.")

    def start(actions: Sequence[Action]) -> Pending:
        (first,) = actions
        return Pending(first, first.id, refuse if first.id == "bad" else lambda _stack: None)

    outcomes = run((action("ada", "bad"), action("bob", "good")), start=start)
    assert ends(outcomes) == {"bad": "failed", "good": "done"}


def test_a_bug_in_one_action_is_an_error_of_that_action() -> None:
    def start(_actions: Sequence[Action]) -> None:
        raise ZeroDivisionError("a bug")

    (outcome,) = run((action("ada", "a"),), start=start)
    assert "ZeroDivisionError" in str(outcome.error)
