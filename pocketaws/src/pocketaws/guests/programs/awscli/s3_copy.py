"""``aws s3 cp``: uploads one file to a bucket.

Source: AWS CLI command reference, "s3 cp".
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from ...files import FileError
from .cli import OTHER_STATUS, USAGE_STATUS, Cli, CliError, ServiceError
from .words import SCHEME, Options, human, positionals, read_options, usage_error

_FLAGS = frozenset({"--only-show-errors", "--no-progress"})
_PLACES = "usage: aws s3 cp <LocalPath> <S3Uri> or <S3Uri> <LocalPath> or <S3Uri> <S3Uri>"
_NO_KEY = (
    "Parameter validation failed:\nInvalid length for parameter Key, value: 0, valid min length: 1"
)


@dataclass(frozen=True, slots=True)
class _Upload:
    """One upload and its messages."""

    cli: Cli
    options: Options
    source: str
    target: str

    @property
    def place(self) -> str:
        return f"{self.source} to {self.target}"

    def say(self, text: str) -> None:
        if "--only-show-errors" not in self.options:
            self.cli.run.out(text)

    def failed(self, reason: object, *, covering: str = "") -> int:
        """Report a failure, padded so that it overwrites the progress line on a terminal."""
        text = f"upload failed: {self.place} {reason}"
        self.cli.run.err(text.ljust(len(covering)) + "\n")
        return 1

    def progress(self, size: int) -> str:
        """Write the progress line, which the next line overwrites; returns it, or an empty string."""
        if not size or "--no-progress" in self.options:
            return ""
        speed = human(size / self.cli.run.machine.world.random.uniform(0.02, 0.2))
        line = f"Completed {human(size)}/{human(size)} ({speed}/s) with 1 file(s) remaining"
        self.say(line + "\r")
        return line


def cp(cli: Cli, words: list[str]) -> int:
    """Copy one file to a bucket."""
    options, rest = read_options(words, _FLAGS, frozenset())
    paths = positionals(rest, 2)
    if len(paths) < 2:
        raise usage_error("the following arguments are required: paths")
    source, target = paths
    if source.startswith(SCHEME):
        message = "pocketaws doesn't emulate copying from a bucket"
        raise CliError(f"{_PLACES}\nError: {message}", USAGE_STATUS)
    if not target.startswith(SCHEME):
        raise CliError(f"{_PLACES}\nError: Invalid argument type", USAGE_STATUS)
    return _upload(cli, options, source, target)


def _upload(cli: Cli, options: Options, source: str, target: str) -> int:
    bucket, _, key = target.removeprefix(SCHEME).partition("/")
    node = cli.run.machine.files.get(source, cli.run.cwd)
    if node is None:
        raise CliError(f"The user-provided path {source} does not exist.", OTHER_STATUS)
    if node.kind == "directory":
        upload = _Upload(cli, options, f"{source.rstrip('/')}/", target)
        return upload.failed("[Errno 21] Is a directory" if key else _NO_KEY)
    if not key or key.endswith("/"):
        key += posixpath.basename(source)
    upload = _Upload(cli, options, _relative(cli, source), f"{SCHEME}{bucket}/{key}")
    try:
        body = cli.run.read(source).encode("utf-8", "surrogateescape")
    except FileError:
        where = posixpath.normpath(posixpath.join(cli.run.cwd, source))
        cli.run.err(f"warning: Skipping file {where}. File/Directory is not readable.\n")
        return 2
    return _put(upload, bucket, key, body)


def _put(upload: _Upload, bucket: str, key: str, body: bytes) -> int:
    try:
        upload.cli.call("s3", "PutObject", sent=len(body), Bucket=bucket, Key=key, Body=body)
    except ServiceError as error:
        return upload.failed(error, covering=upload.progress(len(body)))
    except CliError as error:
        return upload.failed(error)
    before = upload.progress(len(body))
    upload.say(f"upload: {upload.place}".ljust(len(before)) + "\n")
    return 0


def _relative(cli: Cli, path: str) -> str:
    """The path relative to the working directory, as the CLI shows it."""
    folder, name = posixpath.split(posixpath.join(cli.run.cwd, path))
    return posixpath.join(posixpath.relpath(posixpath.normpath(folder), cli.run.cwd), name)
