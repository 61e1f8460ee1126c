"""``labkit local``: the built-in AWS emulator as a server. The commands themselves are ``pocketaws``'s."""

from __future__ import annotations

from labkit import embedded_aws
from labkit.cli.common.app import local_app, verb

for _name, _function in embedded_aws.commands().items():
    verb(_name, under=local_app)(_function)
