"""The part of the agent's schema that decides whether the agent starts. It rejects unknown keys.

Source: the agent's public schema (CloudWatch user guide, "CloudWatch agent configuration file"), whose
objects set ``additionalProperties`` to false.
"""

from __future__ import annotations

from typing import Any

_RETENTION = {
    -1, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}  # fmt: skip
_TOP = {"agent", "metrics", "logs", "traces", "csm", "env"}
_AGENT = {
    "metrics_collection_interval", "region", "credentials", "debug", "aws_sdk_log_level", "logfile", "internal",
    "run_as_user", "user_agent", "omit_hostname", "quiet_mode", "use_dualstack_endpoint", "service.name",
    "deployment.environment",
}  # fmt: skip
_LOGS = {
    "logs_collected", "log_stream_name", "force_flush_interval", "endpoint_override", "credentials",
    "metrics_collected", "service.name", "deployment.environment", "concurrency",
}  # fmt: skip
_ENTRY = {
    "file_path", "log_group_name", "log_stream_name", "log_group_class", "timestamp_format", "timezone",
    "multi_line_start_pattern", "encoding", "from_beginning", "pipe", "blacklist", "publish_multi_logs",
    "auto_removal", "retention_in_days", "filters", "trim_timestamp", "backpressure_mode", "service.name",
    "deployment.environment",
}  # fmt: skip


class SchemaError(Exception):
    """The configuration doesn't match the schema."""


def check(parsed: Any) -> dict[str, Any]:
    """Return the configuration if it matches the schema; raises ``SchemaError``."""
    top = _object(parsed, "", _TOP)
    _object(top.get("agent", {}), "/agent", _AGENT)
    user = top.get("agent", {}).get("run_as_user", "cwagent")
    if not isinstance(user, str):
        raise SchemaError("/agent/run_as_user | Error : Invalid type. Expected: string")
    if "logs" in top:
        _logs(top["logs"])
    if not {"logs", "metrics", "traces"} & set(top):
        raise SchemaError(" | Error : No logs, metrics or traces are configured")
    return top


def _logs(value: Any) -> None:
    logs = _object(value, "/logs", _LOGS)
    collected = _object(
        logs.get("logs_collected", {}),
        "/logs/logs_collected",
        {"files", "journald", "windows_events"},
    )
    files = _object(collected.get("files", {}), "/logs/logs_collected/files", {"collect_list"})
    entries = files.get("collect_list", [])
    if not isinstance(entries, list):
        raise SchemaError(
            "/logs/logs_collected/files/collect_list | Error : Invalid type. Expected: array"
        )
    for number, value_ in enumerate(entries):
        where = f"/logs/logs_collected/files/collect_list/{number}"
        entry = _object(value_, where, _ENTRY)
        if not isinstance(entry.get("file_path"), str):
            raise SchemaError(f"{where} | Error : file_path is required")
        retention = entry.get("retention_in_days", -1)
        if retention not in _RETENTION:
            raise SchemaError(
                f"{where}/retention_in_days | Error : must be one of {sorted(_RETENTION)}"
            )
        if entry.get("timezone", "Local") not in {"UTC", "Local", "LOCAL"}:
            raise SchemaError(f"{where}/timezone | Error : must be one of UTC, Local")


def _object(value: Any, where: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SchemaError(f"{where} | Error : Invalid type. Expected: object")
    for key in value:
        if key not in known:
            raise SchemaError(f"{where} | Error : Additional property {key} is not allowed")
    return value
