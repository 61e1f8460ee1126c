"""One run of the AWS CLI: whose credentials it has, how it calls, and how it ends where it cannot.

Source: AWS CLI user guide, "Configuration and credential precedence", "Command line return codes in the AWS CLI"
(252 to 255); user agent of records that were made on Amazon Linux 2023. The number behind ``awscrt`` and the order
of the letters behind ``m/`` are inferred from those of neighbouring releases.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....errors import AwsError
from ....gateway.refusals import refusal
from ....gateway.regions import is_region
from ....identity.credentials import find_key
from ...network import Exchange

if TYPE_CHECKING:
    from ....identity.caller import Caller
    from ..registry import Run

VERSION = "2.30.4"
_PYTHON = "3.9.23"
_KERNEL = "6.1.155-176.282.amzn2023.x86_64"
VERSION_LINE = f"aws-cli/{VERSION} Python/{_PYTHON} Linux/{_KERNEL} source/x86_64.amzn.2023"
USAGE_STATUS, CONFIGURATION_STATUS, SERVICE_STATUS, OTHER_STATUS = 252, 253, 254, 255
_CONNECT_SECONDS = 60.0
# What the SDK says of itself: checksums by default, credentials of the metadata service, standard retries; "G" is
# for transfers of S3.
_FEATURES = {"s3.cp": "Z,b,0,G,E"}
_OTHER_FEATURES = "Z,b,0,E"


class CliError(Exception):
    """A run that ends with words on standard error and a status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NoCredentialsError(CliError):
    """Nobody to call as."""

    def __init__(self) -> None:
        super().__init__("Unable to locate credentials", CONFIGURATION_STATUS)


class ServiceError(Exception):
    """An error that a service answered."""

    def __init__(self, operation: str, error: AwsError) -> None:
        super().__init__(operation, error)
        self.operation = operation
        self.error = error

    def __str__(self) -> str:
        code, message = self.error.code, self.error.message
        if self.operation.startswith("Head"):  # such an answer has no body to say more
            code = str(self.error.status)
            message = {403: "Forbidden", 404: "Not Found"}.get(self.error.status, "Bad Request")
        return f"An error occurred ({code}) when calling the {self.operation} operation: {message}"


@dataclass(frozen=True, slots=True)
class Cli:
    """A run with its global options."""

    run: Run
    command: str
    """As the user agent has it: ``s3.cp``."""
    region: str
    output: str
    query: str | None

    def call(
        self, service: str, operation: str, *, sent: int = 0, received: int = 0, **params: Any
    ) -> dict[str, Any]:
        """Call a service; raises ``ServiceError``, ``NoCredentialsError`` or ``CliError``.

        ``sent`` and ``received`` are bytes of content, for the traffic that it is.
        """
        try:
            caller = self._caller(service)
            self._connect(service, params, sent, received)
            return self.run.machine.world.call(caller, service, operation, self.region, **params)
        except AwsError as error:
            raise ServiceError(operation, error) from error

    def _caller(self, service: str) -> Caller:
        """The key in the environment, or else the instance's role."""
        environment = self.run.shell.state.environment()
        agent = self._user_agent()
        if "AWS_ACCESS_KEY_ID" in environment:
            return self._by_key(service, environment, agent)
        machine = self.run.machine
        if machine.instance.metadata_options.http_endpoint == "disabled":
            raise NoCredentialsError
        try:
            caller = machine.role_caller(agent)
        except AwsError as error:  # EC2 may not assume the role
            raise NoCredentialsError from error
        if caller is None:
            raise NoCredentialsError
        return caller

    def _by_key(self, service: str, environment: dict[str, str], agent: str) -> Caller:
        machine = self.run.machine
        address = machine.network.shown_address()
        known = find_key(machine.world, environment["AWS_ACCESS_KEY_ID"], address, agent)
        if known is None:
            raise refusal(service, "unknown key")
        if (known.token or "") != environment.get("AWS_SESSION_TOKEN", ""):
            raise refusal(service, "bad token")
        secret = environment.get("AWS_SECRET_ACCESS_KEY", "")
        if not hmac.compare_digest(known.secret.encode(), secret.encode()):
            raise refusal(service, "mismatch")
        if known.expires_at is not None and known.expires_at <= machine.now:
            raise refusal(service, "expired token")
        return known.caller

    def _user_agent(self) -> str:
        return (
            f"aws-cli/{VERSION} md/awscrt#0.27.6 ua/2.1 os/linux#{_KERNEL} md/arch#x86_64 "
            f"lang/python#{_PYTHON} md/pyimpl#CPython m/{_FEATURES.get(self.command, _OTHER_FEATURES)} "
            "cfg/retry-mode#standard md/installer#source md/distrib#amzn.2023 md/prompt#off "
            f"md/command#{self.command}"
        )

    def _connect(self, service: str, params: dict[str, Any], sent: int, received: int) -> None:
        host = f"{service}.{self.region}.amazonaws.com"
        if "Bucket" in params:
            host = f"{params['Bucket']}.{host}"
        url = f"https://{host}/{params.get('Key', '')}"
        network = self.run.machine.network
        address = network.resolve(host) if is_region(self.region) else None
        if address is None:
            raise CliError(f'Could not connect to the endpoint URL: "{url}"', OTHER_STATUS)
        exchange = Exchange(
            12 + sent // 1400, 1320 + sent, 12 + received // 1400, 5600 + received, 0.2
        )
        outcome = network.connect(address, 6, 443, exchange, patience=_CONNECT_SECONDS)
        if outcome != "open":
            said = (
                "Connect timeout on endpoint URL"
                if outcome == "timeout"
                else "Could not connect to the endpoint URL"
            )
            raise CliError(f'{said}: "{url}"', OTHER_STATUS)
