"""The file that was left."""

from __future__ import annotations

from labkit import Evidence, Hint, Source, Text, Wrong, task
from labkit.grading.command_log import split

from .incident import FOLDER, left, lines


@task(
    points=2,
    needs=(Source.COMMANDS,),
    unique=True,
    order=10,
    hints=(Hint("Most lines only look around. One of them makes something new.", 0.5),),
)
def left_file(answer: Text, evidence: Evidence) -> None:
    """Which file was left on the server? Give its path."""
    paths = [path for _, path in left(evidence)]
    if any(answer in (path, path.removeprefix(FOLDER)) for path in paths):
        return
    if answer.rstrip("/") == FOLDER.rstrip("/"):
        raise Wrong("That's a folder. We need the file in it.")
    if any(answer in (record.command, *split(record.command)) for record in lines(evidence)):
        raise Wrong("That was typed on a server, but it isn't the path of the file.")
    raise Wrong("Nobody left a file with that name on your servers during the incident.")
