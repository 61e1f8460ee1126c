"""``aws s3 ls``.

Source: AWS CLI command reference, "s3 ls".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from .cli import Cli
from .words import SCHEME, human, positionals, read_options

_FLAGS = frozenset({"--recursive", "--human-readable", "--summarize"})


def ls(cli: Cli, words: list[str]) -> int:
    """List buckets, or what is below a prefix."""
    options, rest = read_options(words, _FLAGS, frozenset())
    (path,) = positionals(rest, 1) or [SCHEME]
    bucket, _, prefix = path.removeprefix(SCHEME).partition("/")
    if not bucket:
        for each in cli.call("s3", "ListBuckets").get("Buckets", ()):
            cli.run.out(f"{_time(each['CreationDate'])} {each['Name']}\n")
        return 0
    count = total = prefixes = 0
    for page in _pages(cli, bucket, prefix, "" if "--recursive" in options else "/"):
        for common in page.get("CommonPrefixes", ()):
            prefixes += 1
            cli.run.out(f"{'PRE':>30} {unquote_plus(common['Prefix']).split('/')[-2]}/\n")
        for item in page.get("Contents", ()):
            count, total = count + 1, total + item["Size"]
            size = human(item["Size"]) if "--human-readable" in options else str(item["Size"])
            key = unquote_plus(item["Key"])
            name = key if "--recursive" in options else key.rpartition("/")[2]
            cli.run.out(f"{_time(item['LastModified'])} {size:>10} {name}\n")
    if "--summarize" in options:
        size = human(total) if "--human-readable" in options else str(total)
        cli.run.out(f"\nTotal Objects: {count}\n   Total Size: {size}\n")
    return 1 if prefix and not count and not prefixes else 0


def _pages(cli: Cli, bucket: str, prefix: str, delimiter: str) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "EncodingType": "url"}
    if delimiter:
        asked["Delimiter"] = delimiter
    while True:
        page = cli.call("s3", "ListObjectsV2", **asked)
        yield page
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
