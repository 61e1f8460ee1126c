"""What the gateway costs per call compared with bare moto, including signature, policies, records, and journal.

Both are asked in process by the same boto3 clients, so that the client's part and the network's are the same:
bare moto by its own ``mock_aws`` (which looks at neither signatures nor policies), the local AWS by handing over
each request as it would be sent. The processor's time is taken, of calls in turn. The caller is a role's session
with a policy of a few statements. ``moto_server`` needs Flask, which labkit does not install; so readiness is
measured against what it would import and serve with at least: moto's routing of all services over cheroot.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto import mock_aws

from pocketaws.gateway.http import Headers, HttpRequest
from pocketaws.server import LocalAws
from tests.bench.processes import paired

_ROUNDS = 7
_CALLS = 60
_REGION = "eu-west-1"
_STARTS = 5
Call = Callable[[dict[str, Any], int], Any]

CALLS: dict[str, tuple[str, Call]] = {
    "sts GetCallerIdentity": ("sts", lambda c, _: c["sts"].get_caller_identity()),
    "ec2 DescribeVpcs": ("ec2", lambda c, _: c["ec2"].describe_vpcs()),
    "ec2 CreateSecurityGroup": (
        "ec2",
        lambda c, n: c["ec2"].create_security_group(GroupName=f"group-{n}", Description="d"),
    ),
    "ssm PutParameter": (
        "ssm",
        lambda c, n: c["ssm"].put_parameter(Name=f"/a/{n}", Value="v", Type="String"),
    ),
    "ssm GetParameter": ("ssm", lambda c, _: c["ssm"].get_parameter(Name="/first")),
    "iam GetRole": ("iam", lambda c, _: c["iam"].get_role(RoleName="bench")),
    "s3 PutObject": (
        "s3",
        lambda c, n: c["s3"].put_object(Bucket="bench-bucket", Key=f"k{n}", Body=b"x" * 1000),
    ),
    "s3 GetObject": (
        "s3",
        lambda c, _: c["s3"].get_object(Bucket="bench-bucket", Key="first")["Body"].read(),
    ),
}
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["ec2:*", "ssm:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["iam:Get*", "sts:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::bench-*"},
        {
            "Effect": "Deny",
            "Action": "ec2:Terminate*",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
        },
    ],
}


class _Raw(BytesIO):
    """A response body in the form that botocore reads."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """The rest of the body."""
        yield self.read()


def into(aws: LocalAws) -> Callable[..., AWSResponse]:
    """A hook that passes requests to an emulator in this process."""

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        parts = urlsplit(request.url)
        headers = {
            name: value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        headers.setdefault("Host", parts.netloc)
        body = request.body.read() if hasattr(request.body, "read") else request.body or b""
        answer = aws.gateway.handle(
            HttpRequest(
                request.method, parts.path or "/", parts.query, Headers(headers),
                body.encode() if isinstance(body, str) else bytes(body),
            )
        )  # fmt: skip
        return AWSResponse(request.url, answer.status, answer.headers, _Raw(answer.body))

    return send


def clients(aws: LocalAws | None, *keys: str) -> dict[str, Any]:
    """One client for each service, for the emulator or for whatever is mocked."""
    session = boto3.Session(*keys, region_name=_REGION)
    made: dict[str, Any] = {}
    for service in sorted({service for service, _ in CALLS.values()}):
        endpoint = aws.endpoint if aws is not None else None
        made[service] = session.client(service, endpoint_url=endpoint)
        if aws is not None:
            made[service].meta.events.register("before-send", into(aws))
    return made


def prepare(own: dict[str, Any]) -> dict[str, str]:
    """Create what the calls need; returns the keys of a role session."""
    account = own["sts"].get_caller_identity()["Account"]
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = own["iam"].create_role(RoleName="bench", AssumeRolePolicyDocument=document)["Role"][
        "Arn"
    ]
    own["iam"].put_role_policy(
        RoleName="bench", PolicyName="bench", PolicyDocument=json.dumps(_POLICY)
    )
    own["s3"].create_bucket(
        Bucket="bench-bucket", CreateBucketConfiguration={"LocationConstraint": _REGION}
    )
    own["s3"].put_object(Bucket="bench-bucket", Key="first", Body=b"x" * 1000)
    own["ssm"].put_parameter(Name="/first", Value="v", Type="String")
    keys: dict[str, str] = own["sts"].assume_role(RoleArn=role, RoleSessionName="bench")[
        "Credentials"
    ]
    return keys


def session_of(aws: LocalAws | None, *keys: str) -> dict[str, Any]:
    """The clients of the role session."""
    made = prepare(clients(aws, *keys))
    return clients(aws, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


@contextmanager
def own_side() -> Iterator[dict[str, Any]]:
    """Clients of an emulator with a journal."""
    with tempfile.TemporaryDirectory() as folder, LocalAws(data=Path(folder)) as aws:
        key = aws.administrator
        yield session_of(aws, key.access_key_id, key.secret_access_key)


@contextmanager
def moto_side() -> Iterator[dict[str, Any]]:
    """Clients of bare moto."""
    with mock_aws():
        yield session_of(None, "test", "test")


def answer(side: str) -> None:
    """Run what each line of standard input names, and print the processor seconds per call."""
    with own_side() if side == "own" else moto_side() as made:
        for line in sys.stdin:
            name, _, first = line.strip().rpartition(" ")
            began = time.process_time()
            for number in range(int(first), int(first) + _CALLS):
                CALLS[name][1](made, number)
            print((time.process_time() - began) / _CALLS, flush=True)


class Side:
    """One of the two candidates, in a separate process."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bench_gateway", name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def seconds(self, name: str, first: int) -> float:
        """The time that one call takes."""
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("pipes were asked for")
        self._process.stdin.write(f"{name} {first}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def end(self) -> None:
        """Let the process end."""
        self._process.communicate()


def overhead() -> None:
    """Print both times and their ratio for each operation, and the ratio for all together."""
    own, bare = Side("own"), Side("moto")
    totals = [0.0, 0.0]
    for name in CALLS:
        pairs = [
            (own.seconds(name, n * _CALLS), bare.seconds(name, n * _CALLS))
            for n in range(_ROUNDS + 1)
        ][1:]
        ours, theirs = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
        totals = [totals[0] + ours, totals[1] + theirs]
        print(
            f"{name:<24} own {ours * 1000:6.2f} ms   moto {theirs * 1000:6.2f} ms   {ours / theirs:5.2f} x"
        )
    print(f"{'all':<24} {'':<32} {totals[0] / totals[1]:5.2f} x")
    own.end()
    bare.end()


_OURS = """
import os, urllib.request
from pocketaws.server import LocalAws
aws = LocalAws().start()
urllib.request.urlopen(aws.endpoint + "/_pocketaws/health").read()
os._exit(0)
"""
_THEIRS = """
import os, threading, urllib.request
import moto.backends, moto.core.responses, moto.core.botocore_stubber
from moto import mock_aws
from cheroot.wsgi import Server
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
mock_aws().start()
import moto.iam.urls, moto.sts.urls, moto.s3.urls, moto.organizations.urls
server = Server(("127.0.0.1", 0), application)
server.prepare()
threading.Thread(target=server.serve, daemon=True).start()
urllib.request.urlopen("http://127.0.0.1:%d/" % server.bind_addr[1]).read()
os._exit(0)
"""
_MOTO_SERVER = """
import os, threading, urllib.request
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(port=0)
server.start()
urllib.request.urlopen("http://%s:%d/moto-api/data.json" % server.get_host_and_port()).read()
os._exit(0)
"""


def readiness() -> None:
    """Print how long both take from start to the first answer, with all bytecode compiled."""
    with tempfile.TemporaryDirectory() as compiled:
        os.environ["PYTHONPYCACHEPREFIX"] = compiled
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        trial = [sys.executable, "-W", "ignore", "-c", _MOTO_SERVER]
        real = subprocess.run(trial, check=False, capture_output=True).returncode == 0
        other = _MOTO_SERVER if real else _THEIRS
        ours, theirs, ratio = paired(
            [sys.executable, "-c", _OURS], [sys.executable, "-W", "ignore", "-c", other], _STARTS
        )
    name = "moto_server" if real else "moto's imports and cheroot (no Flask for moto_server)"
    print(f"ready to serve: own {ours:.2f} s, {name} {theirs:.2f} s, {ratio:.2f} x")


def main() -> None:
    """Print both benchmarks."""
    overhead()
    readiness()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        answer(sys.argv[1])
    else:
        main()
