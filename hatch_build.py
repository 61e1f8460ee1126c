"""Adds the files of ``templates/`` and ``checks/`` to the wheel. A new scenario has no list to join."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_LEFT_OUT = {"samples", "__pycache__"}


class DataFiles(BuildHookInterface):
    """Puts the scenarios' files below ``labkit/_data``, where an installed labkit looks for them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return  # a checkout has them at its top
        root = Path(self.root)
        for kind in ("templates", "checks"):
            for path in sorted((root / kind).rglob("*")):
                if path.is_file() and not _LEFT_OUT & set(path.relative_to(root).parts):
                    inside = f"labkit/_data/{path.relative_to(root).as_posix()}"
                    build_data["force_include"][str(path)] = inside
