"""Programs that install packages, run services and write the system log."""

from __future__ import annotations

import re

from .. import image, packages, rsyslog, services, system_log
from ..files import FileError
from ..network import Exchange
from .registry import Run, UsageError, parse, program

_MIRROR = "al2023-repos-{}-de612dc2.s3.dualstack.{}.amazonaws.com"


@program("dnf", "yum")
def dnf(run: Run) -> int:  # noqa: PLR0911
    words = [w for w in run.arguments if not w.startswith("-")]
    quiet = any(w in {"-q", "--quiet", "-yq", "-qy"} for w in run.arguments)
    if not words:
        run.out("usage: dnf [options] COMMAND\n")
        return 1
    command, names = words[0], words[1:]
    if command in {"makecache", "clean", "repolist", "list", "info", "search", "check-update"}:
        return _query(run, command, names)
    if not run.identity.is_root:
        run.err(
            "Error: This command has to be run with superuser privileges (under the root user on most systems).\n"
        )
        return 1
    if command in {"install", "reinstall", "localinstall"}:
        return _install(run, names, quiet=quiet)
    if command in {"update", "upgrade", "update-minimal", "upgrade-minimal"}:
        return _update(run, quiet=quiet)
    if command in {"remove", "erase", "autoremove"}:
        return _remove(run, names)
    run.err(f"No such command: {command}. Please use /usr/bin/dnf --help\n")
    return 1


def _query(run: Run, command: str, names: list[str]) -> int:
    installed = {**run.machine.guest.packages}
    if command == "repolist":
        run.out(
            "repo id                 repo name\namazonlinux             Amazon Linux 2023 repository\n"
        )
    elif command in {"list", "info"}:
        wanted = [n for n in names if n not in {"installed", "--installed", "available"}]
        found = [n for n in sorted(installed) if not wanted or n in wanted]
        run.out("Installed Packages\n" if found else "")
        run.out(
            "".join(f"{name + '.x86_64':<40} {installed[name]:<30} @System\n" for name in found)
        )
        more = [n for n in wanted if n in packages.AVAILABLE and n not in installed]
        run.out("Available Packages\n" if more else "")
        run.out(
            "".join(
                f"{n + '.x86_64':<40} {packages.AVAILABLE[n].version:<30} amazonlinux\n"
                for n in more
            )
        )
        if wanted and not found and not more:
            run.err("Error: No matching Packages to list\n")
            return 1
    return 0


def _reach_mirror(run: Run, kib: int) -> bool:
    """Load metadata and packages; the mirror is in S3, over HTTPS."""
    region = run.machine.guest.region
    host = _MIRROR.format(region, region)
    address = run.machine.network.resolve(host)
    packets = max(kib * 1024 // 1420, 10)
    seen = Exchange(
        packets // 3 + 12, packets // 3 * 52 + 1800, packets + 8, kib * 1024 + packets * 40, 4.0
    )
    if (
        address is not None
        and run.machine.network.connect(address, 6, 443, seen, patience=30) == "open"
    ):
        return True
    run.err(
        "Amazon Linux 2023 repository                    0.0  B/s |   0  B     00:00\n"
        "Errors during downloading metadata for repository 'amazonlinux':\n"
        f"  - Curl error (28): Timeout was reached for https://{host}/core/mirrors/latest/x86_64/mirror.list "
        "[Connection timed out after 30001 milliseconds]\n"
        "Error: Failed to download metadata for repo 'amazonlinux': Cannot prepare internal mirrorlist\n"
    )
    return False


def _install(run: Run, names: list[str], *, quiet: bool) -> int:  # noqa: C901
    guest = run.machine.guest
    missing = [n for n in names if n not in guest.packages and n not in packages.AVAILABLE]
    wanted: dict[str, packages.Package] = {}
    for name in names:
        if name in packages.AVAILABLE and name not in guest.packages:
            wanted.update({p.name: p for p in packages.with_requirements(name, guest.packages)})
    if not _reach_mirror(run, 28_000 + sum(package.kib for package in wanted.values())):
        return 1
    if missing:
        run.out(
            "".join(f"No match for argument: {name}\n" for name in missing) if not quiet else ""
        )
        run.err(f"Error: Unable to find a match: {' '.join(missing)}\n")
        return 1
    run.machine.sleep(8 + 2 * len(wanted))
    for name in names:
        if name not in wanted and not quiet:
            run.out(f"Package {name}-{guest.packages[name]}.x86_64 is already installed.\n")
    if not wanted:
        run.out("Dependencies resolved.\nNothing to do.\nComplete!\n" if not quiet else "")
        return 0
    if not quiet:
        run.out(
            "Dependencies resolved.\nTransaction Summary\n"
            f"Install  {len(wanted)} Packages\n\nRunning transaction\n"
        )
    for number, package in enumerate(wanted.values(), 1):
        packages.install(run.machine, package)
        for unit in package.started:
            guest.services[unit].enabled = True
            services.start(run.machine, unit)
        if not quiet:
            run.out(
                f"  Installing       : {package.name}-{package.version}.x86_64      {number}/{len(wanted)} \n"
            )
    if not quiet:
        run.out(
            "\nInstalled:\n"
            + "".join(f"  {p.name}-{p.version}.x86_64\n" for p in wanted.values())
            + "\nComplete!\n"
        )
    return 0


def _update(run: Run, *, quiet: bool) -> int:
    if not _reach_mirror(run, 28_000):
        return 1
    if not quiet:
        run.out("Dependencies resolved.\nNothing to do.\nComplete!\n")
    return 0


def _remove(run: Run, names: list[str]) -> int:
    for name in names:
        if name in run.machine.guest.packages:
            package = packages.AVAILABLE.get(name)
            for unit in package.services if package is not None else ():
                services.stop(run.machine, unit)
            packages.remove(run.machine, name)
            run.out(f"Removed:\n  {name}\n")
        else:
            run.out(f"No match for argument: {name}\n")
    run.out("Complete!\n")
    return 0


@program("rpm")
def rpm(run: Run) -> int:
    flags = "".join(w[1:] for w in run.arguments if w.startswith("-") and not w.startswith("--"))
    words = [w for w in run.arguments if not w.startswith("-")]
    installed = run.machine.guest.packages
    if "q" not in flags:
        raise UsageError("only queries are emulated here")
    if "a" in flags:
        run.out(
            "".join(f"{name}-{version}.x86_64\n" for name, version in sorted(installed.items()))
        )
        return 0
    status = 0
    for name in words:
        if name in installed:
            run.out(f"{name}-{installed[name]}.x86_64\n")
        else:
            run.out(f"package {name} is not installed\n")
            status = 1
    return status


@program("systemctl")
def systemctl(run: Run) -> int:
    words = [w for w in run.arguments if not w.startswith("-")]
    now = "--now" in run.arguments
    quiet = bool({"-q", "--quiet"} & set(run.arguments))
    if not words:
        words = ["list-units"]
    command, units = words[0], words[1:]
    if command in {"daemon-reload", "reset-failed", "daemon-reexec", "set-default"}:
        return 0
    if command in {"list-units", "list-unit-files"}:
        for unit, service in sorted(run.machine.guest.services.items()):
            run.out(
                f"  {unit}.service loaded {service.state} {'running' if service.state == 'active' else 'dead'} {unit}\n"
            )
        return 0
    if command in {"reboot", "poweroff", "halt"}:
        run.err(f"Use {command} itself.\n")
        return 1
    changing = command in {
        "start",
        "stop",
        "restart",
        "reload",
        "enable",
        "disable",
        "try-restart",
        "reload-or-restart",
        "mask",
        "unmask",
    }
    if changing and not run.identity.is_root:
        run.err(f"Failed to {command} {units[0] if units else ''}.service: Access denied\n")
        return 4
    status = 0
    for unit in units:
        status = (
            _one_unit(run, command, unit.removesuffix(".service"), now=now, quiet=quiet) or status
        )
    return status


def _one_unit(run: Run, command: str, unit: str, *, now: bool, quiet: bool) -> int:  # noqa: C901, PLR0911, PLR0912
    machine = run.machine
    service = services.find(machine, unit)
    if service is None:
        return _unknown_unit(run, command, unit, quiet=quiet)
    match command:
        case "enable" | "disable":
            was, service.enabled = service.enabled, command == "enable"
            link = f"/etc/systemd/system/multi-user.target.wants/{unit}.service"
            if was is not service.enabled and not quiet:
                run.err(
                    f"Created symlink {link} → /usr/lib/systemd/system/{unit}.service.\n"
                    if service.enabled
                    else f'Removed "{link}".\n'
                )
            if now:
                return _one_unit(
                    run, "start" if service.enabled else "stop", unit, now=False, quiet=quiet
                )
            return 0
        case "start" | "restart" | "reload" | "try-restart" | "reload-or-restart":
            if command == "start" and service.state == "active":
                return 0
            failure = services.start(machine, unit)
            if failure is not None:
                run.err(f"Job for {unit}.service failed because the control process exited with error code.\n"
                        f'See "systemctl status {unit}.service" and "journalctl -xeu {unit}.service" for details.\n')  # fmt: skip
                return 1
            return 0
        case "stop" | "kill":
            services.stop(machine, unit)
            return 0
        case "is-active":
            run.out("" if quiet else f"{service.state}\n")
            return 0 if service.state == "active" else 3
        case "is-failed":
            run.out("" if quiet else f"{service.state}\n")
            return 0 if service.state == "failed" else 1
        case "is-enabled":
            run.out("" if quiet else ("enabled\n" if service.enabled else "disabled\n"))
            return 0 if service.enabled else 1
        case "status" | "show":
            since = f" since {service.since:%a %Y-%m-%d %H:%M:%S} UTC" if service.since else ""
            state = {
                "active": "active (running)",
                "inactive": "inactive (dead)",
                "failed": "failed (Result: exit-code)",
            }[service.state]
            run.out(f"● {unit}.service - {image.SERVICES.get(unit, unit)}\n     Loaded: loaded (/usr/lib/systemd/system/{unit}.service; "
                    f"{'enabled' if service.enabled else 'disabled'}; preset: disabled)\n     Active: {state}{since}\n")  # fmt: skip
            if service.pid:
                run.out(f"   Main PID: {service.pid} ({unit})\n")
            run.out("".join(f"{line}\n" for line in service.detail.splitlines()))
            return 0 if service.state == "active" else 3
        case "cat":
            return 0
        case _:
            run.err(f"Unknown command verb {command}.\n")
            return 1


def _unknown_unit(run: Run, command: str, unit: str, *, quiet: bool) -> int:
    if command in {"is-active", "is-failed", "is-enabled"}:
        text = (
            "inactive"
            if command != "is-enabled"
            else f"Failed to get unit file state for {unit}.service: No such file or directory"
        )
        (run.err if command == "is-enabled" else run.out)("" if quiet else f"{text}\n")
        return 1 if command == "is-enabled" else 4
    if command in {"enable", "disable"}:
        run.err(f"Failed to {command} unit: Unit file {unit}.service does not exist.\n")
        return 1
    run.err(
        f"Unit {unit}.service could not be found.\n"
        if command == "status"
        else f"Failed to {command} {unit}.service: Unit {unit}.service not found.\n"
    )
    return 4 if command == "status" else 5


@program("service", folder="/usr/sbin")
def service_(run: Run) -> int:
    if len(run.arguments) < 2:
        raise UsageError(
            "usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]"
        )
    run.arguments = [run.arguments[1], run.arguments[0]]
    return systemctl(run)


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
