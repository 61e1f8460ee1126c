"""Programs that write to the system log or check its configuration.

Source: manual pages of rsyslogd(8) and logger(1).
"""

from __future__ import annotations

from .. import rsyslog, system_log
from ..rsyslog_templates import FACILITIES, SEVERITIES
from .registry import Run, UsageError, parse, program, to_number

_LONG = {"--priority": "p", "--tag": "t", "--size": "S"}
_OLD_NAMES = {"error": "err", "warn": "warning"}


@program("rsyslogd", package="rsyslog", folder="/usr/sbin")
def rsyslogd(run: Run) -> int:
    if not any(word.startswith("-N") for word in run.arguments):
        raise UsageError("pocketaws emulates only the configuration check (-N1)")
    run.err(
        "rsyslogd: version 8.2204.0-3.amzn2023.0.4, config validation run (level 1), master config /etc/rsyslog.conf\n"
    )
    try:
        rsyslog.load(run.machine.files)
    except rsyslog.ConfigurationError as error:
        run.err("".join(f"rsyslogd: {line}\n" for line in str(error).splitlines()))
        return 1
    run.err("rsyslogd: End of config validation run. Bye.\n")
    return 0


@program("logger")
def logger(run: Run) -> int:
    options, words = parse(run, "", "ptS", _LONG)
    facility, _, severity = options.get("p", "user.notice").rpartition(".")
    facility, severity = facility or "user", _OLD_NAMES.get(severity, severity)
    if facility not in FACILITIES:
        raise UsageError(f"unknown facility name: {facility}")
    if severity not in SEVERITIES:
        raise UsageError(f"unknown priority name: {severity}")
    tag = options.get("t") or run.identity.user
    limit = to_number(options.get("S", "1024"))
    pid = run.machine.guest.new_pid()
    for line in [" ".join(words)] if words else run.input().splitlines():
        kept = line.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
        for piece in kept.split("\n"):
            system_log.write(run.machine, tag, pid, piece, facility=facility, severity=severity)
    return 0
