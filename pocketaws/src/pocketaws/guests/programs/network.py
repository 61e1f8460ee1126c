"""Programs that ask for names, and knock at ports.

Source: manual pages of dig(1), nslookup(1), host(1), ping(8), ssh(1), ncat(1), ip(8), ss(8), ifconfig(8),
netstat(8).
"""

from __future__ import annotations

import re

from ..network import TCP_PROBE, Exchange
from .registry import Run, UsageError, parse, program, to_number, to_seconds


@program("dig", "nslookup", "host")
def dig(run: Run) -> int:
    server = next((w[1:] for w in run.arguments if w.startswith("@")), None)
    kinds = {"A", "AAAA", "MX", "TXT", "NS", "ANY", "CNAME"}
    words = [
        w for w in run.arguments if not w.startswith(("@", "+", "-")) and w.upper() not in kinds
    ]
    if run.name == "nslookup" and len(words) > 1:
        server = words[1]
    if not words:
        return 0
    name = words[0]
    if server is not None:
        address = run.machine.network.resolve(server)
        seen = Exchange(1, 68 + len(name), 1, 84 + len(name), 0.02)
        if (
            address is None
            or run.machine.network.connect(address, 17, 53, seen, patience=5) != "open"
        ):
            run.out(";; connection timed out; no servers could be reached\n")
            return 9
    found = run.machine.network.resolve(name)
    if run.name == "dig":
        _show_dig(run, name, found)
        return 0
    shown = server or "127.0.0.53"
    if run.name == "nslookup":
        run.out(f"Server:\t\t{shown}\nAddress:\t{shown}#53\n\n")
    if found is None:
        run.out(
            f"** server can't find {name}: NXDOMAIN\n"
            if run.name == "nslookup"
            else f"Host {name} not found: 3(NXDOMAIN)\n"
        )
        return 1
    run.out(
        f"Non-authoritative answer:\nName:\t{name}\nAddress: {found}\n\n"
        if run.name == "nslookup"
        else f"{name} has address {found}\n"
    )
    return 0


def _show_dig(run: Run, name: str, found: str | None) -> None:
    if "+short" in run.arguments:
        run.out(f"{found}\n" if found else "")
        return
    state = "NOERROR" if found else "NXDOMAIN"
    run.out(
        f"\n; <<>> DiG 9.18.33 <<>> {' '.join(run.arguments)}\n;; global options: +cmd\n;; Got answer:\n"
    )
    run.out(
        f";; ->>HEADER<<- opcode: QUERY, status: {state}, id: {run.machine.world.random.randrange(65536)}\n\n"
    )
    run.out(f";; QUESTION SECTION:\n;{name}.\t\t\tIN\tA\n")
    if found:
        run.out(f"\n;; ANSWER SECTION:\n{name}.\t\t60\tIN\tA\t{found}\n")
    run.out("\n;; Query time: 1 msec\n;; SERVER: 127.0.0.53#53(127.0.0.53) (UDP)\n\n")


@program("ping")
def ping(run: Run) -> int:
    options, words = parse(run, "qnAf46", "cWiIws")
    if not words:
        raise UsageError("usage error: Destination address required", 2)
    name = words[-1]
    address = run.machine.network.resolve(name)
    if address is None:
        run.err(f"ping: {name}: Name or service not known\n")
        return 2
    count = min(to_number(options.get("c", "4")), 100)
    seen = Exchange(count, count * 84, count, count * 84, float(max(count - 1, 0)))
    outcome = run.machine.network.connect(address, 1, 0, seen, patience=float(count))
    run.out(f"PING {name} ({address}) 56(84) bytes of data.\n")
    got = count if outcome == "open" else 0
    for number in range(got):
        run.out(
            f"64 bytes from {address}: icmp_seq={number + 1} ttl=117 time={1.2 + number * 0.04:.2f} ms\n"
        )
    run.out(
        f"\n--- {name} ping statistics ---\n{count} packets transmitted, {got} received, {0 if got else 100}% packet loss, time {count * 1001}ms\n"
    )
    return 0 if got else 1


@program("ssh", "scp")
def ssh(run: Run) -> int:
    words = [w for w in run.arguments if not w.startswith("-") and "=" not in w]
    if not words:
        run.err("usage: ssh [options] destination [command [argument ...]]\n")
        return 255
    host = words[0].rpartition("@")[2].partition(":")[0]
    address = run.machine.network.resolve(host)
    if address is None:
        run.err(f"ssh: Could not resolve hostname {host}: Name or service not known\n")
        return 255
    outcome = run.machine.network.connect(address, 6, 22, Exchange(12, 2900, 11, 2700))
    user = words[0].rpartition("@")[0] or run.identity.user
    problem = {
        "open": f"{user}@{host}: Permission denied (publickey,gssapi-keyex,gssapi-with-mic).",
        "refused": f"ssh: connect to host {host} port 22: Connection refused",
    }.get(outcome, f"ssh: connect to host {host} port 22: Connection timed out")
    run.err(problem + "\n")
    return 255


@program("nc", "ncat", package="nmap-ncat")
def nc(run: Run) -> int:
    options, words = parse(run, "zvulnkN46", "wpe")
    if "l" in options:
        raise UsageError("listening is not emulated here", 2)
    if len(words) < 2 or not words[1].isdigit():
        raise UsageError("You must specify a host and a port to connect to. QUITTING.", 2)
    address = run.machine.network.resolve(words[0])
    if address is None:
        run.err(
            f'Ncat: Could not resolve hostname "{words[0]}": Name or service not known. QUITTING.\n'
        )
        return 2
    patience = to_seconds(options.get("w", "10"))
    outcome = run.machine.network.connect(
        address, 17 if "u" in options else 6, int(words[1]), TCP_PROBE, patience=patience
    )
    if outcome == "open":
        run.err(f"Ncat: Connected to {address}:{words[1]}.\n" if "v" in options else "")
        return 0
    run.err("Ncat: Connection refused.\n" if outcome == "refused" else "Ncat: TIMEOUT.\n")
    return 1


@program("ip", "ifconfig", folder="/usr/sbin")
def ip(run: Run) -> int:
    interface = run.machine.network.interface
    if "route" in run.arguments or "r" in run.arguments:
        gateway = re.sub(r"\d+$", "1", str(interface.private_ip_address))
        run.out(
            f"default via {gateway} dev ens5 proto dhcp src {interface.private_ip_address} metric 512 \n"
        )
        return 0
    run.out(
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
    )
    run.out(
        "    inet 127.0.0.1/8 scope host lo\n2: ens5: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP\n"
    )
    run.out(
        f"    link/ether {interface.mac_address} brd ff:ff:ff:ff:ff:ff\n    inet {interface.private_ip_address}/24 metric 512 scope global dynamic ens5\n"
    )
    return 0


@program("ss", "netstat", folder="/usr/sbin")
def ss(run: Run) -> int:
    guest, interface = run.machine.guest, run.machine.network.interface
    run.out("State    Recv-Q   Send-Q     Local Address:Port     Peer Address:Port\n")
    if guest.services["sshd"].state == "active":
        run.out("LISTEN   0        128              0.0.0.0:22            0.0.0.0:*\n")
    for login in guest.logins:
        if login.ended is None and login.terminal.startswith("pts"):
            run.out(
                f"ESTAB    0        0        {interface.private_ip_address}:22      {login.address}:*\n"
            )
    return 0
