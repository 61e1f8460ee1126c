"""``curl`` and ``wget``. Source: curl's and wget's manuals."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..files import FileError
from .http import REASONS, HttpProblem, fetch
from .registry import Run, UsageError, parse, program, to_seconds

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
    patience = min(to_seconds(options.get("m", "130")), to_seconds(options.get("M", "130")))
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
        f"HTTP/1.1 {status} {REASONS.get(status, 'OK')}\r\n"
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
                run,
                url,
                method="GET",
                headers={},
                body="",
                patience=to_seconds(options.get("T", "60")),
            )
        except HttpProblem as problem:
            if "q" not in options:
                run.err(f"wget: {problem}\n")
            return 4
        if status >= 400:
            run.err("" if "q" in options else f"ERROR {status}: {REASONS.get(status, '')}.\n")
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
