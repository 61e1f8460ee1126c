"""An AWS emulator in one process: real clients, the wire protocols, no cloud, and no bill.

There's one package per AWS service (``cloudtrail``, ``logs``, ``guardduty`` …). Around them:

- ``gateway`` turns HTTP requests into calls and results into responses: signatures, protocols, the pipeline;
- ``identity`` knows who calls and what they may do;
- ``world`` holds the state, the one lock, the clock, and the queue of scheduled effects;
- ``moto_state`` is the only file that touches moto's backends.

Imports inside this package are relative, and it knows nothing of the program that ships it.
"""

__version__ = "0.1.0"
