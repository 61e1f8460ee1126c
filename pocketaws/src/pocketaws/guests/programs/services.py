"""``systemctl`` and ``service``.

Source: manual pages of systemctl(1) and service(8).
"""

from __future__ import annotations

from .. import image, services
from .registry import Run, UsageError, program


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


def _one_unit(run: Run, command: str, unit: str, *, now: bool, quiet: bool) -> int:  # noqa: C901, PLR0911, PLR0912 - one branch for each kind
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
