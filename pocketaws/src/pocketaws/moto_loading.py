"""Faster loading of moto: botocore's data is read once, and accounts start without moto's default images.

By itself, moto reads a service's model once for its protocol and again for the list of its Regions, and builds that
list again for every account. That takes seconds of every start and most of the time for a new account.
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
    """A boto3 session for moto, which only asks it for Regions. It shares the models that moto has already read."""

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
    """Use ``SharingSession`` while a moto service is imported (EC2's creates three sessions on import)."""
    kept = boto3.Session
    boto3.Session = SharingSession  # a complete session for any other caller meanwhile
    try:
        yield
    finally:
        boto3.Session = kept


def load_quickly() -> None:
    """Apply this to moto. Call it before importing any moto service."""
    moto.core.utils.create_loader = _loader
    AccountSpecificBackend._generate_regions = _generate_regions  # noqa: SLF001 - in place of its own
    # Each of moto's public images brings a snapshot, which every account would then own.
    moto.settings.ec2_load_default_amis = lambda: False
