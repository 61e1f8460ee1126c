"""One run of the AWS CLI: its credentials, its calls, and its errors.

Source: AWS CLI user guide, "Configuration and credential precedence", "Command line return codes in the AWS CLI"
(252 to 255); the user agent in CloudTrail records from Amazon Linux 2023. The version of ``awscrt`` and the order of
the letters after ``m/`` are inferred from adjacent releases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....errors import AwsError
from ....gateway.regions import is_region
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
# The SDK's feature IDs: checksums by default, credentials from the metadata service, standard retries, and "G" for
# S3 transfers.
_FEATURES = {"s3.cp": "Z,b,0,G,E"}


class CliError(Exception):
    """The run failed, with a message for standard error and an exit status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NoCredentialsError(CliError):
    """The server has no credentials."""

    def __init__(self) -> None:
        super().__init__("Unable to locate credentials", CONFIGURATION_STATUS)


class ServiceError(Exception):
    """A service returned an error."""

    def __init__(self, operation: str, error: AwsError) -> None:
        super().__init__(operation, error)
        self.operation = operation
        self.error = error

    def __str__(self) -> str:
        return f"An error occurred ({self.error.code}) when calling the {self.operation} operation: {self.error.message}"


@dataclass(frozen=True, slots=True)
class Cli:
    """A run with its global options."""

    run: Run
    command: str
    """The command as the user agent shows it, for example ``s3.cp``."""
    region: str

    def call(self, service: str, operation: str, *, sent: int = 0, **params: Any) -> dict[str, Any]:
        """Call a service; raises ``ServiceError``, ``NoCredentialsError`` or ``CliError``.

        ``sent`` is the size of the request body in bytes, for the flow log.
        """
        try:
            caller = self._caller()
            self._connect(service, params, sent)
            return self.run.machine.world.call(caller, service, operation, self.region, **params)
        except AwsError as error:
            raise ServiceError(operation, error) from error

    def _caller(self) -> Caller:
        """The instance's role."""
        if "AWS_ACCESS_KEY_ID" in self.run.shell.state.environment():
            raise CliError(
                "pocketaws doesn't emulate credentials in environment variables", OTHER_STATUS
            )
        machine = self.run.machine
        if machine.instance.metadata_options.http_endpoint == "disabled":
            raise NoCredentialsError
        try:
            caller = machine.role_caller(self._user_agent())
        except AwsError as error:  # EC2 may not assume the role
            raise NoCredentialsError from error
        if caller is None:
            raise NoCredentialsError
        return caller

    def _user_agent(self) -> str:
        return (
            f"aws-cli/{VERSION} md/awscrt#0.27.6 ua/2.1 os/linux#{_KERNEL} md/arch#x86_64 "
            f"lang/python#{_PYTHON} md/pyimpl#CPython m/{_FEATURES[self.command]} "
            "cfg/retry-mode#standard md/installer#source md/distrib#amzn.2023 md/prompt#off "
            f"md/command#{self.command}"
        )

    def _connect(self, service: str, params: dict[str, Any], sent: int) -> None:
        host = f"{service}.{self.region}.amazonaws.com"
        if "Bucket" in params:
            host = f"{params['Bucket']}.{host}"
        url = f"https://{host}/{params.get('Key', '')}"
        network = self.run.machine.network
        address = network.resolve(host) if is_region(self.region) else None
        if address is None:
            raise CliError(f'Could not connect to the endpoint URL: "{url}"', OTHER_STATUS)
        exchange = Exchange(12 + sent // 1400, 1320 + sent, 12, 5600, 0.2)
        outcome = network.connect(address, 443, exchange, patience=_CONNECT_SECONDS)
        if outcome != "open":
            said = (
                "Connect timeout on endpoint URL"
                if outcome == "timeout"
                else "Could not connect to the endpoint URL"
            )
            raise CliError(f'{said}: "{url}"', OTHER_STATUS)
