"""The roles of every scenario's lab on the emulator: each can do its work and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labkit.embedded_aws import embedded_aws
from labkit.scenario import scenarios
from labkit.workflow import demo_run
from pocketaws.server import LocalAws
from pocketaws.testing import ClientFactory, administrator, administrator_role, assume

REFUSED = {
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "AuthorizationError",
    "403",
}


@dataclass(frozen=True)
class Lab:
    """A lab after the incident, and clients of its roles."""

    facts: dict[str, Any]
    account: str
    roles: dict[str, ClientFactory]

    def text(self, template: str) -> str:
        """``template`` with the lab's names filled in."""
        instance = self.facts["instances"][0]["instance_id"]
        names = {
            **self.facts,
            "instance": instance,
            "account": self.account,
            "region": demo_run.REGION,
        }
        return template.format_map(names)

    def params(self, given: dict[str, Any]) -> dict[str, Any]:
        def fill(value: Any) -> Any:
            if isinstance(value, str):
                return self.text(value)
            if isinstance(value, list):
                return [fill(item) for item in value]
            return {k: fill(v) for k, v in value.items()} if isinstance(value, dict) else value

        return {key: fill(value) for key, value in given.items()}


@pytest.fixture(scope="module", params=sorted(scenarios()))
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with embedded_aws(demo_run.REGION) as aws:
        work = demo_run.begin(1, request.param)
        demo_run.require_state(work.up(), "ready")
        demo_run.require_state(work.simulate(), "incident")
        (row,) = work.status()
        facts, account = row["lab"], str(row["account"])
        yield Lab(facts, account, _roles(aws, account, facts))


def _roles(aws: LocalAws, account: str, facts: dict[str, Any]) -> dict[str, ClientFactory]:
    deployer = assume(aws, administrator(aws), administrator_role(account), "deployer")
    names = ("attendee", "operator", "responder", "grader")
    return {
        "deployer": deployer,
        **{name: assume(aws, deployer, facts[f"{name}_role_arn"], name) for name in names},
    }


PORT = {
    "IpPermissions": [
        {
            "IpProtocol": "tcp",
            "FromPort": 22,
            "ToPort": 22,
            "IpRanges": [{"CidrIp": "198.51.100.7/32"}],
        }
    ]
}
ANSWER = {"Type": "String", "Value": "[]", "Overwrite": True}
PARAMETERS = "/labkit/demo/seat-1"

# role, service, method, parameters
MAY = [
    ("attendee", "logs", "filter_log_events", {"logGroupName": "{instance}-commands-log"}),
    ("attendee", "logs", "filter_log_events", {"logGroupName": "{flow_log_group}"}),
    ("attendee", "logs", "describe_log_groups", {}),
    ("attendee", "cloudtrail", "lookup_events", {}),
    ("attendee", "cloudtrail", "get_trail_status", {"Name": "{trail_name}"}),
    ("attendee", "s3", "list_objects_v2", {"Bucket": "{trail_bucket}", "Prefix": "AWSLogs/"}),
    ("attendee", "guardduty", "list_detectors", {}),
    ("attendee", "guardduty", "list_findings", {"DetectorId": "{detector_id}"}),
    ("attendee", "ec2", "describe_instances", {}),
    ("attendee", "ec2", "describe_network_interfaces", {}),
    ("attendee", "cloudformation", "describe_stacks", {"StackName": "labkit-demo-seat-seat-1"}),
    ("attendee", "athena", "list_named_queries", {"WorkGroup": "{athena_workgroup}"}),
    ("attendee", "ssm", "put_parameter", {"Name": f"{PARAMETERS}/answers/instance", **ANSWER}),
    ("attendee", "ssm", "get_parameters_by_path", {"Path": f"{PARAMETERS}/answers"}),
    ("operator", "ec2", "describe_instances", {}),
    ("responder", "ec2", "stop_instances", {"InstanceIds": ["{instance}"]}),
    ("grader", "logs", "filter_log_events", {"logGroupName": "{instance}-commands-log"}),
    ("grader", "cloudtrail", "lookup_events", {}),
    ("grader", "ssm", "get_parameters_by_path", {"Path": PARAMETERS, "Recursive": True}),
    ("grader", "guardduty", "list_findings", {"DetectorId": "{detector_id}"}),
    ("deployer", "cloudtrail", "get_trail_status", {"Name": "{trail_name}"}),
]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0Ax4AnRZ1Q0nQm6Yk7C7p6JtK3Q3sJ6bQ2m6X9b0aA"
MAY_NOT = [
    ("attendee", "cloudtrail", "stop_logging", {"Name": "{trail_name}"}),
    ("attendee", "cloudtrail", "delete_trail", {"Name": "{trail_name}"}),
    ("attendee", "ec2", "terminate_instances", {"InstanceIds": ["{instance}"]}),
    ("attendee", "ec2", "stop_instances", {"InstanceIds": ["{instance}"]}),
    ("attendee", "ec2", "authorize_security_group_ingress", {"GroupId": "sg-1", **PORT}),
    ("attendee", "ec2-instance-connect", "send_ssh_public_key",
     {"InstanceId": "{instance}", "InstanceOSUser": "ec2-user", "SSHPublicKey": KEY}),
    ("attendee", "ssm", "send_command",
     {"InstanceIds": ["{instance}"], "DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["id"]}}),
    ("attendee", "ssm", "get_parameters_by_path", {"Path": f"{PARAMETERS}/runs"}),
    ("attendee", "ssm", "get_parameters_by_path", {"Path": PARAMETERS, "Recursive": True}),
    ("attendee", "ssm", "get_parameter", {"Name": f"{PARAMETERS}/runs/1"}),
    ("attendee", "ssm", "put_parameter", {"Name": "/labkit/demo/seat-2/answers/instance", **ANSWER}),
    ("attendee", "ssm", "delete_parameter", {"Name": f"{PARAMETERS}/answers/instance"}),
    ("attendee", "logs", "delete_log_group", {"logGroupName": "{flow_log_group}"}),
    ("attendee", "logs", "put_log_events",
     {"logGroupName": "{flow_log_group}", "logStreamName": "x", "logEvents": [{"timestamp": 1, "message": "x"}]}),
    ("attendee", "logs", "filter_log_events", {"logGroupName": "another-group"}),
    ("attendee", "s3", "put_object", {"Bucket": "{trail_bucket}", "Key": "AWSLogs/x"}),
    ("attendee", "s3", "delete_bucket", {"Bucket": "{trail_bucket}"}),
    ("attendee", "s3", "get_object", {"Bucket": "{trail_bucket}", "Key": "threat-list/list.txt"}),
    ("attendee", "guardduty", "delete_detector", {"DetectorId": "{detector_id}"}),
    ("attendee", "guardduty", "archive_findings", {"DetectorId": "{detector_id}", "FindingIds": ["x"]}),
    ("attendee", "sns", "publish", {"TopicArn": "{topic_arn}", "Message": "x"}),
    ("attendee", "iam", "list_roles", {}),
    ("attendee", "iam", "put_role_policy", {"RoleName": "labkit-demo-seat-1-attendee", "PolicyName": "p",
     "PolicyDocument": "x"}),
    ("attendee", "sts", "assume_role", {"RoleArn": "{operator_role_arn}", "RoleSessionName": "me"}),
    ("attendee", "sts", "assume_role", {"RoleArn": "{grader_role_arn}", "RoleSessionName": "me"}),
    ("attendee", "cloudformation", "delete_stack", {"StackName": "labkit-demo-seat-seat-1"}),
    ("attendee", "athena", "start_query_execution", {"QueryString": "SELECT 1", "WorkGroup": "primary"}),
    ("attendee", "glue", "delete_table", {"DatabaseName": "{athena_database}", "Name": "{athena_table}"}),
    ("operator", "ec2", "terminate_instances", {"InstanceIds": ["{instance}"]}),
    ("operator", "ec2", "authorize_security_group_ingress", {"GroupId": "sg-1", **PORT}),
    ("operator", "ec2-instance-connect", "send_ssh_public_key",
     {"InstanceId": "{instance}", "InstanceOSUser": "root", "SSHPublicKey": KEY}),
    ("operator", "ssm", "send_command",
     {"InstanceIds": ["{instance}"], "DocumentName": "AWS-ConfigureAWSPackage", "Parameters": {}}),
    ("operator", "logs", "filter_log_events", {"logGroupName": "{instance}-commands-log"}),
    ("operator", "sts", "assume_role", {"RoleArn": "{responder_role_arn}", "RoleSessionName": "me"}),
    ("responder", "ec2", "describe_instances", {}),
    ("responder", "ec2", "start_instances", {"InstanceIds": ["{instance}"]}),
    ("grader", "ssm", "put_parameter", {"Name": f"{PARAMETERS}/answers/instance", **ANSWER}),
    ("grader", "ec2", "stop_instances", {"InstanceIds": ["{instance}"]}),
    ("grader", "s3", "delete_object", {"Bucket": "{trail_bucket}", "Key": "AWSLogs/x"}),
]  # fmt: skip


def _call(lab: Lab, role: str, service: str, method: str, params: dict[str, Any]) -> Any:
    function: Callable[..., Any] = getattr(lab.roles[role](service), method)
    return function(**lab.params(params))


@pytest.mark.parametrize(("role", "service", "method", "params"), MAY)
def test_a_role_can_do_its_work(
    lab: Lab, role: str, service: str, method: str, params: dict[str, Any]
) -> None:
    assert _call(lab, role, service, method, params)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(("role", "service", "method", "params"), MAY_NOT)
def test_a_role_is_refused_the_rest(
    lab: Lab, role: str, service: str, method: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        _call(lab, role, service, method, params)
    assert caught.value.response["Error"]["Code"] in REFUSED
