"""An AWS that runs in this process: real clients, the wire protocols, no cloud and no bill.

Rooms: one package per AWS service (``cloudtrail``, ``logs``, ``guardduty`` …), and around them

- ``gateway``: a request's way in and its answer's way out: HTTP, signature, protocol, the pipeline;
- ``identity``: who calls, with which rights;
- ``world``: the state, the one lock, the clock and the queue of effects that are still to come;
- ``moto_state``: the only file that touches moto's backends.

Imports inside this package are relative, and nothing in it knows the program it is shipped with.
"""

__version__ = "0.1.0"
