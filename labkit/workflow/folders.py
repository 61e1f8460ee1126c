"""Where labkit keeps caches and snapshots: the folder ``.labkit/`` beside ``workshop.toml``."""

from __future__ import annotations

from pathlib import Path

from labkit.model import Workshop

_FOLDER = ".labkit"


def snapshots_folder(workshop: Workshop) -> Path:
    """Return the folder of a workshop's snapshots; it might not exist."""
    return workshop.folder / _FOLDER / workshop.name


def accounts_file(workshop: Workshop) -> Path:
    """Return the file that says where a workshop is deployed; it might not exist."""
    return workshop.folder / _FOLDER / f"{workshop.name}.json"
