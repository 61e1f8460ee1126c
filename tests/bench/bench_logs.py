"""CloudWatch Logs in the emulator compared with moto: searching a group of a million events, and memory.

    python -m tests.bench.bench_logs [EVENTS]

Both stores are filled with the same flow log lines and asked the same things, in process (what the
store costs) and by boto3 (what a client waits for: the local AWS over HTTP, moto by its mock, which
saves it the network and the signature). The processor's time is taken, so that a
busy machine does not blur it; over HTTP that is the client's and the server's together. moto rescans the group for every page, so
paging through all of it is measured for a few pages and multiplied.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from moto import mock_aws
from moto.logs.models import logs_backends

from pocketaws.server import LocalAws
from pocketaws.setup import root_caller

EVENTS = 1_000_000
_REGION = "eu-west-1"
_GROUP = "bench"
_STREAMS = 10
_BATCH = 5_000
_MOTO_PAGES = 3
_WORD = "REJECT"
_ACCOUNT = "123456789012"
_ROOT = Path(__file__).parents[2]


def batches(events: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """``(stream, events)``; one line in a thousand was rejected."""
    begin = int(time.time() * 1000) - 3_600_000
    for first in range(0, events, _BATCH):
        stream = f"eni-{first // _BATCH % _STREAMS:017x}-all"
        yield (
            stream,
            [
                {
                    "timestamp": begin + first // 10 + n,
                    "message": f"2 {_ACCOUNT} eni-0123456789abcdef0 10.0.{n % 200}.{n % 250} "
                    f"198.51.{n % 240}.{n % 230} {n} 443 6 10 {first + n} 1795495293 1795495353 "
                    f"{_WORD if (first + n) % 1000 == 0 else 'ACCEPT'} OK",
                }
                for n in range(min(_BATCH, events - first))
            ],
        )


def fill_own(aws: LocalAws, events: int) -> Callable[..., dict[str, Any]]:
    """Fill the emulator; returns its ``FilterLogEvents`` in process."""
    caller = root_caller(aws.world.management_account)

    def call(operation: str, **params: Any) -> dict[str, Any]:
        params["logGroupName"] = _GROUP
        return aws.world.call(caller, "logs", operation, _REGION, **params)

    call("CreateLogGroup")
    for number in range(_STREAMS):
        call("CreateLogStream", logStreamName=f"eni-{number:017x}-all")
    for stream, batch in batches(events):
        call("PutLogEvents", logStreamName=stream, logEvents=batch)

    def search(**params: Any) -> dict[str, Any]:
        return call("FilterLogEvents", **params)

    return search


def fill_moto(events: int) -> Callable[..., dict[str, Any]]:
    """Fill moto; returns its search in process."""
    backend = logs_backends[_ACCOUNT][_REGION]
    backend.create_log_group(_GROUP, {})
    for number in range(_STREAMS):
        backend.create_log_stream(_GROUP, f"eni-{number:017x}-all")
    for stream, batch in batches(events):
        backend.put_log_events(_GROUP, stream, batch)

    def search(filterPattern: str = "", nextToken: str | None = None) -> dict[str, Any]:  # noqa: N803
        found, token, _ = backend.filter_log_events(
            _GROUP, [], 0, 0, None, nextToken, filterPattern, interleaved=True
        )
        return {"events": found, **({"nextToken": token} if token else {})}

    return search


def first_page(search: Callable[..., dict[str, Any]]) -> float:
    """Seconds for one page of a pattern that a thousandth of the events match."""
    start = time.process_time()
    search(filterPattern=_WORD)
    return time.process_time() - start


def all_pages(search: Callable[..., dict[str, Any]], events: int, pages: int) -> float:
    """Seconds for paging through everything, from at most ``pages`` pages."""
    start = time.process_time()
    seen, token = 0, {}
    for _ in range(pages):
        page = search(**token)
        seen += len(page["events"])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    return (time.process_time() - start) * events / seen


def resident() -> int:
    """Bytes of this process in memory (Linux)."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def memory(which: str, events: int) -> int:
    """The bytes that filling a store takes, measured in a separate process."""
    command = [sys.executable, "-m", "tests.bench.bench_logs", str(events), which]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


def print_memory(which: str, events: int) -> None:
    """The child process of ``memory``."""
    if which == "own":
        aws = LocalAws(region=_REGION)
        fill_own(aws, 10)
        aws.world.call(
            root_caller(aws.world.management_account), "logs", "DeleteLogGroup", _REGION,
            logGroupName=_GROUP,
        )  # fmt: skip
        before = resident()
        kept: Any = fill_own(aws, events)
    else:
        before = resident()
        kept = fill_moto(events)
    print(resident() - before)
    del kept


def boto3_search(endpoint: str | None, key: str, secret: str) -> Callable[..., dict[str, Any]]:
    """A search with boto3."""
    client = boto3.client(
        "logs", region_name=_REGION, endpoint_url=endpoint, aws_access_key_id=key,
        aws_secret_access_key=secret, config=Config(read_timeout=600),
    )  # fmt: skip

    def search(**params: Any) -> dict[str, Any]:
        found: dict[str, Any] = client.filter_log_events(logGroupName=_GROUP, **params)
        return found

    return search


def compare(what: str, own: float, moto: float, unit: str = "s") -> None:
    print(f"{what:44} own {own:10.3f} {unit}   moto {moto:10.3f} {unit}   {moto / own:8.1f} x")


def main(events: int = EVENTS) -> None:
    """Print the ratios."""
    megabyte = 1 << 20
    compare(
        f"memory of {events} events",
        memory("own", events) / megabyte, memory("moto", events) / megabyte, "MB",
    )  # fmt: skip
    with LocalAws(region=_REGION) as aws:
        own, moto = fill_own(aws, events), fill_moto(events)
        compare("first page of a pattern", first_page(own), first_page(moto))
        own_pages = all_pages(own, events, 10 * events)
        compare("all pages", own_pages, all_pages(moto, events, _MOTO_PAGES))
        compare_by_boto3(aws, events)


def compare_by_boto3(aws: LocalAws, events: int) -> None:
    administrator = aws.administrator
    own = boto3_search(aws.endpoint, administrator.access_key_id, administrator.secret_access_key)
    own_first, own_pages = first_page(own), all_pages(own, events, 10 * events)
    mock = mock_aws()
    mock.start(reset=False)
    try:
        moto = boto3_search(None, "test", "test")
        compare("first page of a pattern, by boto3", own_first, first_page(moto))
        compare("all pages, by boto3", own_pages, all_pages(moto, events, _MOTO_PAGES))
    finally:
        mock.stop()


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    if len(sys.argv) > 2:
        print_memory(sys.argv[2], count)
    else:
        main(count)
