"""Read a deployed lab from its account: stack outputs and the servers' current addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labkit.aws import Account, explain_errors
from labkit.deploy.changes import EMAIL_PARAMETER
from labkit.deploy.stacks import Stack
from labkit.errors import CloudError
from labkit.model import Instance, Lab


@dataclass(frozen=True, slots=True)
class DeployedLab:
    """A lab, and everything else from its stacks that commands need."""

    lab: Lab
    security_group: str
    outputs: Mapping[str, str]
    """All outputs of the seat's stack."""
    list_differs: bool = False
    """Whether GuardDuty's threat list differs from the one in ``workshop.toml``."""
    lab_differs: bool = False
    """Whether the lab differs from ``workshop.toml``; False if nobody checked."""
    alert_email: str = ""
    """The address that gets the alert, if the stack has one."""


# The output for each field of ``Lab``, by stack.
_EVIDENCE_OUTPUTS = {
    "trail_name": "TrailName",
    "trail_bucket": "TrailBucket",
    "trail_log_group": "TrailLogGroup",
    "detector_id": "DetectorId",
    "athena_database": "AthenaDatabase",
    "athena_table": "AthenaTable",
}
_THREAT_LIST_OUTPUTS = {"id": "ThreatListId"}
_SEAT_OUTPUTS = {
    "flow_log_group": "FlowLogGroup",
    "topic_arn": "TopicArn",
    "athena_workgroup": "AthenaWorkgroup",
    "attendee_role_arn": "AttendeeRoleArn",
    "operator_role_arn": "OperatorRoleArn",
    "responder_role_arn": "ResponderRoleArn",
    "grader_role_arn": "GraderRoleArn",
}
_INSTANCES_OUTPUT = "InstanceIds"
_GROUP_OUTPUT = "SecurityGroupId"


def instance_ids(seat_stack: Stack) -> tuple[str, ...]:
    """Return the IDs of the servers in a seat's stack."""
    return tuple(part for part in seat_stack.outputs.get(_INSTANCES_OUTPUT, "").split(",") if part)


def read_lab(
    account: Account, evidence: Stack, threat_list: Stack | None, seat: Stack
) -> DeployedLab:
    """Read the lab of complete stacks; raises ``CloudError`` if an output is missing.

    Without a threat list stack, the list's ID is None.
    """
    fields = {
        **_read_outputs(evidence, _EVIDENCE_OUTPUTS),
        **_read_outputs(seat, _SEAT_OUTPUTS),
    }
    lab = Lab(
        instances=describe_instances(account, instance_ids(seat)),
        threat_list_id=_read_outputs(threat_list, _THREAT_LIST_OUTPUTS)["id"]
        if threat_list
        else None,
        **fields,
    )
    return DeployedLab(
        lab,
        _read_outputs(seat, {"group": _GROUP_OUTPUT})["group"],
        seat.outputs,
        alert_email=seat.parameters.get(EMAIL_PARAMETER, ""),
    )


def describe_instances(account: Account, ids: tuple[str, ...]) -> tuple[Instance, ...]:
    """Look up the current state of the servers, in the order of ``ids``."""
    if not ids:
        return ()
    with explain_errors("describing the servers"):
        answer = account.client("ec2").describe_instances(InstanceIds=list(ids))
    found = {}
    for reservation in answer["Reservations"]:
        for server in reservation["Instances"]:
            interfaces = server.get("NetworkInterfaces", [])
            found[server["InstanceId"]] = Instance(
                instance_id=server["InstanceId"],
                interface_id=interfaces[0]["NetworkInterfaceId"] if interfaces else "",
                private_address=server.get("PrivateIpAddress", ""),
                public_address=server.get("PublicIpAddress") or None,
            )
    return tuple(found[server_id] for server_id in ids if server_id in found)


def _read_outputs(stack: Stack, outputs: Mapping[str, str]) -> dict[str, str]:
    missing = [key for key in outputs.values() if key not in stack.outputs]
    if missing:
        raise CloudError(
            f"The stack {stack.name} has no output {missing[0]}.",
            "Another version of labkit created it. Run 'labkit down', then 'labkit up'.",
        )
    return {field: stack.outputs[key] for field, key in outputs.items()}
