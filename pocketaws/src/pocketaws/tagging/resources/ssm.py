"""Systems Manager parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ... import moto_state
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def parameters(world: World, account: str, region: str) -> Iterator[Tagged]:
    del world  # moto stores them
    backend = moto_state.existing_backend("ssm", account, region)
    if backend is None:
        return
    tags = backend._resource_tags.get("Parameter", {})  # noqa: SLF001 - the public lookup reads values
    for name, of_name in tags.items():
        arn = f"arn:aws:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"
        yield Tagged("ssm:parameter", arn, of_name)
