"""Someone logs in to a server and leaves a file there."""

from __future__ import annotations

from pydantic import Field

from labkit.model import Marks
from labkit.scenario import WITHOUT_THREAT_LIST, Scenario, Settings


class LabSettings(Settings):
    """How many servers a lab has."""

    servers: int = Field(default=2, ge=1, le=10)


SCENARIO = Scenario(
    name="new_scenario",
    title="Someone leaves a file on a server",
    description=(
        "Someone logs in to one of your servers and leaves a file there. Then the server is stopped. "
        "Find the file, and find out who left it."
    ),
    settings=LabSettings,
    commands=("touch /tmp/{token}",),
    # The incident's line in the command log contains this. There's no finding or other call to wait for.
    marks=Marks(in_command=("touch /tmp/",)),
    templates=WITHOUT_THREAT_LIST,
    access_methods=("ssh",),
)
