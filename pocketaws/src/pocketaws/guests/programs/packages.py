"""``dnf`` and ``rpm``.

Source: DNF documentation, "DNF Command Reference"; manual page of rpm(8).
"""

from __future__ import annotations

from .. import packages, services
from ..network import Exchange
from .registry import Run, UsageError, program

_MIRROR = "al2023-repos-{}-de612dc2.s3.dualstack.{}.amazonaws.com"


@program("dnf", "yum")
def dnf(run: Run) -> int:  # noqa: PLR0911 - one branch for each kind
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


def _install(run: Run, names: list[str], *, quiet: bool) -> int:  # noqa: C901 - one branch for each kind
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
