"""A local AWS in a process of its own that is killed while clients work, and what must be there afterwards.

Every client has an account. What it was told is done goes into its ledger; the one call that was under way when
the process died may have happened or not, but not half.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError
from botocore.session import Session as BotocoreSession

REGION = "eu-west-1"
_MODELS = Loader(extra_search_paths=[])
_READY_SECONDS = 60
_VERSIONS_KEPT = 100
_SERVE = """
import json, sys, threading
from pathlib import Path
from pocketaws.server import LocalAws
aws = LocalAws(data=Path(sys.argv[1])).start()
key = aws.administrator
print(json.dumps([aws.endpoint, key.access_key_id, key.secret_access_key]), flush=True)
threading.Event().wait()
"""
_TEMPLATE = json.dumps(
    {
        "Parameters": {"Name": {"Type": "String"}},
        "Resources": {
            "Group": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"LogGroupName": {"Ref": "Name"}},
            },
            "Topic": {"Type": "AWS::SNS::Topic", "DependsOn": "Group"},
        },
        "Outputs": {"Topic": {"Value": {"Ref": "Topic"}}},
    }
)


class Process:
    """The local AWS on a state directory."""

    def __init__(self, data: Path) -> None:
        began = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-c", _SERVE, str(data)], stdout=subprocess.PIPE, text=True
        )
        if self._process.stdout is None:
            raise AssertionError("a pipe was asked for")
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"it did not come up: {self._process.wait(_READY_SECONDS)}")
        self.endpoint, self._key, self._secret = json.loads(line)
        self.ready_seconds = time.monotonic() - began

    def administrator(self) -> Callable[[str], Any]:
        """Make clients of the management account's administrator."""
        return self.clients(self._key, self._secret, None)

    def clients(self, key: str, secret: str, token: str | None) -> Callable[[str], Any]:
        """Make clients with credentials, without retries."""
        core = BotocoreSession()
        core.register_component("data_loader", _MODELS)
        core.set_credentials(key, secret, token)
        session = boto3.Session(botocore_session=core, region_name=REGION)
        config = Config(
            retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=30
        )
        return lambda service: session.client(service, endpoint_url=self.endpoint, config=config)

    def kill(self) -> None:
        """End it as nothing can be caught."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@dataclass
class Ledger:
    """What a client was told is done: kind -> name -> what it is."""

    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    under_way: tuple[str, str] | None = None
    requests: list[str] = field(default_factory=list)

    def of(self, kind: str) -> dict[str, Any]:
        return self.done.setdefault(kind, {})


class Client:
    """One member of the class: makes things in an account of its own, and knows what it made."""

    KINDS = ("parameter", "network", "object", "event", "stack", "version")

    def __init__(self, process: Process, name: str, choices: random.Random) -> None:
        self.name = name
        self.ledger = Ledger()
        self._choices = choices
        self._count = 0
        root = process.administrator()
        made = root("organizations").create_account(Email=f"{name}@example.com", AccountName=name)
        account = made["CreateAccountStatus"]["AccountId"]
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        keys = root("sts").assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
        self._keys = (keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        self.account = account
        self.bucket = f"bucket-{account}"
        client = process.clients(*self._keys)
        client("s3").create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        client("logs").create_log_group(logGroupName="work")
        client("logs").create_log_stream(logGroupName="work", logStreamName="work")

    def work(self, process: Process, together: threading.Barrier) -> None:
        """Make one thing after the other until the process dies; begin with the others."""
        client = process.clients(*self._keys)
        clients = {name: client(name) for name in ("ssm", "ec2", "s3", "logs", "cloudformation")}
        together.wait(_READY_SECONDS)
        while True:
            kind = self._choices.choice(self.KINDS)
            name = f"{self.name}-{self._count}"
            self._count += 1
            self.ledger.under_way = (kind, name)
            try:
                made, answer = getattr(self, f"_{kind}")(clients, name)
            except (BotoCoreError, ResponseParserError):
                return  # dead: whether this one happened is not known
            except ClientError as error:
                raise AssertionError(f"{kind} {name} was refused: {error}") from error
            self.ledger.of(kind)[name] = made
            self.ledger.under_way = None
            if kind not in {"object", "event"}:  # those are data events, not in event history
                self.ledger.requests.append(answer["ResponseMetadata"]["RequestId"])

    def _parameter(self, clients: dict[str, Any], name: str) -> tuple[Any, Any]:
        value = name * 10
        answer = clients["ssm"].put_parameter(Name=f"/work/{name}", Value=value, Type="String")
        return value, answer

    def _version(self, clients: dict[str, Any], name: str) -> tuple[Any, Any]:
        answer = clients["ssm"].put_parameter(
            Name="/version", Value=name, Type="String", Overwrite=True
        )
        return answer["Version"], answer

    def _network(self, clients: dict[str, Any], name: str) -> tuple[Any, Any]:
        tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": name}]}]
        answer = clients["ec2"].create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)
        return answer["Vpc"]["VpcId"], answer

    def _object(self, clients: dict[str, Any], name: str) -> tuple[Any, Any]:
        answer = clients["s3"].put_object(Bucket=self.bucket, Key=name, Body=name.encode() * 1000)
        return answer["ETag"], answer

    def _event(self, clients: dict[str, Any], name: str) -> tuple[Any, Any]:
        event = {"timestamp": int(time.time() * 1000), "message": name}
        answer = clients["logs"].put_log_events(
            logGroupName="work", logStreamName="work", logEvents=[event]
        )
        return event["timestamp"], answer

    def _stack(self, clients: dict[str, Any], name: str) -> tuple[Any, Any]:
        parameters = [{"ParameterKey": "Name", "ParameterValue": name}]
        answer = clients["cloudformation"].create_stack(
            StackName=name, TemplateBody=_TEMPLATE, Parameters=parameters
        )
        return answer["StackId"], answer

    def compare(self, process: Process) -> int:
        """Raise ``AssertionError`` unless everything acknowledged is there, and nothing half; returns how many."""
        client = process.clients(*self._keys)
        found = {kind: getattr(self, f"_find_{kind}")(client) for kind in self.KINDS}
        for kind in self.KINDS:
            known = self.ledger.of(kind)
            if kind == "version":
                self._compare_versions(found[kind], known)
                continue
            lost = {name: made for name, made in known.items() if found[kind].get(name) != made}
            if lost:
                raise AssertionError(f"{self.name} lost of kind {kind}: {lost}")
            more = {(kind, name) for name in found[kind].keys() - known.keys()}
            if more - {self.ledger.under_way}:
                raise AssertionError(f"{self.name} has what it never made: {more}")
            known.update(found[kind])
        self._compare_requests(client)
        return sum(len(known) for known in self.ledger.done.values())

    def _compare_versions(self, found: dict[str, int], known: dict[str, int]) -> None:
        """The last hundred versions, which are kept, are there with their numbers, and the numbers have no gaps."""
        last = max(found.values(), default=0)
        lost = {n for n, v in known.items() if found.get(n) != v and v > last - _VERSIONS_KEPT}
        whole = list(range(max(1, last - _VERSIONS_KEPT + 1), last + 1))
        if lost or sorted(found.values()) != whole or last < max(known.values(), default=0):
            raise AssertionError(f"{self.name} has lost versions {lost} of {known}: {found}")
        known.update(found)

    def _compare_requests(self, client: Callable[[str], Any]) -> None:
        """What was answered last is in event history under the ids of its answers."""
        events = client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
        )["Events"]
        seen = {json.loads(event["CloudTrailEvent"])["requestID"] for event in events}
        lost = set(self.ledger.requests[-5:]) - seen
        if lost:
            raise AssertionError(f"{self.name}: event history has lost {lost}")

    def _find_parameter(self, client: Callable[[str], Any]) -> dict[str, Any]:
        pages = client("ssm").get_paginator("get_parameters_by_path").paginate(Path="/work")
        return {
            p["Name"].removeprefix("/work/"): p["Value"] for q in pages for p in q["Parameters"]
        }

    def _find_version(self, client: Callable[[str], Any]) -> dict[str, int]:
        ssm = client("ssm")
        try:
            pages = list(ssm.get_paginator("get_parameter_history").paginate(Name="/version"))
        except ssm.exceptions.ParameterNotFound:
            return {}
        return {p["Value"]: p["Version"] for page in pages for p in page["Parameters"]}

    def _find_network(self, client: Callable[[str], Any]) -> dict[str, Any]:
        ec2 = client("ec2")
        own = [v for v in ec2.describe_vpcs()["Vpcs"] if not v["IsDefault"]]
        groups = {g["VpcId"] for g in ec2.describe_security_groups()["SecurityGroups"]}
        tables = {t["VpcId"] for t in ec2.describe_route_tables()["RouteTables"]}
        half = {v["VpcId"] for v in own if not v.get("Tags")} | (
            {v["VpcId"] for v in own} - (groups & tables)
        )
        if half:
            raise AssertionError(f"{self.name} has half a network: {half}")
        return {vpc["Tags"][0]["Value"]: vpc["VpcId"] for vpc in own}

    def _find_object(self, client: Callable[[str], Any]) -> dict[str, Any]:
        pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {o["Key"]: o["ETag"] for page in pages for o in page.get("Contents", [])}

    def _find_event(self, client: Callable[[str], Any]) -> dict[str, Any]:
        pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName="work")
        events = [event for page in pages for event in page["events"]]
        if len({event["message"] for event in events}) != len(events):
            raise AssertionError(f"{self.name} has an event twice")
        return {event["message"]: event["timestamp"] for event in events}

    def _find_stack(self, client: Callable[[str], Any]) -> dict[str, Any]:
        pages = client("cloudformation").get_paginator("describe_stacks").paginate()
        stacks = [stack for page in pages for stack in page["Stacks"]]
        unfinished = [s["StackName"] for s in stacks if s["StackStatus"] != "CREATE_COMPLETE"]
        if unfinished:
            raise AssertionError(f"{self.name} has stacks that did not go on: {unfinished}")
        topics = {
            t["TopicArn"] for p in client("sns").get_paginator("list_topics").paginate() for t in p["Topics"]
        }  # fmt: skip
        if {stack["Outputs"][0]["OutputValue"] for stack in stacks} != topics:
            raise AssertionError(f"{self.name} has other topics than its stacks made: {topics}")
        return {stack["StackName"]: stack["StackId"] for stack in stacks}


@dataclass
class Class:
    """A class at work on a local AWS that is killed and started again."""

    data: Path
    size: int
    seed: int

    def __post_init__(self) -> None:
        self._choices = random.Random(self.seed)  # noqa: S311 - which moments to kill at
        self.process = Process(self.data)
        self.members = [
            Client(self.process, f"member{number}", random.Random(self.seed + number))  # noqa: S311
            for number in range(self.size)
        ]

    def kill_once(self, *, at_most_seconds: float = 1.5) -> int:
        """Work, kill at a random moment, start again, compare; returns how many things were compared."""
        broken: list[BaseException] = []
        together = threading.Barrier(self.size + 1)

        def work(member: Client) -> None:
            try:
                member.work(self.process, together)
            except BaseException as error:  # noqa: BLE001 - told to whoever runs this
                broken.append(error)

        threads = [threading.Thread(target=work, args=(member,)) for member in self.members]
        for thread in threads:
            thread.start()
        together.wait(_READY_SECONDS)
        time.sleep(self._choices.uniform(0.1, at_most_seconds))
        self.process.kill()
        for thread in threads:
            thread.join()
        if broken:
            raise broken[0]
        self.process = Process(self.data)
        return sum(member.compare(self.process) for member in self.members)
