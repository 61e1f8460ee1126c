"""``aws s3 cp``: one file to or from a bucket, standard input and output included.

Source: AWS CLI command reference, "s3 cp".
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ...files import FileError, Node
from ..files import make_directory
from .cli import OTHER_STATUS, USAGE_STATUS, Cli, CliError, ServiceError
from .words import SCHEME, Options, human, positionals, read_options, usage_error

_FLAGS = frozenset({"--quiet", "--only-show-errors", "--no-progress", "--dryrun"})
_PLACES = "usage: aws s3 cp <LocalPath> <S3Uri> or <S3Uri> <LocalPath> or <S3Uri> <S3Uri>"
_NO_KEY = (
    "Parameter validation failed:\nInvalid length for parameter Key, value: 0, valid min length: 1"
)


@dataclass(frozen=True, slots=True)
class _Transfer:
    """One file on its way, and what is said of it."""

    cli: Cli
    options: Options
    kind: Literal["upload", "download"]
    source: str
    target: str

    @property
    def is_stream(self) -> bool:
        return "-" in (self.source, self.target)

    @property
    def place(self) -> str:
        return f"{self.source} to {self.target}"

    def say(self, text: str) -> None:
        if not self.is_stream and not {"--quiet", "--only-show-errors"} & set(self.options):
            self.cli.run.out(text)

    def fail(self, text: str) -> int:
        if "--quiet" not in self.options:
            self.cli.run.err(text)
        return 1

    def failed(self, reason: object) -> int:
        return self.fail(f"{self.kind} failed: {self.place} {reason}\n")

    def progress(self, size: int) -> str:
        """The line that the next one on a terminal covers; empty where nothing is shown."""
        if not size or "--no-progress" in self.options:
            return ""
        speed = human(size / self.cli.run.machine.world.random.uniform(0.02, 0.2))
        line = f"Completed {human(size)}/{human(size)} ({speed}/s) with 1 file(s) remaining"
        self.say(line + "\r")
        return line

    def only_say(self) -> int:
        """What would be done."""
        self.say(f"(dryrun) {self.kind}: {self.place}\n")
        return 0

    def done(self, size: int) -> int:
        before = self.progress(size)
        self.say(f"{self.kind}: {self.place}".ljust(len(before)) + "\n")
        return 0


def cp(cli: Cli, words: list[str]) -> int:
    """Copy one file to or from a bucket."""
    options, rest = read_options(words, _FLAGS, frozenset())
    paths = positionals(rest, 2)
    if len(paths) < 2:
        raise usage_error("the following arguments are required: paths")
    source, target = paths
    match source.startswith(SCHEME), target.startswith(SCHEME):
        case False, True:
            return _upload(cli, options, source, target)
        case True, False:
            return _download(cli, options, source, target)
        case True, True:
            message = "Copies from one bucket to another are not emulated here"
            raise CliError(f"{_PLACES}\nError: {message}", USAGE_STATUS)
        case _:
            raise CliError(f"{_PLACES}\nError: Invalid argument type", USAGE_STATUS)


def _upload(cli: Cli, options: Options, source: str, target: str) -> int:
    bucket, _, key = target.removeprefix(SCHEME).partition("/")
    shown = source
    if source != "-":
        node = cli.run.machine.files.get(source, cli.run.cwd)
        if node is None:
            raise CliError(f"The user-provided path {source} does not exist.", OTHER_STATUS)
        if node.kind == "directory":
            transfer = _Transfer(cli, options, "upload", f"{source.rstrip('/')}/", target)
            return transfer.failed("[Errno 21] Is a directory" if key else _NO_KEY)
        if not key or key.endswith("/"):
            key += posixpath.basename(source)
        shown = _relative(cli, source)
    transfer = _Transfer(cli, options, "upload", shown, f"{SCHEME}{bucket}/{key}")
    if "--dryrun" in options:
        return transfer.only_say()
    try:
        body = cli.run.read(source).encode("utf-8", "surrogateescape")
    except FileError:
        where = posixpath.normpath(posixpath.join(cli.run.cwd, source))
        transfer.fail(f"warning: Skipping file {where}. File/Directory is not readable.\n")
        return 2
    return _put(transfer, bucket, key, body) if key else transfer.failed(_NO_KEY)


def _put(transfer: _Transfer, bucket: str, key: str, body: bytes) -> int:
    try:
        transfer.cli.call("s3", "PutObject", sent=len(body), Bucket=bucket, Key=key, Body=body)
    except ServiceError as error:
        before = transfer.progress(len(body))
        said = f"upload failed: {transfer.place} {error}"
        return transfer.fail(said.ljust(len(before)) + "\n")
    except CliError as error:
        return transfer.failed(error)
    return transfer.done(len(body))


def _download(cli: Cli, options: Options, source: str, target: str) -> int:
    bucket, _, key = source.removeprefix(SCHEME).partition("/")
    if not key:
        return 0  # nothing is named so
    path = target
    if target != "-" and _is_folder(cli, target):
        path = posixpath.join(target, posixpath.basename(key))
    shown = target if target == "-" else _relative(cli, path)
    transfer = _Transfer(cli, options, "download", source, shown)
    try:
        head = cli.call("s3", "HeadObject", Bucket=bucket, Key=key)
    except (ServiceError, CliError) as error:
        return _missing(transfer, key, error)
    if "--dryrun" in options:
        return transfer.only_say()
    size = int(head.get("ContentLength", 0))
    try:
        got = cli.call("s3", "GetObject", received=size, Bucket=bucket, Key=key)
        body: bytes = got["Body"] if isinstance(got["Body"], bytes) else got["Body"].read()
        if target == "-":
            cli.run.out(body.decode("utf-8", "replace"))
        else:
            _write(cli, path, body, head["LastModified"])
    except (ServiceError, CliError) as error:
        return transfer.failed(error)
    except FileError as error:
        return transfer.failed(f"{error}: {posixpath.join(cli.run.cwd, path)!r}")
    return transfer.done(len(body))


def _missing(transfer: _Transfer, key: str, error: Exception) -> int:
    """The object is not there, or it may not be seen."""
    if transfer.is_stream:
        return transfer.failed(error)
    said = str(error)
    if isinstance(error, ServiceError) and error.error.status == 404:
        said = said.removesuffix("Not Found") + f'Key "{key}" does not exist'
    return transfer.fail(f"fatal error: {said}\n")


def _is_folder(cli: Cli, path: str) -> bool:
    node: Node | None = cli.run.machine.files.get(path, cli.run.cwd)
    return path.endswith("/") or (node is not None and node.kind == "directory")


def _write(cli: Cli, path: str, body: bytes, modified: datetime) -> None:
    run = cli.run
    if path.startswith("/dev/"):
        run.open(path, "w").write(body.decode("utf-8", "replace"))
        return
    umask = run.shell.state.umask
    folder = posixpath.dirname(path)
    if folder:
        make_directory(run, folder, 0o777 & ~umask, parents=True)
    run.machine.files.write(
        path, body.decode("utf-8", "surrogateescape"), modified, run.cwd, run.identity,
        mode=0o666 & ~umask,
    )  # fmt: skip


def _relative(cli: Cli, path: str) -> str:
    """A path as the CLI shows it: seen from where one is."""
    folder, name = posixpath.split(posixpath.join(cli.run.cwd, path))
    return posixpath.join(posixpath.relpath(posixpath.normpath(folder), cli.run.cwd), name)
