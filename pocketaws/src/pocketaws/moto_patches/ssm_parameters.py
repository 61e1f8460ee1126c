"""moto's store of an account's parameters, with three changes.

It can be pickled, without AWS's public parameters: they're not an account's state, and are loaded again on demand. Of
the parameters for images, it has only those whose images exist here. And listing an account's parameters leaves out
the public ones, unless a request names their path.

Source: Systems Manager user guide, "Discovering public parameters in Parameter Store".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ssm.models import ParameterDict

from .ec2_images import images

_PUBLIC = "/aws/service/"
_IMAGES = "/aws/service/ami-amazon-linux-latest/"


class Parameters(ParameterDict):
    """Name -> versions, kept compactly in snapshots."""

    def __reduce__(self) -> tuple[Any, ...]:
        own = {name: list(kept) for name, kept in self.items() if not name.startswith(_PUBLIC)}
        return _rebuild, (self.account_id, self.region_name, own)

    def __iter__(self) -> Iterator[str]:
        return (name for name in super().__iter__() if not name.startswith(_PUBLIC))

    def get_keys_beginning_with(self, path: str, recursive: bool) -> Iterator[str]:  # noqa: FBT001 - moto's
        """The names below a path that ends with a slash."""
        self._check_loading_status(path)
        for name in list(self.keys() if path.startswith(_PUBLIC) else self):
            below = name.startswith(path) or path == "/"
            if below and (recursive or "/" not in name[len(path) :]):
                yield name

    def _load_latest_amis(self) -> None:
        super()._load_latest_amis()
        there = images(self.region_name)
        read = [(name, kept[-1].value) for name, kept in self.items() if name.startswith(_IMAGES)]
        for name, image_id in read:
            if image_id not in there:
                del self[name]


def _rebuild(account: str, region: str, own: dict[str, Any]) -> Parameters:
    rebuilt = Parameters(account, region)
    rebuilt.update(own)
    return rebuilt
