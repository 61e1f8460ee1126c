"""What moto reads of botocore's data, read once; and what of moto's own data no account is to have.

moto would read a service's model once for its protocol and once more for the list of its Regions, and would make
that list again for every account: seconds of a start, and most of the time that a new account takes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import moto.core.base_backend
import moto.core.utils
import moto.settings
from botocore.session import Session
from moto.core.base_backend import AccountSpecificBackend
from moto.core.loaders import create_loader

_loader = functools.cache(create_loader)


class SharingSession(boto3.Session):
    """boto3's session for moto, which asks it for Regions only: with the models that moto has read already."""

    def __init__(self, *args: Any, **options: Any) -> None:
        core = Session()
        core.register_component("data_loader", _loader())
        super().__init__(*args, **{"botocore_session": core, **options})


@functools.cache
def _session() -> SharingSession:
    return SharingSession()


@functools.cache
def _regions(service: str) -> tuple[str, ...]:
    return tuple(
        region
        for partition in _session().get_available_partitions()
        for region in _session().get_available_regions(service, partition_name=partition)
    )


def _generate_regions(_: Any, service: str) -> list[str]:
    return list(_regions(service))


@contextmanager
def importing() -> Iterator[None]:
    """For the import of a service of moto's: EC2's makes three sessions while it is imported."""
    kept = boto3.Session
    boto3.Session = SharingSession  # whoever else takes one meanwhile gets a whole session
    try:
        yield
    finally:
        boto3.Session = kept


def load_quickly() -> None:
    """Set moto up so; to be called before any of its services is imported."""
    moto.core.utils.create_loader = _loader
    AccountSpecificBackend._generate_regions = _generate_regions  # noqa: SLF001 - in place of its own
    # Its public images come with a snapshot each, which then every account would own.
    moto.settings.ec2_load_default_amis = lambda: False
