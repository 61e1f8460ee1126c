"""What labkit randomizes for a run, and what it does from outside with the credentials that a terminal showed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

import pytest
from botocore.session import get_session

from labkit.aws import ClientError
from labkit.deploy.lab import DeployedLab
from labkit.errors import CloudError, LabkitError, UsageError
from labkit.model import Instance, Lab, Marks, Seat, Workshop
from labkit.scenario import (
    TEMPLATES,
    WITHOUT_THREAT_LIST,
    Call,
    Choice,
    Pick,
    Scenario,
    Settings,
    scenarios,
)
from labkit.simulate.incident import access_method
from labkit.simulate.planner import plan_run
from labkit.simulate.randomize import fill, randomize_run
from labkit.simulate.stolen_credentials import StolenCredentials, read_credentials, use_credentials

SECRET, TOKEN = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2VjEXAMPLE=="
SHOWN = {
    "Code": "Success", "LastUpdated": "2026-03-02T09:10:00Z", "Type": "AWS-HMAC",
    "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": SECRET, "Token": TOKEN,
    "Expiration": "2026-03-02T15:31:00Z",
}  # fmt: skip
PROMPT = "[ec2-user@ip-10-0-0-9 ~]$ "
SERVER = Instance("i-0a", "eni-0a", "10.0.0.9", "203.0.113.2")
HARMLESS = ("id", "pwd", "uptime", "whoami")
LIST = Call(
    "s3", "ListObjectsV2", {"Bucket": "{DataBucket}"}, pick=Pick("object_key", "Contents.Key")
)
READ = Call("s3", "GetObject", {"Bucket": "{DataBucket}", "Key": "{object_key}"})
DENIED = Call("kms", "ListKeys", denied=True)


def scenario(**changes: Any) -> Scenario:
    given: dict[str, Any] = {
        "name": "leak", "title": "", "description": "", "settings": Settings,
        "harmless_commands": HARMLESS, "commands": ("curl {ServerRoleName}/{token}",),
        "marks": Marks(), "outside": (LIST, DENIED, READ), "access_methods": ("ssh",),
        "templates": WITHOUT_THREAT_LIST,
    }  # fmt: skip
    return Scenario(**{**given, **changes})


@dataclass
class Thief:
    """Answers calls from a table, and refuses what isn't in that folder."""

    answers: dict[str, dict[str, Any]]
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    keys: tuple[str, ...] = ()

    def with_keys(self, *keys: str) -> Thief:
        self.keys = keys
        return self

    def call(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((service, operation, parameters))
        if operation not in self.answers:
            error = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
            raise ClientError(error, operation)
        return self.answers[operation]


LISTED = {"ListObjectsV2": {"Contents": [{"Key": "a/1"}, {"Key": "b/2"}]}, "GetObject": {}}


def steal(thief: Any, *calls: Call) -> Any:
    keys = StolenCredentials("ASIA1", SECRET, TOKEN)
    chooser = random.Random(4)  # noqa: S311 - a test repeats its choices
    return use_credentials(keys, thief, calls, {"DataBucket": "data"}, "192.0.2.9", chooser)


def test_the_credentials_are_read_off_the_terminal() -> None:
    line = "curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/{role}"
    body = json.dumps(SHOWN, indent=2).replace("\n", "\r\n")

    keys = read_credentials(f"{line}\r\n{body}{PROMPT}")

    assert (keys.access_key_id, keys.secret_access_key, keys.session_token) == (
        SHOWN["AccessKeyId"], SECRET, TOKEN,
    )  # fmt: skip


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "curl: (7) Failed to connect",
        json.dumps({**SHOWN, "Token": ""}),
        json.dumps({**SHOWN, "Token": None}),
        json.dumps(SHOWN)[:-20],
        f"[{json.dumps({'nested': 1})}] {{ {SECRET}",
    ],
)
def test_what_is_shown_instead_of_credentials_is_in_no_error(shown: str) -> None:
    with pytest.raises(CloudError, match="didn't show any credentials") as refused:
        read_credentials(shown)

    told = (
        f"{refused.value.message} {refused.value.hint} {refused.value!r} {refused.value.__cause__}"
    )
    assert SECRET not in told
    assert "Failed" not in told


def test_keys_show_nothing_but_their_id() -> None:
    text = f"{StolenCredentials('ASIA1', SECRET, TOKEN)!r}"

    assert "ASIA1" in text
    assert SECRET not in text
    assert TOKEN not in text


def test_calls_are_made_in_order_with_what_the_earlier_ones_found() -> None:
    thief = Thief(LISTED)

    done = steal(thief, LIST, DENIED, READ)

    assert thief.keys == ("ASIA1", SECRET, TOKEN)
    assert [operation for _, operation, _ in thief.calls] == [
        "ListObjectsV2",
        "ListKeys",
        "GetObject",
    ]
    assert thief.calls[0][2] == {"Bucket": "data"}
    assert thief.calls[2][2] == {"Bucket": "data", "Key": done.picked["object_key"]}
    assert done.picked["object_key"] in {"a/1", "b/2"}
    assert (done.access_key_id, done.outside_address) == ("ASIA1", "192.0.2.9")
    assert done.outside_calls == ("s3:ListObjectsV2", "kms:ListKeys", "s3:GetObject")
    assert done.denied_calls == ("kms:ListKeys",)
    assert SECRET not in repr(done)


def test_each_of_what_was_found_can_be_picked() -> None:
    found = {
        use_credentials(
            StolenCredentials("A", "B", "C"), Thief(LISTED), [LIST], {"DataBucket": "d"}, None, random.Random(seed)  # type: ignore[arg-type]  # noqa: S311
        ).picked["object_key"]
        for seed in range(20)
    }  # fmt: skip
    assert found == {"a/1", "b/2"}


def test_a_call_that_is_refused_and_should_not_be_is_an_error() -> None:
    with pytest.raises(
        CloudError, match="AWS refused this while calling s3:ListObjectsV2 from outside"
    ):
        steal(Thief({}), LIST)


def test_a_call_that_should_be_refused_and_is_not_is_an_error() -> None:
    with pytest.raises(CloudError, match="AWS should have refused kms:ListKeys"):
        steal(Thief({"ListKeys": {}}), DENIED)


def test_nothing_to_pick_from_is_an_error() -> None:
    with pytest.raises(CloudError, match=r"found nothing to choose from \(Contents.Key\)"):
        steal(Thief({"ListObjectsV2": {"KeyCount": 0}}), LIST)


def test_formats_reach_into_lists_and_tables() -> None:
    thief = Thief({"X": {}})

    steal(
        thief, Call("s3", "X", {"A": ["{DataBucket}", 1], "B": {"C": "x-{DataBucket}"}, "D": True})
    )

    assert thief.calls[0][2] == {"A": ["data", 1], "B": {"C": "x-data"}, "D": True}


def made_up(given: Scenario, seed: int = 1, addresses: tuple[str, ...] = ()) -> Any:
    outputs = {"ServerRoleName": "server-role", "DataBucket": "data"}
    return randomize_run(given, [SERVER], addresses, outputs, "eu-west-1", random.Random(seed))  # noqa: S311 - repeatable


def test_a_run_is_made_up_without_a_threat_list() -> None:
    script = made_up(scenario())

    assert script.callout_address is None
    assert script.lines[-1] == f"curl server-role/{script.values['token']}"
    assert set(script.lines[:-1]) < set(HARMLESS)
    assert script.calls == (LIST, DENIED, READ)


def test_an_address_of_the_threat_list_is_called() -> None:
    given = scenario(commands=("x", "curl {address} {session} {region} {instance_id}"))

    script = made_up(given, addresses=("198.51.100.7",))

    assert script.callout_address == "198.51.100.7"
    assert script.lines[-2:] == (
        "x", f"curl 198.51.100.7 {script.session_name} eu-west-1 i-0a",
    )  # fmt: skip


def test_which_calls_are_made_differs_from_run_to_run() -> None:
    pool = tuple(Call("ec2", f"Describe{n}", denied=True) for n in range(5))
    given = scenario(outside=(LIST, Choice(pool, 2, 3), READ))

    runs = [tuple(call.name for call in made_up(given, seed).calls) for seed in range(40)]

    assert {len(calls) for calls in runs} == {4, 5}
    assert {(calls[0], calls[-1]) for calls in runs} == {(LIST.name, READ.name)}
    assert all(len(set(calls)) == len(calls) for calls in runs)
    assert len(set(runs)) > 10


@pytest.mark.parametrize("text", ["{nobody}", "${x", "{}", "{0}"])
def test_a_format_that_nothing_fills_in_is_told_with_what_there_is(text: str) -> None:
    with pytest.raises(LabkitError, match="can't be filled in") as refused:
        fill(text, {"token": "t", "region": "r"})

    assert "region, token" in refused.value.hint


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "shared"}, "can't be a scenario's name"),
        ({"name": "Two Words"}, "can't be a scenario's name"),
        ({"name": "class"}, "can't be a scenario's name"),
        ({"commands": ()}, "too few commands"),
        ({"harmless_commands": HARMLESS[:2]}, "too few commands, harmless"),
        ({"access_methods": ()}, "or access methods"),
        ({"templates": TEMPLATES}, "only one of the template threat_list and the setting"),
        ({"access_methods": ("ssh", "ssm")}, "an access method other than ssh"),
    ],
)
def test_a_scenario_that_cannot_work_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(LabkitError, match=complaint):
        scenario(**changes)


@pytest.mark.parametrize("name", ["command", "access_key_id", "two words", ""])
def test_what_is_picked_takes_no_name_that_has_a_meaning(name: str) -> None:
    with pytest.raises(LabkitError, match="can't be the name of a pick"):
        Pick(name, "Contents.Key")


def test_a_choice_among_too_few_is_refused() -> None:
    with pytest.raises(LabkitError, match="2 to 3 of 1 call"):
        Choice((LIST,), 2, 3)


def workshop(name: str) -> Workshop:
    return Workshop("acme", name, "eu-west-1", timedelta(hours=8), ())


def test_the_usual_way_is_the_scenarios_first_and_another_than_its_own_is_refused() -> None:
    for name, found in scenarios().items():
        assert access_method(workshop(name), None) == found.access_methods[0]
        assert access_method(workshop(name), "ssh") == "ssh"
        if "ssm" not in found.access_methods:
            with pytest.raises(UsageError, match=f"{name} doesn't support --via ssm"):
                access_method(workshop(name), "ssm")
    assert {found.access_methods for found in scenarios().values()} >= {("ssh",), ("ssh", "ssm")}


def test_the_plan_tells_that_credentials_are_used() -> None:
    server = Instance("i-0123456789abcdef0", "eni-1", "10.0.0.4", "203.0.113.9")
    values = {each.name: each.name for each in fields(Lab)} | {"instances": (server,)}
    deployed = DeployedLab(Lab(**values), "sg-1", {})  # type: ignore[arg-type]
    for name, found in scenarios().items():
        actions = plan_run(workshop(name), Seat("ada"), "1", deployed, (), "ssh")
        used = [("use", "credentials")] if found.outside else []
        assert [(action.verb, action.kind) for action in actions] == [
            ("create", "parameter"), ("open", "port 22"), ("operate", "instance"), ("close", "port 22"), *used,
            ("stop", "instance"), ("complete", "parameter"),
        ]  # fmt: skip
        assert actions[0].id == "/labkit/acme/ada/runs/1"
        assert actions[2].id == server.instance_id


def test_every_call_that_a_scenario_makes_is_one_that_boto3_knows() -> None:
    for found in scenarios().values():
        for call in calls_of(found):
            model = get_session().get_service_model(call.service)
            assert call.operation in model.operation_names, call.name
            shape = model.operation_model(call.operation).input_shape
            assert set(call.parameters) <= set(shape.members if shape else ()), call.name
            assert set(shape.required_members if shape else ()) <= set(call.parameters), call.name


def calls_of(found: Scenario) -> Iterator[Call]:
    for part in found.outside:
        yield from part.calls if isinstance(part, Choice) else (part,)
