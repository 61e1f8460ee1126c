"""Decides whether a subscription's filter policy accepts a message.

Filter policies use the syntax of event patterns, applied to the message's attributes or body.

Source: SNS developer guide, "Amazon SNS subscription filter policies".
"""

from __future__ import annotations

import json
from typing import Any

from ..events.pattern import Pattern


def check_policy(policy: Any) -> None:
    """Raise ``ValueError`` (which includes JSON errors) for an invalid policy."""
    Pattern.of(policy)


def accepts(attributes: dict[str, str], message: str, message_attributes: dict[str, Any]) -> bool:
    """Whether a subscription with these attributes accepts the message."""
    policy = attributes.get("FilterPolicy")
    if not policy:
        return True
    pattern = Pattern.of(json.loads(policy))
    if attributes.get("FilterPolicyScope") == "MessageBody":
        try:
            body = json.loads(message)
        except ValueError:
            return False
        return isinstance(body, dict) and pattern.matches(body)
    return pattern.matches(
        {name: _value(attribute) for name, attribute in message_attributes.items()}
    )


def _value(attribute: dict[str, Any]) -> Any:
    text = attribute.get("StringValue", "")
    kind = attribute["DataType"].split(".")[0]
    if kind == "Number" or attribute["DataType"] == "String.Array":
        return json.loads(text)
    return text
