"""botocore sessions that share their service models."""

from __future__ import annotations

import functools
import threading
from typing import Any

from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session as BotocoreSession

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 8},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=32,
    s3={"addressing_style": "path"},
)


class _SharedLoader(Loader):  # type: ignore[misc] # botocore has no types
    """Reads each of botocore's service models once, in one thread.

    Otherwise every session would read EC2's several megabytes, and many threads would do so at once.
    """

    def __init__(self) -> None:
        super().__init__(extra_search_paths=[])
        self._reading = threading.RLock()

    def load_service_model(self, *arguments: Any, **named: Any) -> Any:
        with self._reading:
            return super().load_service_model(*arguments, **named)

    def load_data_with_path(self, *arguments: Any, **named: Any) -> Any:
        with self._reading:
            return super().load_data_with_path(*arguments, **named)


_loader = functools.cache(_SharedLoader)


def botocore_session() -> BotocoreSession:
    core = BotocoreSession()
    core.register_component("data_loader", _loader())
    return core
