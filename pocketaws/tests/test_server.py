"""The HTTP server among a class of clients, some of them slow, broken or greedy."""

from __future__ import annotations

import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from pocketaws.errors import AwsError
from pocketaws.gateway import connections
from pocketaws.gateway.body import MAX_BODY_BYTES, BodyMemory
from pocketaws.inputs import world_input
from pocketaws.server import LocalAws
from pocketaws.world import World

from .conftest import REGION, ClientFactory, client_factory

HEALTH = b"GET /_pocketaws/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
_MEGABYTE = 1 << 20


@contextmanager
def connection(aws: LocalAws, sent: bytes = b"") -> Iterator[socket.socket]:
    """A bare connection on which some bytes have been sent."""
    host, _, port = aws.endpoint.removeprefix("http://").partition(":")
    with closing(socket.create_connection((host, int(port)), timeout=10)) as client:
        client.sendall(sent)
        yield client


def answer(client: socket.socket) -> bytes:
    """What comes back until the end, or until a whole answer with a length is there."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = client.recv(65536)
        if not piece:
            return got
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                piece = client.recv(65536)
                if not piece:
                    break
                body += piece
    return head + b"\r\n\r\n" + body


def post(length: bytes = b"", *more: bytes) -> bytes:
    lines = (b"POST / HTTP/1.1", b"Host: localhost", *more)
    fields = [*lines, b"Content-Length: " + length] if length else [*lines]
    return b"\r\n".join(fields) + b"\r\n\r\n"


def resident_peak() -> int:
    """The most bytes that this process has had in memory."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def test_silent_and_half_sent_requests_keep_nobody_waiting(local_aws: LocalAws) -> None:
    with ExitStack() as stack:
        for sent in [b""] * 150 + [b"POST / HT"] * 20 + [post(b"1000") + b"half"] * 20:
            stack.enter_context(connection(local_aws, sent))
        began = time.monotonic()
        with connection(local_aws, HEALTH) as client:
            assert answer(client).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < 2


def test_a_hundred_clients_work_at_once_and_keep_their_connections(
    local_aws: LocalAws, administrator: ClientFactory
) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connection(local_aws)) for _ in range(100)]

        def two_in_a_row(client: socket.socket) -> None:
            for _ in range(2):  # both on the one connection
                client.sendall(HEALTH)
                assert b'{"status": "ok"}' in answer(client)

        with ThreadPoolExecutor(100) as pool:
            list(pool.map(two_in_a_row, clients))
        began = time.monotonic()
        administrator("sts").get_caller_identity()  # beside a hundred idle ones
        assert time.monotonic() - began < 2
        two_in_a_row(clients[0])


def test_a_request_that_comes_too_slowly_is_given_up(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_READ_SECONDS", 0.5)
    with connection(local_aws, b"GET /_pocketaws/health HTTP/1.1\r\n") as client:
        sent = 0
        with suppress(OSError):  # the connection is gone
            while sent < 50:
                client.sendall(b"X-Slow: 1\r\n")
                sent += 1
                time.sleep(0.1)
        assert 3 < sent < 30


def test_an_idle_connection_is_kept_for_a_while_only(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_aws._server, "timeout", 0.5)
    with connection(local_aws, HEALTH) as client:
        assert answer(client)
        assert client.recv(1) == b""


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ((b"Content-Length: -5",), b"400"),
        ((b"Content-Length: 1_0",), b"400"),
        ((b"Content-Length: 5", b"Transfer-Encoding: chunked"), b"400"),
        ((b"Transfer-Encoding: gzip, chunked",), b"501"),
        ((b"X-Large: " + b"x" * 100_000,), b"413"),
        ((b"No colon",), b"400"),
    ],
)  # fmt: skip
def test_header_fields_that_leave_doubt_are_refused(
    local_aws: LocalAws, fields: tuple[bytes, ...], what: bytes
) -> None:
    with connection(local_aws, post(b"", *fields)) as client:
        assert answer(client).split()[1] == what


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(local_aws: LocalAws) -> None:
    declared = str(MAX_BODY_BYTES + 1).encode()
    for expects in ((), (b"Expect: 100-continue",)):
        with connection(local_aws, post(declared, *expects)) as client:
            assert answer(client).split()[1] == b"413"


def test_a_client_that_sends_a_body_that_is_too_large_still_gets_its_answer(
    local_aws: LocalAws,
) -> None:
    peak = resident_peak()
    piece = b"x" * _MEGABYTE
    with connection(local_aws, post(str(80 * _MEGABYTE).encode())) as client:
        for _ in range(80):
            client.sendall(piece)
        assert answer(client).split()[1] == b"413"
    assert resident_peak() - peak < 20 * _MEGABYTE


def test_a_chunked_body_is_bounded_too(local_aws: LocalAws) -> None:
    head = post(b"", b"Transfer-Encoding: chunked")
    for sent in (b"FFFFFFFFF\r\n", b"%x\r\n" % (MAX_BODY_BYTES + 1)):
        with connection(local_aws, head + sent) as client:
            assert answer(client).split()[1] == b"413"
    for broken in (
        b"x\r\n",
        b"-1\r\n",
        b"5\r\nhello!!",
        b"1" * 5000,
        b"0\r\n" + b"a: b\r\n" * 9000,
    ):
        with connection(local_aws, head + broken) as client:
            assert answer(client).split()[1] == b"400"


def test_a_chunked_request_is_understood_and_the_next_one_after_it(local_aws: LocalAws) -> None:
    body = b"5;note=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n"
    sent = (
        b"GET /_pocketaws/health HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with connection(local_aws, sent + body) as client:
        assert b'{"status": "ok"}' in answer(client)
        client.sendall(HEALTH)
        assert b'{"status": "ok"}' in answer(client)


def test_who_asks_before_sending_is_told_to_go_on(local_aws: LocalAws) -> None:
    with connection(local_aws, post(b"5", b"Expect: 100-continue")) as client:
        assert client.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")
        assert answer(client).split()[1] == b"403"  # not signed


def test_a_large_object_arrives_whole_and_quickly(administrator: ClientFactory) -> None:
    s3 = administrator("s3")
    s3.create_bucket(Bucket="large", CreateBucketConfiguration={"LocationConstraint": REGION})
    data = bytes(range(256)) * (20 * _MEGABYTE // 256)
    began = time.process_time()
    s3.put_object(Bucket="large", Key="it", Body=data, Metadata={"with_line": "a"})
    assert time.process_time() - began < 5
    found = s3.get_object(Bucket="large", Key="it")
    assert found["Body"].read() == data
    assert found["Metadata"] == {"with_line": "a"}


def test_bodies_share_a_bounded_memory() -> None:
    memory = BodyMemory(total=100, wait_seconds=0.05)
    with memory.lease() as first:
        first.grow(80)
        with memory.lease() as second, pytest.raises(AwsError) as refused:
            second.grow(30)
        assert (refused.value.code, refused.value.status) == ("SlowDown", 503)
    with memory.lease() as third:
        third.grow(100)


def test_a_body_waits_for_the_memory_of_another() -> None:
    memory = BodyMemory(total=100, wait_seconds=10)
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with memory.lease() as lease:
            lease.grow(100)
            taken.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait(10)
    threading.Timer(0.1, done.set).start()
    with memory.lease() as lease:
        lease.grow(100)
    holder.join()


@world_input("test.linger")
def _linger(world: World, begun: threading.Event, seconds: float) -> None:
    assert world.now
    begun.set()
    time.sleep(seconds)


def test_a_stop_answers_what_is_under_way_and_waits_for_nobody_else() -> None:
    aws = LocalAws(region=REGION).start()
    key = aws.administrator
    sts = client_factory(aws, key.access_key_id, key.secret_access_key)("sts")
    sts.get_caller_identity()
    begun = threading.Event()
    with ThreadPoolExecutor(4) as pool, ExitStack() as stack:
        for sent in (b"", b"POST / HT", post(b"1000") + b"half"):
            stack.enter_context(connection(aws, sent))
        busy = pool.submit(aws.world.apply, "test.linger", begun=begun, seconds=2.0)
        begun.wait(5)
        under_way = pool.submit(sts.get_caller_identity)  # waits for its turn
        time.sleep(0.3)
        began = time.monotonic()
        aws.stop()
        assert time.monotonic() - began < 6
        assert under_way.result(timeout=1)["Account"] == aws.world.management_account
        busy.result(timeout=1)
        with pytest.raises(OSError, match="refused"), connection(aws):
            pass


def test_what_a_stop_answered_is_there_afterwards(tmp_path: Path) -> None:
    aws = LocalAws(region=REGION, data=tmp_path).start()
    key = aws.administrator
    ssm = client_factory(aws, key.access_key_id, key.secret_access_key)("ssm")

    def put_until_refused() -> list[str]:
        done: list[str] = []
        try:
            while True:
                ssm.put_parameter(Name=f"/p/{len(done)}", Value="1", Type="String")
                done.append(f"/p/{len(done)}")
        except (ClientError, BotoCoreError):
            return done

    with ThreadPoolExecutor(1) as pool:
        putting = pool.submit(put_until_refused)
        time.sleep(0.5)
        aws.stop()
        acknowledged = putting.result(timeout=10)
    assert acknowledged
    with LocalAws(region=REGION, data=tmp_path) as again:
        client: Any = client_factory(again, key.access_key_id, key.secret_access_key)("ssm")
        pages = client.get_paginator("get_parameters_by_path").paginate(Path="/p")
        found = {one["Name"] for page in pages for one in page["Parameters"]}
    assert found == set(acknowledged)


def test_head_and_body_of_an_answer_come_in_one_piece(local_aws: LocalAws) -> None:
    with connection(local_aws) as client:
        for _ in range(100):
            client.sendall(HEALTH)
            assert client.recv(65536).endswith(b'{"status": "ok"}')
