"""Rules and their tags.

Source: EventBridge API reference, "PutRule", "DescribeRule", "ListRules", "DeleteRule", "TagResource".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from ..tag_operations import register_tag_operations, tags_from
from .pattern import Pattern, PatternError
from .store import (
    DEFAULT_BUS,
    EventsStore,
    Rule,
    bus_arn,
    check_bus,
    find_rule,
    page,
    validation,
)

if TYPE_CHECKING:
    from ..gateway.call import Call

_NAME = re.compile(r"[.\-_A-Za-z0-9]{1,64}")
MAX_PATTERN_CHARACTERS = 2048


@operation("events", "PutRule")
def put_rule(call: Call) -> dict[str, Any]:
    """Create or replace a rule; an existing rule keeps its targets and tags."""
    params = call.params
    check_bus(call, params.get("EventBusName"))
    name = params["Name"]
    if _NAME.fullmatch(name) is None:
        raise validation(
            f"1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"
        )
    if params.get("ScheduleExpression"):
        message = "pocketaws emulates EventBridge Scheduler, but not scheduled rules."
        raise AwsError("NotImplemented", message, 501)
    if not params.get("EventPattern"):
        raise validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    _check_pattern(params["EventPattern"])
    rules = call.store(EventsStore).rules
    there = rules.get(name)
    rules[name] = Rule(
        name=name,
        arn=f"arn:aws:events:{call.region}:{call.account}:rule/{name}",
        created_by=call.account,
        event_pattern=params["EventPattern"],
        state=params.get("State", "ENABLED"),
        description=params.get("Description"),
        role_arn=params.get("RoleArn"),
        tags=there.tags if there else tags_from(params.get("Tags", [])),
        targets=there.targets if there else {},
    )
    return {"RuleArn": rules[name].arn}


def _check_pattern(text: str) -> None:
    """Raise ``InvalidEventPatternException`` with the reason if a pattern doesn't compile."""
    refused = "Event pattern is not valid. Reason: "
    if len(text) > MAX_PATTERN_CHARACTERS:
        message = f"{refused}longer than {MAX_PATTERN_CHARACTERS} characters"
        raise AwsError("InvalidEventPatternException", message)
    try:
        Pattern.parse(text)
    except PatternError as error:
        raise AwsError("InvalidEventPatternException", f"{refused}{error}") from error


@operation("events", "DescribeRule")
def describe_rule(call: Call) -> dict[str, Any]:
    check_bus(call, call.params.get("EventBusName"))
    rule = find_rule(call, call.params["Name"])
    return {**_described(rule), "CreatedBy": rule.created_by}


def _described(rule: Rule) -> dict[str, Any]:
    described = {
        "Name": rule.name,
        "Arn": rule.arn,
        "EventPattern": rule.event_pattern,
        "State": rule.state,
        "Description": rule.description,
        "RoleArn": rule.role_arn,
        "EventBusName": DEFAULT_BUS,
    }
    return {name: value for name, value in described.items() if value is not None}


@operation("events", "ListRules")
def list_rules(call: Call) -> dict[str, Any]:
    check_bus(call, call.params.get("EventBusName"))
    prefix = call.params.get("NamePrefix", "")
    rules = call.store(EventsStore).rules
    found = [_described(rules[name]) for name in sorted(rules) if name.startswith(prefix)]
    return page("Rules", found, call.params)


@operation("events", "DeleteRule")
def delete_rule(call: Call) -> None:
    """Delete a rule without targets; a missing rule isn't an error."""
    check_bus(call, call.params.get("EventBusName"))
    rules = call.store(EventsStore).rules
    rule = rules.get(call.params["Name"])
    if rule is not None and rule.targets:
        raise validation("Rule can't be deleted since it has targets.")
    rules.pop(call.params["Name"], None)


@operation("events", "DescribeEventBus")
def describe_event_bus(call: Call) -> dict[str, Any]:
    check_bus(call, call.params.get("Name"))
    return {"Name": DEFAULT_BUS, "Arn": bus_arn(call)}


@operation("events", "ListEventBuses")
def list_event_buses(call: Call) -> dict[str, Any]:
    prefix = call.params.get("NamePrefix", "")
    buses = [{"Name": DEFAULT_BUS, "Arn": bus_arn(call)}]
    return {"EventBuses": buses if DEFAULT_BUS.startswith(prefix) else []}


def _tags_of(call: Call) -> dict[str, str]:
    arn = call.params["ResourceARN"]
    for rule in call.store(EventsStore).rules.values():
        if rule.arn == arn:
            return rule.tags
    name = arn.rpartition("/")[2]
    message = f"Rule {name} does not exist on EventBus {DEFAULT_BUS}."
    raise AwsError("ResourceNotFoundException", message)


register_tag_operations("events", _tags_of)
