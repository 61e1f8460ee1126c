"""Make API calls from this machine with the credentials that a server's terminal showed.

The credentials stay in this process's memory: no error, log, output, or ``repr`` contains them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labkit.aws import Account, DeniedError, explain_errors
from labkit.errors import CloudError
from labkit.model import ExternalUse
from labkit.scenario import Call, Pick
from labkit.simulate.randomize import fill


@dataclass(frozen=True, slots=True)
class StolenCredentials:
    """Temporary credentials of a role; only the key ID may be shown."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)


def read_credentials(output: str) -> StolenCredentials:
    """Find the credentials in a terminal's output, as the instance metadata service returns them.

    Source: EC2 user guide, "Retrieve security credentials from instance metadata" (JSON with ``AccessKeyId``,
    ``SecretAccessKey``, ``Token``). Raises ``CloudError`` if there are none; the error doesn't repeat the output.
    """
    decoder = json.JSONDecoder()
    for place, character in enumerate(output):
        if character != "{":
            continue
        try:
            found, _ = decoder.raw_decode(output, place)
        except ValueError:  # this brace doesn't start a JSON document
            continue
        parts = [found.get(name) for name in ("AccessKeyId", "SecretAccessKey", "Token")]
        if all(isinstance(part, str) and part for part in parts):
            return StolenCredentials(*parts)
    raise CloudError(
        "The server's terminal didn't show any credentials.",
        "Check whether the server has its role, then rerun 'labkit simulate'.",
    )


def use_credentials(
    credentials: StolenCredentials,
    account: Account,
    calls: Sequence[Call],
    values: Mapping[str, str],
    address: str | None,
    rng: random.Random,
) -> ExternalUse:
    """Make the calls with the credentials, in order.

    ``account`` is any session in the credentials' account, ``values`` fills in the placeholders. Raises
    ``CloudError`` for a call that is unexpectedly refused or unexpectedly allowed.
    """
    session = account.with_keys(
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token
    )
    picked: dict[str, str] = {}
    for call in calls:
        answer = _make(session, call, {**values, **picked})
        if call.pick is not None:
            picked[call.pick.name] = _choose(call, call.pick, answer, rng)
    return ExternalUse(
        access_key_id=credentials.access_key_id,
        outside_address=address,
        outside_calls=tuple(call.name for call in calls),
        denied_calls=tuple(call.name for call in calls if call.denied),
        picked=picked,
    )


def _make(session: Account, call: Call, values: Mapping[str, str]) -> dict[str, Any]:
    parameters = {name: _filled(value, values) for name, value in call.parameters.items()}
    try:
        with explain_errors(f"calling {call.name} from outside"):
            answer = session.call(call.service, call.operation, parameters)
    except DeniedError:
        if call.denied:
            return {}
        raise
    if call.denied:
        raise CloudError(
            f"AWS should have refused {call.name}, but didn't.",
            "Fix the policy of the scenario's servers, or its calls.",
        )
    return answer


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    """A parameter with its placeholders filled in."""
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
            "Check whether the servers finished booting, then rerun 'labkit simulate'.",
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
