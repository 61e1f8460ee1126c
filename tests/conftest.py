"""Fixtures and settings for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# A busy machine is slow, which isn't a failure.
settings.register_profile("any machine", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real records (``LABKIT_SAMPLES``); skips the test if there is none."""
    folder = Path(os.environ.get("LABKIT_SAMPLES", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        message = f"no real records at {folder}: set LABKIT_SAMPLES"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder
