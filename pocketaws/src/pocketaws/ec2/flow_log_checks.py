"""What ``CreateFlowLogs`` refuses, beyond moto's own checks.

Source: EC2 API reference, "CreateFlowLogs"; VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs".
The text about a format is AWS's answer to one that ends in a space (github.com/aws-cloudformation/rain, issue 288).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..network.flow_format import is_well_formed, unknown_fields
from ..registry import after, before

if TYPE_CHECKING:
    from ..gateway.call import Call

_ROLE_ARN = re.compile(r"arn:aws:iam::(\d{12}):role/[\w+=,.@/-]+")


@before("ec2", "CreateFlowLogs")
def check(call: Call) -> None:
    """Check the destination, the role, and the format."""
    params = call.params
    kind = params.get("LogDestinationType", "cloud-watch-logs")
    if kind != "cloud-watch-logs":
        raise AwsError("NotImplemented", f"pocketaws doesn't emulate flow logs to {kind}.", 501)
    if params.get("TrafficType", "ALL") not in {"ALL", "ACCEPT", "REJECT"}:
        raise AwsError("InvalidParameter", "TrafficType must be ALL, ACCEPT or REJECT.")
    role = params.get("DeliverLogsPermissionArn")
    if role is None:
        raise AwsError(
            "InvalidParameter",
            "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
        )
    if not _exists(call, role):
        raise AwsError("InvalidParameter", f"The IAM role {role} is not valid or does not exist.")
    form = params.get("LogFormat")
    if form is None:
        return
    if not is_well_formed(form):
        raise AwsError(
            "InvalidParameter",
            f"1 validation error detected: Value '{form}' at 'logFormat' has an invalid format",
        )
    unknown = unknown_fields(form)
    if unknown:
        raise AwsError("InvalidParameter", f"Unknown fields provided: {unknown[0]}")


@after("ec2", "CreateFlowLogs")
def clear_delivery_error(call: Call, result: Any) -> None:
    """Clear the delivery error that moto sets because it looks for the log group in its own CloudWatch Logs.

    Before the first delivery, nothing can have failed.
    """
    flow_logs = moto_state.backend("ec2", call.account, call.region).flow_logs
    for flow_log_id in result["FlowLogIds"]:
        flow_log = flow_logs[flow_log_id]
        flow_log.deliver_logs_status, flow_log.deliver_logs_error_message = "SUCCESS", None


def _exists(call: Call, arn: str) -> bool:
    match = _ROLE_ARN.fullmatch(arn)
    if match is None or match.group(1) != call.account:
        return False
    roles: Any = moto_state.backend("iam", call.account, "aws").roles
    return any(role.arn == arn for role in roles.values())
