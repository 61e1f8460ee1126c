"""What is done from outside with the credentials that a server's terminal showed.

They stay in the memory of this process: no error, log, output or ``repr`` has them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labkit.aws import Account, DeniedError, explained
from labkit.errors import CloudError
from labkit.model import Outside
from labkit.scenario import Call, Pick
from labkit.simulate.invent import fill


@dataclass(frozen=True, slots=True)
class Keys:
    """Temporary credentials of a role; only the id may be seen."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)


def read_keys(shown: str) -> Keys:
    """The credentials that a terminal shows, as the instance metadata service gives them.

    Source: EC2 user guide, "Retrieve security credentials from instance metadata" (JSON with ``AccessKeyId``,
    ``SecretAccessKey``, ``Token``). Raises ``CloudError`` where there are none, without what was shown.
    """
    decoder = json.JSONDecoder()
    for place, character in enumerate(shown):
        if character != "{":
            continue
        try:
            found, _ = decoder.raw_decode(shown, place)
        except ValueError:  # a brace of something else
            continue
        parts = [found.get(name) for name in ("AccessKeyId", "SecretAccessKey", "Token")]
        if all(isinstance(part, str) and part for part in parts):
            return Keys(*parts)
    raise CloudError(
        "The server's terminal showed no credentials.",
        "Look whether the server has its role, then run 'labkit simulate' again.",
    )


def use(
    keys: Keys,
    account: Account,
    calls: Sequence[Call],
    values: Mapping[str, str],
    address: str | None,
    rng: random.Random,
) -> Outside:
    """Make the calls with the keys, in their order.

    ``account`` is any session in the account that the keys are of, ``values`` what fills in the formats. Raises
    ``CloudError`` for a call that is refused and should not be, or the other way round.
    """
    thief = account.with_keys(keys.access_key_id, keys.secret_access_key, keys.session_token)
    picked: dict[str, str] = {}
    for call in calls:
        answer = _make(thief, call, {**values, **picked})
        if call.pick is not None:
            picked[call.pick.name] = _choose(call, call.pick, answer, rng)
    return Outside(
        access_key_id=keys.access_key_id,
        outside_address=address,
        outside_calls=tuple(call.name for call in calls),
        denied_calls=tuple(call.name for call in calls if call.denied),
        picked=picked,
    )


def _make(thief: Account, call: Call, values: Mapping[str, str]) -> dict[str, Any]:
    parameters = {name: _filled(value, values) for name, value in call.parameters.items()}
    try:
        with explained(f"calling {call.name} from outside"):
            answer = thief.call(call.service, call.operation, parameters)
    except DeniedError:
        if call.denied:
            return {}
        raise
    if call.denied:
        raise CloudError(
            f"{call.name} was to be refused, and was not.",
            "Mend the policy of the scenario's servers, or its calls.",
        )
    return answer


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """A parameter with the formats in it filled in."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, Mapping):
        return {name: _filled(part, values) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(part, values) for part in value]
    return value


def _choose(call: Call, pick: Pick, answer: Mapping[str, Any], rng: random.Random) -> str:
    found = sorted({str(value) for value in _values(answer, pick.path.split("."))})
    if not found:
        raise CloudError(
            f"{call.name} found nothing to choose from ({pick.path}).",
            "Look whether the servers have done what they do at boot, then run 'labkit simulate' again.",
        )
    return rng.choice(found)


def _values(node: Any, steps: Sequence[str]) -> Iterator[Any]:
    if isinstance(node, list):
        for part in node:
            yield from _values(part, steps)
    elif not steps:
        yield node
    elif isinstance(node, Mapping) and steps[0] in node:
        yield from _values(node[steps[0]], steps[1:])
