"""The operator: opens port 22 for its own address, pushes a key, logs in, types, logs out, closes the port.

Source: EC2 user guide, "Connect to a Linux instance using EC2 Instance Connect" (a pushed
key is valid for 60 seconds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from labkit.aws import Account, ClientError, error_code, explain_errors
from labkit.clock import Clock, backoff
from labkit.errors import CloudError
from labkit.model import Instance

USER = "ec2-user"
# An agent that's busy or has just started can take minutes to run a command.
_COMMAND_WITHIN = timedelta(minutes=5)
BOOT_RETRY_PAUSES = (2.0, 4.0, 8.0, 16.0, 32.0)
_RUNNING = {"Pending", "InProgress", "Delayed"}


@dataclass(frozen=True, slots=True)
class Typing:
    """What to type in an SSH session."""

    lines: Sequence[str]
    before_last: Callable[[], None]
    """Called right before the last line, which makes the incident happen."""
    pauses: Sequence[float] = ()
    """How long to wait (in seconds) before each further login if nothing listens on the port yet."""


def run_by_ssh(
    operator: Account,
    instance: Instance,
    group_id: str,
    address: str,
    typing: Typing,
    clock: Clock,
) -> str:
    """Log in over SSH from ``address``, type the lines, and return the terminal's output of the last one.

    Each login has a new key.
    """
    # asyncssh takes a fifth of a command's start, and only this function needs it.
    from labkit.simulate.ssh import (  # noqa: PLC0415
        EphemeralKey,
        KeyRefusedError,
        SshRefusedError,
        ssh_target,
        type_commands,
    )

    if instance.public_address is None:
        raise CloudError(
            f"{instance.instance_id} has no public address because it isn't running.",
            "Start it (aws ec2 start-instances), then rerun 'labkit simulate'.",
        )
    target = ssh_target(instance.public_address, USER)
    pauses = [*typing.pauses]
    key_retried = False
    with _ssh_port_open(operator, group_id, address):
        while True:
            key = EphemeralKey()
            with explain_errors(f"pushing a key to {instance.instance_id}"):
                operator.client("ec2-instance-connect").send_ssh_public_key(
                    InstanceId=instance.instance_id, InstanceOSUser=USER, SSHPublicKey=key.public
                )
            try:
                return type_commands(target, key, typing.lines, typing.before_last)
            except SshRefusedError:
                if not pauses:
                    raise
                clock.sleep(pauses.pop(0))
            except KeyRefusedError:  # on a slow connection, a key can expire before the login
                if key_retried:
                    raise
                key_retried = True


@contextmanager
def _ssh_port_open(operator: Account, group_id: str, address: str) -> Iterator[None]:
    """Open port 22 for one address, and close it again whatever happens.

    A killed process can't close the port, so rules that an earlier run left are removed first.
    """
    ec2 = operator.client("ec2")
    _close_leftover_rules(operator, group_id)
    rule = {
        "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": f"{address}/32"}],
    }  # fmt: skip
    with explain_errors(f"opening port 22 of {group_id}"):
        try:
            ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[rule])
        except ClientError as error:
            if error_code(error) != "InvalidPermission.Duplicate":
                raise
    try:
        yield
    finally:
        close_port(operator, group_id, rule)


def _close_leftover_rules(operator: Account, group_id: str) -> None:
    """Remove every ingress rule: a lab has none of its own."""
    ec2 = operator.client("ec2")
    with explain_errors(f"looking at {group_id}"):
        rules = ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0][
            "IpPermissions"
        ]
    for rule in rules:
        # Only empty lists are left out: port 0 and ICMP type 0 are part of a rule.
        close_port(operator, group_id, {key: value for key, value in rule.items() if value != []})


def close_port(operator: Account, group_id: str, rule: dict[str, object]) -> None:
    """Remove one ingress rule; it's fine if it is already gone."""
    with explain_errors(f"closing port 22 of {group_id}"):
        try:
            operator.client("ec2").revoke_security_group_ingress(
                GroupId=group_id, IpPermissions=[rule]
            )
        except ClientError as error:
            if error_code(error) != "InvalidPermission.NotFound":
                raise


def run_by_ssm(operator: Account, instance: Instance, lines: Sequence[str], clock: Clock) -> None:
    """Have Run Command type the lines into an interactive login shell, so that the server records them.

    The shell ends with status 0: a callout to an address that doesn't answer fails, and a command with another status
    counts as failed (Systems Manager user guide, "Understanding command statuses").
    """
    ssm = operator.client("ssm")
    quoted = " ".join(_quoted(line) for line in (*lines, "exit 0"))
    command = f"printf '%s\\n' {quoted} | sudo -u {USER} -H bash -il"
    with explain_errors(f"sending a command to {instance.instance_id}"):
        sent = ssm.send_command(
            InstanceIds=[instance.instance_id],
            DocumentName="AWS-RunShellScript",
            Parameters={"commands": [command]},
        )
    command_id = sent["Command"]["CommandId"]
    deadline = clock.now() + _COMMAND_WITHIN
    for pause in backoff(first=0.2, longest=5.0, growth=1.5):
        status = _invocation_status(operator, command_id, instance.instance_id)
        if status == "Success":
            return
        if status not in _RUNNING:
            raise CloudError(
                f"Run Command on {instance.instance_id} ended with status {status}.",
                "Look at the command in the Systems Manager console, or use --via ssh.",
            )
        if clock.now() > deadline:
            break
        clock.sleep(pause)
    raise CloudError(
        f"Run Command on {instance.instance_id} hasn't finished after {_COMMAND_WITHIN.seconds // 60} minutes.",
        "Look at the command in the Systems Manager console, or use --via ssh.",
    )


def _invocation_status(operator: Account, command_id: str, instance_id: str) -> str:
    with explain_errors("waiting for Run Command"):
        try:
            answer = operator.client("ssm").get_command_invocation(
                CommandId=command_id, InstanceId=instance_id
            )
        except ClientError as error:
            if error_code(error) == "InvocationDoesNotExist":  # not yet, right after SendCommand
                return "Pending"
            raise
    return str(answer["Status"])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
