"""Guests: what runs inside an instance. Nothing of it is ever run on the host.

A guest is a small file tree, some services, and a shell that understands a good part of bash
(``shell``), over programs that are Python functions (``programs``). ``boot`` does what an
instance's user data says; ``login`` opens shells in it for SSH and Run Command.
"""
