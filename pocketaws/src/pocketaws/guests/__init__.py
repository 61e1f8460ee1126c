"""Guests: what runs inside an instance. Nothing of it is ever run on the host.

A guest is a small file tree, some services, and a shell that understands a good part of bash
(``shell``), over programs that are Python functions (``programs``). ``boot`` does what an
instance's user data says; ``login`` opens shells in it for SSH. Shell and programs are loaded
when a server first runs something.
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
