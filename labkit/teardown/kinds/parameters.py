"""Parameters: answers, hints, and runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labkit.aws import Account
from labkit.clock import Clock
from labkit.names import PARAMETERS_ROOT
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Owner, Resource
from labkit.teardown.search import Search

_DEPTH = 3  # /labkit/WORKSHOP/SEAT


class Parameters(Kind):
    """Every parameter below a seat's path."""

    name = "parameter"
    stage = Stage.RECORDS
    batch = 10  # the most names that DeleteParameters takes (Systems Manager API reference)

    def find(self, search: Search) -> Iterator[Resource]:
        for parameter in search.pages(
            "ssm", "get_parameters_by_path", "Parameters", Path=PARAMETERS_ROOT, Recursive=True
        ):
            name = parameter["Name"]
            parts = name.split("/")[1:]
            if len(parts) > _DEPTH:
                path = "/".join(parts[:_DEPTH])
                yield Resource("parameter", name, Owner(parts[1], parts[2]), f"below /{path}")

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        self.remove("delete", account, [key], clock)

    def remove(self, verb: str, account: Account, keys: Sequence[str], clock: Clock) -> None:
        """Delete parameters in one call. Names that don't exist aren't an error."""
        del verb, clock
        account.client("ssm").delete_parameters(Names=list(keys))


KINDS = (Parameters(),)
