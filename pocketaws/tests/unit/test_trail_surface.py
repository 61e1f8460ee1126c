"""Whatever is emulated can be recorded: every operation, with every parameter it has."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.core.utils import get_service_model

from pocketaws import registry
from pocketaws.cloudtrail.history.log import EventLog
from pocketaws.cloudtrail.history.resources import looked_up_resources
from pocketaws.cloudtrail.recorder import record
from pocketaws.cloudtrail.records.event import to_record
from pocketaws.cloudtrail.records.operation import operation
from pocketaws.cloudtrail.synthetic_events import record_role_session, record_unmodelled
from pocketaws.gateway.call import Call
from pocketaws.gateway.http import Headers, HttpRequest
from pocketaws.identity.caller import Caller, Session
from pocketaws.world import World

registry.load()
SURFACE = [(service, name) for service, names in registry.surface().items() for name in names]
NOW = datetime(2026, 11, 24, 9, 5, 7, tzinfo=UTC)
ACCOUNT = "111122223333"
USER = Caller("IAMUser", ACCOUNT, "arn:aws:iam::1:user/u", "AIDA", "192.0.2.1", "agent", "AKIA")
SESSION = Session(
    "ASIA", "geheim", "token", ACCOUNT, "r", "/", "AROA", "i-0", NOW, NOW + timedelta(hours=1), "::"
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def filled(shape: Any, depth: int = 0) -> Any:
    """A value of a shape in which nothing is missing."""
    if shape is None:
        return {}
    match shape.type_name:
        case "structure":
            if depth > 6:
                return {}
            return {name: filled(member, depth + 1) for name, member in shape.members.items()}
        case "list":
            return [filled(shape.member, depth + 1)] * 2
        case "map":
            return {"a": filled(shape.value, depth + 1)}
    return {
        "string": "arn:aws:iam::111122223333:role/x",
        "timestamp": NOW,
        "blob": b"\xff\x00",
        "boolean": True,
        "integer": 1,
        "long": 1,
        "float": 1.5,
        "double": 1.5,
    }[shape.type_name]


def paths(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from paths(item)


@pytest.mark.parametrize(("service", "name"), SURFACE, ids=lambda value: value)
def test_every_emulated_operation_is_recorded_as_json(
    world: World, service: str, name: str
) -> None:
    model = get_service_model(service).operation_model(name)
    params, result = filled(model.input_shape), filled(model.output_shape)
    http = HttpRequest("POST", "/", "policy&x-id=y", Headers(), b"")
    call = Call(world, USER, service, name, "eu-west-1", params, "request", NOW, http)
    facts = operation(service, name)
    log = world.store(EventLog, ACCOUNT, facts.region("eu-west-1"))
    before = len(log.events)
    record(call, result, None)
    assert len(log.events) == before + (facts.category == "Management")
    if facts.category == "Management":
        event = log.events[-1]
        said = json.loads(json.dumps(to_record(event)))
        assert said["eventName"] == facts.event_name
        assert said["requestParameters"] is not None or model.input_shape is None or not params
        assert (said["responseElements"] is None) or facts.keeps_response
        looked_up_resources(event)


def test_what_is_kept_can_be_saved(world: World) -> None:
    for _, _, log in world.stores(EventLog):
        again = pickle.loads(pickle.dumps(log))  # noqa: S301 - our own
        assert [to_record(event) for event in again.events] == [
            to_record(event) for event in log.events
        ]


def test_an_agents_call_is_recorded_as_given(world: World) -> None:
    arn = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0"
    record_unmodelled(
        world, USER, "ssm.amazonaws.com", "ListInstanceAssociations", "eu-west-1",
        read_only=True, parameters={"instanceId": "i-0", "maxResults": 20},
        resources=[{"accountId": ACCOUNT, "ARN": arn}],
    )  # fmt: skip
    said = to_record(world.store(EventLog, ACCOUNT, "eu-west-1").events[-1])
    assert said["eventSource"] == "ssm.amazonaws.com"
    assert said["eventName"] == "ListInstanceAssociations"
    assert said["requestParameters"] == {"instanceId": "i-0", "maxResults": 20}
    assert said["resources"] == [{"accountId": ACCOUNT, "ARN": arn}]
    assert said["readOnly"] is True
    assert said["tlsDetails"]["clientProvidedHostHeader"] == "ssm.eu-west-1.amazonaws.com"


def test_a_services_own_session_is_recorded(world: World) -> None:
    record_role_session(world, SESSION, "eu-west-1", "ec2.amazonaws.com")
    event = world.store(EventLog, ACCOUNT, "eu-west-1").events[-1]
    said = to_record(event)
    assert said["userIdentity"] == {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
    assert said["sourceIPAddress"] == said["userAgent"] == "ec2.amazonaws.com"
    assert said["requestParameters"]["roleSessionName"] == "i-0"
    assert said["responseElements"]["credentials"]["accessKeyId"] == "ASIA"
    assert "geheim" not in list(paths(said))
    assert said["sharedEventID"]
    assert "tlsDetails" not in said
    assert ("ASIA", "AWS::IAM::AccessKey") in looked_up_resources(event)
