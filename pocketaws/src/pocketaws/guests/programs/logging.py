"""Programs that write and read the system log.

Source: manual pages of rsyslogd(8), logger(1), journalctl(1), dmesg(1), crontab(1).
"""

from __future__ import annotations

import re

from .. import rsyslog, system_log
from ..files import FileError
from .registry import Run, UsageError, parse, program


@program("rsyslogd", package="rsyslog", folder="/usr/sbin")
def rsyslogd(run: Run) -> int:
    if not any(word.startswith("-N") for word in run.arguments):
        raise UsageError("only the check of the configuration (-N1) can be run by hand here")
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
    options, words = parse(
        run, "isend", "ptfS", {"--priority": "p", "--tag": "t", "--id": "i", "--stderr": "s", "--file": "f", "--size": "S",
                               "--skip-empty": "e", "--no-act": "n"},
    )  # fmt: skip
    facility, _, severity = options.get("p", "user.notice").rpartition(".")
    facility, severity = (
        facility or "user",
        {"error": "err", "warn": "warning"}.get(severity, severity),
    )
    if facility not in rsyslog.FACILITIES:
        raise UsageError(f"unknown facility name: {facility}")
    if severity not in rsyslog.SEVERITIES:
        raise UsageError(f"unknown priority name: {severity}")
    tag = options.get("t") or run.identity.user
    size = options.get("S", "1024")
    limit = int(re.sub(r"\D", "", size) or 1024) * (
        1024 if size.lower().endswith(("k", "kib")) else 1
    )
    text = " ".join(words) if words else run.read(options["f"]) if "f" in options else run.input()
    pid = run.machine.guest.new_pid()
    for line in [text] if words else text.splitlines():
        if not line and "e" in options:
            continue
        kept = line.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
        for piece in kept.split("\n"):
            system_log.write(run.machine, tag, pid, piece, facility=facility, severity=severity)
        if "s" in options:
            run.err(
                f"<{rsyslog.FACILITIES.index(facility) * 8 + rsyslog.SEVERITIES.index(severity)}>{tag}: {kept}\n"
            )
    return 0


@program("journalctl")
def journalctl(run: Run) -> int:
    words = list(run.arguments)
    lines = run.machine.guest.journal
    if not run.identity.is_root and not run.identity.groups & {"adm", "wheel", "systemd-journal"}:
        lines = []
    count: int | None = None
    while words:
        word = words.pop(0)
        if word in {"-u", "--unit", "-t", "--identifier"} and words:
            name = words.pop(0).removesuffix(".service")
            lines = [line for line in lines if f" {name}[" in line]
        elif word.startswith("--unit="):
            name = word.partition("=")[2].removesuffix(".service")
            lines = [line for line in lines if f" {name}[" in line]
        elif word in {"-n", "--lines"}:
            count = int(words.pop(0)) if words and words[0].isdigit() else 10
        elif re.fullmatch(r"-n\d+", word):
            count = int(word[2:])
    run.out(
        "".join(f"{line}\n" for line in (lines[-count:] if count is not None else lines))
        or "-- No entries --\n"
    )
    return 0


@program("dmesg")
def dmesg(run: Run) -> int:
    run.out(
        "\n".join(line for line in run.machine.guest.console.splitlines() if line.startswith("["))
        + "\n"
    )
    return 0


@program("crontab")
def crontab(run: Run) -> int:
    path = f"/var/spool/cron/{run.identity.user}"
    files = run.machine.files
    if "-l" in run.arguments:
        try:
            run.out(files.read(path))
        except FileError:
            run.err(f"no crontab for {run.identity.user}\n")
            return 1
        return 0
    files.make_directories("/var/spool/cron", run.machine.now)
    text = run.read(run.arguments[0] if run.arguments else "-")
    files.write(path, text, run.machine.now, mode=0o600)
    return 0
