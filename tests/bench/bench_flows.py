"""Compare reading flow log lines with flowlogs_reader, alternating in one run.

It measures two things: how long it takes to answer what a check asks (everything about an address, everything that
got through to port 22), for which flowlogs_reader must read every line; and how long it takes to parse every line
into a record. The traffic is that of a server on the internet: web requests, and scanners that are rejected.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence

from flowlogs_reader import FlowRecord as TheirRecord

from labkit.evidence import flows

LINES = 20_000
_RUNS = 9
_ADDRESS = "198.51.100.77"


def sample(count: int) -> list[str]:
    """Lines in the default format. In a thousand, one is about the address, and one is a login."""
    rng = random.Random(7)  # noqa: S311 - traffic, no secrets
    return [_line(rng, number) for number in range(count)]


def _line(rng: random.Random, number: int) -> str:
    far = _ADDRESS if number % 1000 == 0 else f"{rng.randrange(1, 223)}.{rng.randrange(256)}.7.9"
    port, action = rng.choice(((443, "ACCEPT"), (80, "ACCEPT"), (22, "REJECT"), (23, "REJECT")))
    if number % 1000 == 500:
        port, action = 22, "ACCEPT"
    begin = 1_772_440_000 + number // 10 * 60
    ends = f"{far} 10.20.0.11 {rng.randrange(1024, 65536)} {port}"
    size = f"6 {rng.randrange(1, 90)} {rng.randrange(40, 90_000)}"
    return f"2 210000000001 eni-0a1a2a3a4a5a6a7a8 {ends} {size} {begin} {begin + 59} {action} OK"


def their_answer(lines: Sequence[str]) -> tuple[int, int]:
    records = [TheirRecord.from_cwl_event({"message": line}) for line in lines]
    about = sum(record.bytes for record in records if _ADDRESS in (record.srcaddr, record.dstaddr))
    logins = (r for r in records if 22 in (r.srcport, r.dstport) and r.action == "ACCEPT")
    return about, sum(record.bytes for record in logins)


def our_answer(lines: Sequence[str]) -> tuple[int, int]:
    records = flows.parse(lines)
    about = sum(record.bytes or 0 for record in flows.with_address(records, _ADDRESS))
    return about, sum(record.bytes or 0 for record in flows.with_port(records, 22, "ACCEPT"))


def their_records(lines: Sequence[str]) -> int:
    return sum(TheirRecord.from_cwl_event({"message": line}).bytes for line in lines)


def our_records(lines: Sequence[str]) -> int:
    return sum(record.bytes or 0 for record in flows.parse(lines))


def seconds(function: Callable[[Sequence[str]], object], lines: Sequence[str]) -> float:
    began = time.perf_counter()
    function(lines)
    return time.perf_counter() - began


def main() -> None:
    """Print the microseconds per line for both, and how many times as fast labkit is."""
    lines = sample(LINES)
    for name, theirs, ours in (
        ("what a check asks", their_answer, our_answer),
        ("every record made", their_records, our_records),
    ):
        if theirs(lines) != ours(lines):
            raise RuntimeError("the two do not say the same")
        pairs = [(seconds(theirs, lines), seconds(ours, lines)) for _ in range(_RUNS)]
        them, us = (1e6 * statistics.median(p) / LINES for p in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        print(
            f"{name}: flowlogs_reader {them:5.2f} us, labkit {us:5.2f} us a line, {ratio:.1f} times as fast"
        )


if __name__ == "__main__":
    main()
