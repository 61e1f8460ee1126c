"""Programs that use the network: nothing is sent, the traffic they would be is published."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..files import FileError
from ..metadata import METADATA, answer
from ..network import TCP_PROBE, Exchange
from .registry import Run, UsageError, parse, program

_CURL_LONG = {
    "--silent": "s", "--fail": "f", "--output": "o", "--head": "I", "--max-time": "m",
    "--connect-timeout": "M", "--request": "X", "--header": "H", "--data": "d", "--location": "L",
    "--show-error": "S", "--insecure": "k", "--user-agent": "A", "--user": "u", "--write-out": "w",
    "--remote-name": "O", "--verbose": "v", "--include": "i", "--retry": "R", "--data-raw": "d",
    "--retry-delay": "R", "--form": "F", "--upload-file": "T", "--compressed": "z", "--noproxy": "x",
    "--proxy": "x", "--retry-connrefused": "C", "--fail-with-body": "f", "--no-progress-meter": "s",
    "--data-binary": "d", "--ipv4": "4", "--http1.1": "1", "--tlsv1.2": "1", "--create-dirs": "c",
    "--url": "U", "--referer": "e", "--cookie": "b", "--max-redirs": "R", "--resolve": "x", "--interface": "x",
    "--retry-max-time": "R", "--progress-bar": "s",
}  # fmt: skip
_HTML = (
    "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class HttpProblem(Exception):  # noqa: N818 - what a transfer ended in
    """A transfer that did not come about; ``status`` is curl's exit code."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def fetch(
    run: Run, url: str, *, method: str, headers: dict[str, str], body: str, patience: float
) -> tuple[int, dict[str, str], str]:
    """Status, header fields and body of an HTTP request; raises ``HttpProblem``."""
    if "://" not in url:
        url = f"http://{url}"
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise HttpProblem(3, "URL rejected: Port number was not a decimal number") from error
    if parts.scheme not in {"http", "https"}:
        raise HttpProblem(1, f'Protocol "{parts.scheme}" not supported')
    host = parts.hostname or ""
    if not host:
        raise HttpProblem(3, "URL rejected: No host part in the URL")
    address = run.machine.network.resolve(host)
    if address is None:
        raise HttpProblem(6, f"Could not resolve host: {host}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if address == METADATA and port == 80:
        return answer(run.machine, method, parts.path or "/", headers)
    status, reply = _reply(host, parts.path or "/", method)
    exchange = _exchange(parts.scheme, len(path) + len(host) + len(body), len(reply))
    outcome = run.machine.network.connect(address, 6, port, exchange, patience=patience)
    if outcome == "refused":
        raise HttpProblem(
            7, f"Failed to connect to {host} port {port} after 1 ms: Could not connect to server"
        )
    if outcome != "open":
        raise HttpProblem(28, f"Connection timed out after {int(patience * 1000) + 1} milliseconds")
    kind = {
        "Server": "nginx",
        "Content-Type": "text/html",
        "Content-Length": str(len(reply)),
        "Connection": "keep-alive",
    }
    return status, kind, "" if method == "HEAD" else reply


def _reply(host: str, path: str, method: str) -> tuple[int, str]:
    """What a stranger's web server would say, as far as that matters to anybody here."""
    if path == "/":
        return 200, _HTML.format(title="Welcome")
    if method in {"GET", "HEAD"} and re.search(r"[a-z]", host) and path.endswith((".sh", ".txt")):
        return 404, _HTML.format(title="404 Not Found")
    return 404, _HTML.format(title="404 Not Found")


def _exchange(scheme: str, sent: int, received: int) -> Exchange:
    if scheme == "https":
        return Exchange(14, 1420 + sent, 12, 5600 + received)
    return Exchange(6, 397 + sent, 4, 460 + received)


@program("curl")
def curl(run: Run) -> int:
    headers: list[str] = []
    words: list[str] = []
    left = list(run.arguments)
    while left:  # -H may come several times
        word = left.pop(0)
        if word in {"-H", "--header"} and left:
            headers.append(left.pop(0))
        elif word.startswith("--header="):
            headers.append(word.partition("=")[2])
        elif word.startswith("-H") and len(word) > 2:
            headers.append(word[2:])
        else:
            words.append(word)
    run.arguments = words
    try:
        options, urls = parse(run, "sfILSkOvi4zcC1#gNnqG", "omMXdAuwRFTxUeb", _CURL_LONG)
    except UsageError as error:
        run.err(
            f"curl: option {error}\ncurl: try 'curl --help' or 'curl --manual' for more information\n"
        )
        return 2
    if "U" in options:
        urls.append(options["U"])
    if not urls:
        run.err("curl: try 'curl --help' or 'curl --manual' for more information\n")
        return 2
    status = 0
    for url in urls:
        status = _curl_one(run, url, options, headers)
    return status


def _curl_one(run: Run, url: str, options: dict[str, str], headers: list[str]) -> int:
    method = options.get("X") or (
        "HEAD"
        if "I" in options
        else "POST"
        if {"d", "F"} & set(options)
        else "PUT"
        if "T" in options
        else "GET"
    )
    fields = {n.strip().lower(): v.strip() for n, _, v in (h.partition(":") for h in headers)}
    patience = min(float(options.get("m") or 130), float(options.get("M") or 130))
    try:
        status, answer_headers, body = fetch(
            run, url, method=method, headers=fields, body=options.get("d", ""), patience=patience
        )
    except HttpProblem as problem:
        if "w" in options:
            run.out(_write_out(options["w"], 0, 0))
        if "s" not in options or "S" in options:
            run.err(f"curl: ({problem.status}) {problem}\n")
        return problem.status
    if "f" in options and status >= 400:
        if "s" not in options or "S" in options:
            run.err(f"curl: (22) The requested URL returned error: {status}\n")
        return 22
    head = (
        f"HTTP/1.1 {status} {_REASONS.get(status, 'OK')}\r\n"
        + "".join(f"{n}: {v}\r\n" for n, v in answer_headers.items())
        + "\r\n"
    )
    text = head if "I" in options else (head + body if "i" in options else body)
    target = options.get("o") or (url.rpartition("/")[2] if "O" in options else None)
    try:
        if target and target != "-":
            run.open(target, "w").write(text)
        else:
            run.out(text)
    except FileError as error:
        run.err(f"curl: (23) Failure writing output to destination: {error}\n")
        return 23
    if "w" in options:
        run.out(_write_out(options["w"], status, len(body)))
    return 0


_REASONS = {
    200: "OK",
    301: "Moved Permanently",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    400: "Bad Request",
}


def _write_out(form: str, status: int, size: int) -> str:
    values = {
        "http_code": f"{status:03d}",
        "response_code": f"{status:03d}",
        "size_download": str(size),
        "time_total": "0.031245",
    }
    text = re.sub(r"%\{(\w+)\}", lambda m: values.get(m.group(1), ""), form)
    return text.replace("\\n", "\n").replace("\\t", "\t")


@program("wget")
def wget(run: Run) -> int:
    options, urls = parse(
        run,
        "qcN",
        "OTtP",
        {
            "--quiet": "q",
            "--timeout": "T",
            "--tries": "t",
            "--output-document": "O",
            "--no-check-certificate": "c",
        },
    )
    if not urls:
        run.err("wget: missing URL\n")
        return 1
    for url in urls:
        try:
            status, _, body = fetch(
                run, url, method="GET", headers={}, body="", patience=float(options.get("T") or 60)
            )
        except HttpProblem as problem:
            if "q" not in options:
                run.err(f"wget: {problem}\n")
            return 4
        if status >= 400:
            run.err("" if "q" in options else f"ERROR {status}: {_REASONS.get(status, '')}.\n")
            return 8
        target = (
            options.get("O")
            or urlsplit(url if "://" in url else f"http://{url}").path.rpartition("/")[2]
            or "index.html"
        )
        if target == "-":
            run.out(body)
        else:
            run.open(target, "w").write(body)
            run.err("" if "q" in options else f"'{target}' saved [{len(body)}/{len(body)}]\n")
    return 0


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
    count = min(int(options.get("c") or 4), 100)
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
    patience = float(options.get("w") or 10)
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
