"""The CloudWatch agent: validates its configuration strictly, and sends the lines of the configured log files.

Source: CloudWatch user guide, "Manually create or edit the CloudWatch agent configuration file".
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from ..errors import AwsError
from ..identity.caller import Caller
from .agent_schema import SchemaError, check
from .files import FileError
from .guest import AgentState, Failure, Source
from .machine import Machine

FOLDER = "/opt/aws/amazon-cloudwatch-agent"
CONFIGURATION = f"{FOLDER}/etc/amazon-cloudwatch-agent.json"
LOG = f"{FOLDER}/logs/amazon-cloudwatch-agent.log"
USER_AGENT = "CWAgent/1.300069.0 (go1.24.5; linux; amd64)"
_MAX_EVENT_BYTES = 256 * 1024 - 26
_BATCH_EVENTS = 1000
_RETRY_AFTER = timedelta(minutes=1)


def read_configuration(text: str) -> dict[str, Any]:
    """Parse and validate a JSON configuration; raises ``SchemaError``."""
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise SchemaError(f"Fail to parse the json config file: {error}") from error
    configuration = check(parsed)
    files = configuration.get("logs", {}).get("logs_collected", {}).get("files", {})
    for entry in files.get("collect_list", []):
        _refuse_unknown_codes(entry.get("timestamp_format", ""))
    return configuration


def start(machine: Machine) -> Failure | None:
    """Start the agent with the configuration that ``fetch-config`` installed."""
    try:
        text = machine.files.read(CONFIGURATION)
        parsed = read_configuration(text)
    except FileError:
        return Failure("amazon-cloudwatch-agent has not been configured yet")
    except SchemaError as error:
        return Failure(f"Under path : {error}")
    settings = parsed.get("agent", {})
    state = AgentState(
        running=True,
        user=settings.get("run_as_user", "cwagent"),
        flush_seconds=float(parsed.get("logs", {}).get("force_flush_interval", 5)),
        region=settings.get("region", machine.guest.region),
    )
    old = {
        source.path: source
        for source in (machine.guest.agent.sources if machine.guest.agent else [])
    }
    files = parsed.get("logs", {}).get("logs_collected", {}).get("files", {})
    for entry in files.get("collect_list", []):
        state.sources.append(_source(machine, parsed, entry, old.get(entry["file_path"])))
    machine.guest.agent = state
    _log(machine, "I! [logagent] starting")
    return None


def _source(
    machine: Machine, parsed: dict[str, Any], entry: dict[str, Any], old: Source | None
) -> Source:
    path = entry["file_path"]
    default_stream = parsed["logs"].get("log_stream_name", "{instance_id}")
    return Source(
        path,
        _filled(
            machine, entry.get("log_group_name", path.strip("/").replace("*", "").replace(" ", "_"))
        ),
        _filled(machine, entry.get("log_stream_name", default_stream)),
        entry.get("timestamp_format"),
        int(entry.get("retention_in_days", -1)),
        dict(old.offsets) if old is not None else {},
    )


def _filled(machine: Machine, name: str) -> str:
    instance = machine.instance
    values = {
        "instance_id": machine.guest.instance_id,
        "hostname": machine.guest.hostname,
        "local_hostname": str(instance.private_dns_name),
        "ip_address": str(instance.private_ip_address),
        "date": f"{machine.now:%Y-%m-%d}",
        "region": machine.guest.region,
        "account_id": machine.guest.account,
    }
    return re.sub(r"\{(\w+)\}", lambda m: values.get(m.group(1), m.group()), name)


def notice(machine: Machine) -> None:
    """Schedule a flush if the log files have new lines. Call this after the guest has run something."""
    guest, agent = machine.guest, machine.guest.agent
    if agent is None or not agent.running or agent.flush_planned or not guest.up:
        return
    if any(_unsent(machine, source) for source in agent.sources):
        agent.flush_planned = True
        machine.world.later(
            "guests.agent_flush", agent.flush_seconds, account=guest.account, region=guest.region,
            instance_id=guest.instance_id,
        )  # fmt: skip


def _unsent(machine: Machine, source: Source) -> list[tuple[str, str]]:
    """``(path, new text)`` for each file of a source that has complete new lines."""
    found: list[tuple[str, str]] = []
    who = machine.identity(machine.guest.agent.user if machine.guest.agent else "root")
    for path in _matching(machine, source.path):
        try:
            text = machine.files.read(path, "/", who)
        except FileError:
            continue  # the agent's user can't read it, so nothing arrives, as on a real server
        offset = source.offsets.get(path, 0)
        if offset > len(text):
            offset = source.offsets[path] = 0  # the file was truncated, so read it from the start
        end = text.rfind("\n") + 1
        if end > offset:
            found.append((path, text[offset:end]))
    return found


def _matching(machine: Machine, pattern: str) -> list[str]:
    if "*" not in pattern:
        return [pattern] if machine.files.get(pattern) is not None else []
    folder, _, last = pattern.rpartition("/")
    wanted = re.compile(re.escape(last).replace(r"\*\*", ".*").replace(r"\*", "[^/]*"))
    return [
        f"{folder}/{name}"
        for name, node in machine.files.children(folder)
        if node.kind == "file" and wanted.fullmatch(name)
    ]


def flush(machine: Machine) -> None:
    """Send the new lines, with the credentials of the instance's role."""
    agent = machine.guest.agent
    if agent is None:
        return
    agent.flush_planned = False
    if not agent.running or not machine.guest.up:
        return
    caller = machine.role_caller(USER_AGENT)
    if caller is None:
        _log(machine, "E! cloudwatchlogs: NoCredentialProviders: no valid providers in chain")
        _try_again(machine, agent)
        return
    for source in agent.sources:
        for path, text in _unsent(machine, source):
            try:
                _send(machine, caller, agent, source, text)
            except AwsError as error:
                where = f"{source.group}/{source.stream}"
                _log(
                    machine,
                    f"E! [outputs.cloudwatchlogs] Aws error received when sending logs to {where}: {error}",
                )
                _try_again(machine, agent)
                return
            source.offsets[path] = source.offsets.get(path, 0) + len(text)


def _try_again(machine: Machine, agent: AgentState) -> None:
    """Retry a failed request after a minute on the world's clock, even when delays are off."""
    agent.flush_planned = True
    guest = machine.guest
    machine.world.at(
        machine.now + _RETRY_AFTER,
        "guests.agent_flush",
        account=guest.account,
        region=guest.region,
        instance_id=guest.instance_id,
    )


def _send(machine: Machine, caller: Caller, agent: AgentState, source: Source, text: str) -> None:
    events = [
        {
            "timestamp": _time(machine, source, line),
            "message": line.encode()[:_MAX_EVENT_BYTES].decode("utf-8", "ignore"),
        }
        for line in text.split("\n")
        if line
    ]
    events.sort(key=lambda event: event["timestamp"])  # type: ignore[arg-type, return-value]
    for at in range(0, len(events), _BATCH_EVENTS):
        put = {
            "logGroupName": source.group,
            "logStreamName": source.stream,
            "logEvents": events[at : at + _BATCH_EVENTS],
        }
        try:
            machine.world.call(caller, "logs", "PutLogEvents", agent.region, **put)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
            _make(machine, caller, agent, source)
            machine.world.call(caller, "logs", "PutLogEvents", agent.region, **put)


def _make(machine: Machine, caller: Caller, agent: AgentState, source: Source) -> None:
    names = {"logGroupName": source.group, "logStreamName": source.stream}
    try:
        machine.world.call(caller, "logs", "CreateLogStream", agent.region, **names)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
    else:
        return
    machine.world.call(caller, "logs", "CreateLogGroup", agent.region, logGroupName=source.group)
    machine.world.call(caller, "logs", "CreateLogStream", agent.region, **names)
    if source.retention_days > 0:
        try:
            machine.world.call(
                caller, "logs", "PutRetentionPolicy", agent.region,
                logGroupName=source.group, retentionInDays=source.retention_days,
            )  # fmt: skip
        except AwsError as error:
            _log(
                machine,
                f"W! [outputs.cloudwatchlogs] Unable to set retention of {source.group}: {error}",
            )


def _time(machine: Machine, source: Source, line: str) -> int:
    moment = machine.now
    if source.timestamp_format:
        moment = (
            parse_time(line, source.timestamp_format, machine.now)
            or source.last_time
            or machine.now
        )
        source.last_time = moment
    return int(moment.timestamp() * 1000)


_CODES = {
    "%Y": r"(?P<Y>\d{4})", "%m": r"(?P<m>\d\d)", "%b": r"(?P<b>[A-Z][a-z]{2})", "%d": r"(?P<d>[ \d]\d)",
    "%H": r"(?P<H>\d\d)", "%M": r"(?P<M>\d\d)", "%S": r"(?P<S>\d\d)",
}  # fmt: skip
_CODE = re.compile(r"(%-?[A-Za-z])")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _refuse_unknown_codes(form: str) -> None:
    unknown = [code for code in _CODE.findall(form) if code not in _CODES]
    if unknown:
        raise SchemaError(f"timestamp_format: pocketaws doesn't emulate {unknown[0]}")


def parse_time(line: str, form: str, now: datetime) -> datetime | None:
    """Parse the time in a line. Without a year in the format, use the latest year that isn't in the future."""
    pattern = "".join(
        _CODES.get(piece, re.escape(piece).replace(r"\ ", r"\s+")) for piece in _CODE.split(form)
    )
    # A space pads a one-digit day, and the space in the format already matches it.
    match = re.search(pattern.replace(r"\s+(?P<d>[ \d]\d)", r"\s+(?P<d>\d{1,2})"), line)
    if match is None:
        return None
    found = match.groupdict()
    month = int(found.get("m") or now.month)
    if "b" in found:
        if found["b"] not in _MONTHS:
            return None
        month = _MONTHS.index(found["b"]) + 1
    day, hour, minute, second = (
        int(found.get(name, default))
        for name, default in (("d", now.day), ("H", 0), ("M", 0), ("S", 0))
    )
    try:
        made = datetime(int(found.get("Y", now.year)), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    if "Y" not in found and (made - now).days > 1:
        made = made.replace(year=made.year - 1)
    return made


def _log(machine: Machine, text: str) -> None:
    line = f"{machine.now:%Y-%m-%dT%H:%M:%SZ} {text}\n"
    machine.files.write(LOG, line, machine.now, append=True)
