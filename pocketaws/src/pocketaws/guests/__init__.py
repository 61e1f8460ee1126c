"""Guests: what runs inside an instance. None of it ever runs on the host.

A guest has a small file tree, some services, a shell that understands a good part of bash (``shell``), and programs
that are Python functions (``programs``). ``boot`` runs the instance's user data, and ``login`` opens shells for SSH.
The shell and the programs load when a server first runs something.
"""

from ..inputs import registered_in

registered_in(
    f"{__name__}.login",
    "guests.open_shell",
    "guests.feed",
    "guests.interrupt",
    "guests.close_shell",
    "guests.execute",
)
