"""Runs ``labkit`` as a process of its own without the second that an interpreter takes to load it.

One process per test worker loads labkit and then forks for each command, with the command's own environment,
folder, and standard streams. So a command is as separate as if a shell had started it.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_SERVE = """
import contextlib, gc, json, os, socket, sys

import asyncssh, boto3, rich.console, rich.table, pytest
import labkit.cli, labkit.workflow.operations, labkit.workflow.attendee_seat, labkit.workflow.grade
from labkit.aws.botocore_sessions import botocore_session
import labkit.report.write, labkit.grading.session, labkit.simulate.ssh, pocketaws.cli, pocketaws.running

labkit.cli.load_verbs()
session = boto3.Session("key", "secret", region_name="eu-west-1", botocore_session=botocore_session())
for service in (
    "athena", "cloudformation", "cloudtrail", "ec2", "ec2-instance-connect", "events", "glue", "guardduty",
    "iam", "logs", "organizations", "resourcegroupstaggingapi", "s3", "scheduler", "sns", "ssm", "sts",
):
    session.client(service)  # makes no call; its model stays read
gc.collect()
gc.freeze()  # else each child's collector would copy every page
listener = socket.socket(fileno=int(sys.argv[1]))
while True:
    connection, _ = listener.accept()
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    request, streams, _, _ = socket.recv_fds(connection, 65536, 3)
    if os.fork() == 0:
        break
    connection.close()
    for stream in streams:
        os.close(stream)
listener.close()
command = os.fork()
if command:
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    connection.sendall(str(code).encode())
    os._exit(0)
connection.close()
wanted = json.loads(open(request.decode(), encoding="utf-8").read())
for number, stream in enumerate(streams):
    os.dup2(stream, number)
os.chdir(wanted["folder"])
os.environ.clear()
os.environ.update(wanted["environment"])
sys.argv = ["labkit", *wanted["arguments"]]
labkit.cli.main()
"""


def run_preloaded(
    arguments: tuple[str, ...],
    folder: Path,
    environment: Mapping[str, str],
    typed: str,
    timeout: float,
) -> subprocess.CompletedProcess[str]:
    """Run ``labkit`` and wait for it; raises ``TimeoutError`` after ``timeout`` seconds."""
    with tempfile.TemporaryDirectory() as temporary:
        files = [Path(temporary) / name for name in ("in", "out", "err", "request")]
        files[0].write_text(typed, encoding="utf-8")
        wanted = {"arguments": arguments, "folder": str(folder), "environment": dict(environment)}
        files[3].write_text(json.dumps(wanted), encoding="utf-8")
        with (
            files[0].open("rb") as stdin,
            files[1].open("wb") as stdout,
            files[2].open("wb") as stderr,
            socket.socket(socket.AF_UNIX) as connection,
        ):
            connection.settimeout(timeout)
            connection.connect(_server())
            streams = [stdin.fileno(), stdout.fileno(), stderr.fileno()]
            socket.send_fds(connection, [str(files[3]).encode()], streams)
            code = int(connection.recv(64))
        out, err = (file.read_text(encoding="utf-8") for file in files[1:3])
        return subprocess.CompletedProcess(arguments, code, out, err)


@functools.cache
def _server() -> str:
    """The address of this worker's loaded process, which is started on first use."""
    folder = tempfile.TemporaryDirectory()
    path = str(Path(folder.name) / "labkit")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(listener.fileno())],
        pass_fds=[listener.fileno()],
        env={**os.environ, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
    )
    listener.close()
    atexit.register(folder.cleanup)
    atexit.register(process.wait)
    atexit.register(process.kill)
    return path
