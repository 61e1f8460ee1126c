"""What's in an account, according to plain boto3, service by service. This doesn't use labkit's own code."""

from __future__ import annotations

from typing import Any, Protocol


class HasClients(Protocol):
    """Someone with the credentials of an account."""

    def client(self, service: str) -> Any:
        """A boto3 client."""
        ...


def everything(desk: HasClients) -> dict[str, list[str]]:
    """The IDs of everything in the account of a desk's credentials, by kind (without terminated servers)."""
    ec2, iam, s3, logs = (desk.client(name) for name in ("ec2", "iam", "s3", "logs"))
    instances = [
        server
        for reservation in ec2.describe_instances()["Reservations"]
        for server in reservation["Instances"]
        if server["State"]["Name"] != "terminated"
    ]
    found = {
        "stacks": [s["StackName"] for s in desk.client("cloudformation").describe_stacks()["Stacks"]],
        "instances": [server["InstanceId"] for server in instances],
        "volumes": [v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]],
        "interfaces": [
            i["NetworkInterfaceId"] for i in ec2.describe_network_interfaces()["NetworkInterfaces"]
        ],
        "groups": [g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"]],
        "vpcs": [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]],
        "subnets": [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]],
        "tables": [t["RouteTableId"] for t in ec2.describe_route_tables()["RouteTables"]],
        "gateways": [g["InternetGatewayId"] for g in ec2.describe_internet_gateways()["InternetGateways"]],
        "flow logs": [f["FlowLogId"] for f in ec2.describe_flow_logs()["FlowLogs"]],
        "roles": [role["RoleName"] for role in iam.list_roles()["Roles"]],
        "profiles": [p["InstanceProfileName"] for p in iam.list_instance_profiles()["InstanceProfiles"]],
        "users": [user["UserName"] for user in iam.list_users()["Users"]],
        "buckets": [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]],
        "log groups": [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]],
        "trails": [t["Name"] for t in desk.client("cloudtrail").describe_trails()["trailList"]],
        "detectors": desk.client("guardduty").list_detectors()["DetectorIds"],
        "topics": [topic["TopicArn"] for topic in desk.client("sns").list_topics()["Topics"]],
        "rules": [rule["Name"] for rule in desk.client("events").list_rules()["Rules"]],
        "parameters": [
            parameter["Name"]
            for page in desk.client("ssm")
            .get_paginator("get_parameters_by_path")
            .paginate(Path="/labkit", Recursive=True)
            for parameter in page["Parameters"]
        ],
        "work groups": [g["Name"] for g in desk.client("athena").list_work_groups()["WorkGroups"]],
        "databases": [d["Name"] for d in desk.client("glue").get_databases()["DatabaseList"]],
        "schedule groups": [
            g["Name"] for g in desk.client("scheduler").list_schedule_groups()["ScheduleGroups"]
        ],
        "schedules": [s["Name"] for s in desk.client("scheduler").list_schedules()["Schedules"]],
    }  # fmt: skip
    return {kind: sorted(ids) for kind, ids in found.items()}
