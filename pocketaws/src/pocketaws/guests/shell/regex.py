"""Matching regular expressions in time that grows with the text, whatever the expression.

Python's own matcher can take for ever over a dozen characters, and a guest's command runs while the whole
world waits. So expressions are run as automata, all alternatives at once (after Thompson and Pike): the
leftmost match, and of those the longest, as POSIX wants it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .regex_syntax import Builder, RegexError, Step

__all__ = ["Expression", "Found", "RegexError", "compile_posix"]

Saved = tuple[int, ...]
Spend = Callable[[int], None]
_VISITS_A_STEP = 100


def _nothing(_steps: int) -> None:
    """For whoever does not count."""


@dataclass(frozen=True, slots=True)
class Found:
    """A match: where it is, and what its groups hold."""

    text: str
    saved: Saved

    @property
    def start(self) -> int:
        return self.saved[0]

    @property
    def end(self) -> int:
        return self.saved[1]

    def group(self, number: int = 0) -> str:
        """The text of a group (empty where it took no part)."""
        if 2 * number + 1 >= len(self.saved) or self.saved[2 * number] < 0:
            return ""
        return self.text[self.saved[2 * number] : self.saved[2 * number + 1]]

    @property
    def groups(self) -> int:
        return len(self.saved) // 2 - 1


class Expression:
    """A compiled expression."""

    def __init__(self, program: list[Step], groups: int) -> None:
        self._program = program
        self._blank: Saved = (-1,) * (2 * groups + 2)

    def search(self, text: str, start: int = 0, spend: Spend = _nothing) -> Found | None:
        """The leftmost longest match from a position on; ``spend`` is told of the work as it is done."""
        visits = 0
        best: Saved | None = None
        threads: dict[int, Saved] = {}
        for at in range(start, len(text) + 1):
            if best is None:
                self._add(threads, 0, text, at, (at, *self._blank[1:]))
            elif not threads:
                break
            visits += len(threads)
            if visits >= _VISITS_A_STEP:
                spend(visits // _VISITS_A_STEP)
                visits = 0
            following: dict[int, Saved] = {}
            char = text[at] if at < len(text) else ""
            for number, saved in threads.items():
                step = self._program[number]
                if step.kind == "match":
                    if best is None or saved[0] < best[0] or (saved[0] == best[0] and at > best[1]):
                        best = (saved[0], at, *saved[2:])
                elif (
                    char
                    and step.test is not None
                    and step.test(char)
                    and (best is None or saved[0] <= best[0])
                ):
                    self._add(following, number + 1, text, at + 1, saved)
            threads = following
        return None if best is None else Found(text, best)

    def _add(
        self, threads: dict[int, Saved], number: int, text: str, at: int, saved: Saved
    ) -> None:
        """Follow the steps that read nothing; the first way to a step is the one that counts."""
        stack = [(number, saved)]
        passed: set[int] = set()
        while stack:
            here, kept = stack.pop()
            if here in threads or here in passed:
                continue
            step = self._program[here]
            if step.kind in {"char", "match"}:
                threads[here] = kept
                continue
            passed.add(here)
            if step.kind == "jump":
                stack.append((here + step.first, kept))
            elif step.kind == "split":
                stack.append((here + step.second, kept))
                stack.append((here + step.first, kept))
            elif step.kind == "save":
                stack.append((here + 1, (*kept[: step.first], at, *kept[step.first + 1 :])))
            elif _holds(step.name, text, at):
                stack.append((here + 1, kept))

    def finditer(self, text: str, spend: Spend = _nothing) -> Iterator[Found]:
        """Every match, one after the other."""
        at = 0
        while at <= len(text):
            found = self.search(text, at, spend)
            if found is None:
                return
            yield found
            at = found.end + (1 if found.end == found.start else 0)

    def subn(
        self, new: Callable[[Found], str], text: str, count: int = 0, spend: Spend = _nothing
    ) -> tuple[str, int]:
        """The text with matches replaced (all, or the first ``count``), and how many there were."""
        made: list[str] = []
        done = at = 0
        for found in self.finditer(text, spend):
            made += [text[at : found.start], new(found)]
            at = found.end
            done += 1
            if done == count:
                break
        return "".join(made) + text[at:], done


def _word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")


def _holds(name: str, text: str, at: int) -> bool:
    before, behind = _word(text, at - 1), _word(text, at)
    return {
        "^": at == 0,
        "$": at == len(text),
        "b": before is not behind,
        "B": before is behind,
        "<": behind and not before,
        ">": before and not behind,
    }[name]


@functools.lru_cache(maxsize=256)
def compile_posix(text: str, *, extended: bool, ignore_case: bool = False) -> Expression:
    """The compiled form of a basic or extended expression; raises ``RegexError``."""
    builder = Builder(text, extended=extended, ignore_case=ignore_case)
    return Expression(builder.program(), builder.groups)
