"""``curl``. Source: curl's manual."""

from __future__ import annotations

from ..files import FileError
from .http import HttpError, fetch
from .registry import Run, UsageError, parse, program, to_seconds

_LONG = {
    "--silent": "s", "--show-error": "S", "--fail": "f", "--location": "L", "--output": "o", "--max-time": "m",
    "--request": "X", "--data": "d", "--data-binary": "d", "--data-raw": "d",
}  # fmt: skip


@program("curl")
def curl(run: Run) -> int:
    headers, run.arguments = _headers(run.arguments)
    try:
        options, urls = parse(run, "sSfL", "omXd", _LONG)
    except UsageError as error:
        run.err(
            f"curl: option {error}\ncurl: try 'curl --help' or 'curl --manual' for more information\n"
        )
        return 2
    if not urls:
        run.err("curl: try 'curl --help' or 'curl --manual' for more information\n")
        return 2
    status = 0
    for url in urls:
        status = _transfer(run, url, options, headers)
    return status


def _headers(arguments: list[str]) -> tuple[dict[str, str], list[str]]:
    """The header fields (``-H`` can repeat) and the remaining arguments."""
    fields: list[str] = []
    words: list[str] = []
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word in {"-H", "--header"} and left:
            fields.append(left.pop(0))
        elif word.startswith("-H") and len(word) > 2:
            fields.append(word[2:])
        else:
            words.append(word)
    pairs = (field.partition(":") for field in fields)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}, words


def _transfer(run: Run, url: str, options: dict[str, str], headers: dict[str, str]) -> int:
    method = options.get("X") or ("POST" if "d" in options else "GET")
    loud = "s" not in options or "S" in options
    try:
        status, body = fetch(
            run, url, method=method, headers=headers, body=options.get("d", ""),
            patience=to_seconds(options.get("m", "130")),
        )  # fmt: skip
    except HttpError as problem:
        run.err(f"curl: ({problem.status}) {problem}\n" if loud else "")
        return problem.status
    if "f" in options and status >= 400:
        run.err(f"curl: (22) The requested URL returned error: {status}\n" if loud else "")
        return 22
    target = options.get("o", "-")
    try:
        if target == "-":
            run.out(body)
        else:
            run.open(target, "w").write(body)
    except FileError as error:
        run.err(f"curl: (23) Failure writing output to destination: {error}\n")
        return 23
    return 0
