"""What must be true of every scenario's rendered templates, beyond what cfn-lint checks."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from cfnlint.decode import cfn_yaml
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from labkit import names
from labkit.model import Workshop
from labkit.render import TEMPLATE_BYTES, render
from labkit.scenario import scenarios
from labkit.scenarios import DEFAULT
from tests.check_templates import LONGEST_NAME, numbers_of_servers, variations

Template = dict[str, Any]

ROLES = ("Attendee", "Operator", "Responder", "Grader")
READS = re.compile(r"(BatchGet|Describe|Filter|Get|List|Lookup|Test)\w*\*?")
ATTENDEE_WRITES = {
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    "logs:StartQuery",
    "logs:StopQuery",
    "ssm:PutParameter",
}
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "210000000001",
    "AWS::StackName": "labkit-immersion-day-seat-ada",
    "AWS::StackId": "arn:aws:cloudformation:eu-west-1:210000000001:stack/labkit-immersion-day-seat-ada/1",
    "Seat": "ada",
    "TrailBucket": "trail-bucket",
    "DetectorId": "0" * 32,
    "SecurityGroup.GroupId": "sg-0123456789abcdef0",
    "FlowLogGroup.Arn": "arn:aws:logs:eu-west-1:210000000001:log-group:labkit-immersion-day-seat-ada-securityGroupVpcFlowLogs:*",
}
PSEUDO |= {f"Server{n}": f"i-0123456789abcdef{n:x}" for n in range(1, 11)}
PSEUDO |= {
    f"Commands{n}.Arn": f"arn:aws:logs:eu-west-1:210000000001:log-group:i-0123456789abcdef{n:x}-commands-log:*"
    for n in range(1, 11)
}


def templates(scenario: str, name: str = "immersion-day", servers: int = 2) -> dict[str, Template]:
    workshop = Workshop(
        name,
        scenario,
        "eu-west-1",
        timedelta(hours=8),
        (),
        settings={"servers": servers},
    )
    return {role: dict(cfn_yaml.loads(text)) for role, text in render(workshop).items()}


@pytest.fixture(scope="module", params=sorted(scenarios()))
def scenario(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def texts(scenario: str) -> dict[str, Template]:
    return templates(scenario)


@pytest.fixture(scope="module")
def lab(texts: dict[str, Template]) -> Template:
    return texts["lab"]


@pytest.fixture(scope="module")
def evidence(texts: dict[str, Template]) -> Template:
    return texts["evidence"]


def of_type(template: Template, kind: str) -> dict[str, Any]:
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def resolved(value: Any) -> str:
    """A text with its references filled in; an unknown one stays as it is."""
    if isinstance(value, dict):
        ((function, argument),) = value.items()
        assert function in {"Ref", "Fn::Sub", "Fn::GetAtt"}, value
        name = ".".join(as_list(argument))
        value = name if function == "Fn::Sub" else "${" + name + "}"
    return re.sub(r"\$\{([^!][^}]*)\}", lambda found: PSEUDO.get(found[1], found[1]), str(value))


def statements(template: Template, role: str) -> Iterator[tuple[set[str], list[str], Any]]:
    """The actions, resources, and conditions of a role's statements, all of which must allow."""
    properties = template["Resources"][f"{role}Role"]["Properties"]
    assert "ManagedPolicyArns" not in properties
    for policy in properties["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            resources = [resolved(resource) for resource in as_list(statement["Resource"])]
            yield set(as_list(statement["Action"])), resources, statement.get("Condition")


def actions(template: Template, role: str) -> set[str]:
    return set().union(*(found for found, _, _ in statements(template, role)))


def allowed(template: Template, role: str, action: str, arn: str) -> bool:
    """Whether a role may perform an action on a resource, ignoring conditions."""
    return any(
        any(fnmatch.fnmatchcase(action, pattern) for pattern in found)
        and any(fnmatch.fnmatchcase(arn, pattern) for pattern in resources)
        for found, resources, _ in statements(template, role)
    )


class TestEverywhere:
    def test_whatever_takes_tags_has_the_workshops(self, texts: dict[str, Template]) -> None:
        for role, template in texts.items():
            wanted = {"labkit:workshop": "immersion-day", "labkit:expires": {"Ref": "Expires"}}
            if role == "lab":
                wanted["labkit:seat"] = {"Ref": "Seat"}
            tagged = 0
            for name, resource in template["Resources"].items():
                schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", resource["Type"])
                if "Tags" not in schema.schema["properties"]:
                    continue
                tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"].get("Tags", [])}
                assert wanted.items() <= tags.items(), name
                tagged += 1
            assert tagged >= 1

    def test_the_largest_leaves_room_for_later_changes(self, scenario: str) -> None:
        """CloudFormation user guide, "Quotas": 51,200 bytes for a template in a request."""
        rendered = [render(w) for w in variations(scenarios()[scenario])]
        largest = max(len(text.encode()) for texts in rendered for text in texts.values())
        assert largest <= TEMPLATE_BYTES - 1_500

    @pytest.mark.parametrize("name", ["yes", "nul", "off", "e12"])
    def test_a_name_that_yaml_knows_stays_a_text(self, scenario: str, name: str) -> None:
        for template in templates(scenario, name).values():
            tags = [
                tag["Value"]
                for resource in template["Resources"].values()
                for tag in resource.get("Properties", {}).get("Tags", [])
                if tag["Key"] == "labkit:workshop"
            ]
            assert set(tags) == {name}

    @pytest.mark.parametrize(
        "role", ["Attendee", "Operator", "Responder", "Grader", "Server", "Expiry"]
    )
    def test_policies_are_inside_iams_limit(self, scenario: str, role: str) -> None:
        """IAM user guide, "IAM and AWS STS quotas": 10,240 characters per role, not counting white space."""
        servers = max(numbers_of_servers(scenarios()[scenario]))
        rendered = templates(scenario, LONGEST_NAME, servers)
        template = rendered["expiry" if role == "Expiry" else "lab"]
        resource = template["Resources"][f"{role}Role"]

        def fill(value: Any) -> Any:
            if isinstance(value, dict):
                if set(value) <= {"Ref", "Fn::Sub", "Fn::GetAtt"}:
                    return resolved(value)
                return {key: fill(item) for key, item in value.items()}
            return [fill(item) for item in value] if isinstance(value, list) else value

        documents = [
            fill(policy["PolicyDocument"]) for policy in resource["Properties"]["Policies"]
        ]
        size = sum(len(re.sub(r"\s", "", json.dumps(document))) for document in documents)
        longer_seat = 20 - len(PSEUDO["Seat"])
        assert size + longer_seat * json.dumps(documents).count("-ada") <= 10_240

    def test_names_are_inside_aws_limits(self, scenario: str) -> None:
        seat = "s" * 20
        for template in templates(scenario, LONGEST_NAME).values():
            for resource in template["Resources"].values():
                properties = resource.get("Properties", {})
                for key in ("RoleName", "Name"):
                    value = properties.get(key, "")
                    text = value.get("Fn::Sub", "") if isinstance(value, dict) else value
                    assert len(text.replace("${Seat}", seat)) <= 64


class TestRoles:
    @pytest.mark.parametrize("role", ROLES)
    def test_only_the_given_principals_become_it(self, lab: Template, role: str) -> None:
        trust = lab["Resources"][f"{role}Role"]["Properties"]["AssumeRolePolicyDocument"]
        statement, *more = trust["Statement"]
        assert statement["Principal"] == {"AWS": {"Ref": "TrustedPrincipals"}}
        assert statement["Action"] == "sts:AssumeRole"
        assert bool(more) is (role == "Attendee")

    def test_attendees_sign_in_as_the_role_named_and_only_if_one_is(self, lab: Template) -> None:
        trust = lab["Resources"]["AttendeeRole"]["Properties"]["AssumeRolePolicyDocument"]
        condition, statement, otherwise = trust["Statement"][1]["Fn::If"]
        assert lab["Conditions"][condition] == {
            "Fn::Not": [{"Fn::Equals": [{"Ref": "AttendeeSignIn"}, ""]}]
        }
        assert otherwise == {"Ref": "AWS::NoValue"}
        assert statement["Action"] == "sts:AssumeRole"
        assert statement["Principal"] == {"AWS": {"Ref": "AWS::AccountId"}}
        (named,) = statement["Condition"]["ArnLike"].values()
        assert named["Fn::Sub"].endswith(":iam::${AWS::AccountId}:role/${AttendeeSignIn}")
        # Nobody can name a session after a server.
        assert statement["Condition"]["StringNotLike"] == {"sts:RoleSessionName": "i-*"}

    @pytest.mark.parametrize("role", ROLES)
    def test_its_name_is_the_contracts(self, lab: Template, role: str) -> None:
        name = lab["Resources"][f"{role}Role"]["Properties"]["RoleName"]
        assert resolved(name) == f"labkit-immersion-day-ada-{role.lower()}"

    def test_the_attendee_reads_and_writes_nothing_but_answers(self, lab: Template) -> None:
        others = {
            action
            for action in actions(lab, "Attendee") - ATTENDEE_WRITES
            if not READS.fullmatch(action.partition(":")[2])
        }
        assert others == set()
        assert not {a for a in actions(lab, "Attendee") if a.startswith(("iam:", "sts:"))}
        assert {a for a in actions(lab, "Attendee") if "*" in a} == {"logs:List*"}

    @pytest.mark.parametrize(
        ("path", "may"),
        [
            ("ada/answers/command", True),
            ("ada/hints/command", True),
            ("ada/runs/1", False),
            ("ada/answers", False),
            ("bea/answers/command", False),
        ],
    )
    @pytest.mark.parametrize("action", ["ssm:PutParameter", "ssm:GetParameter"])
    def test_the_attendees_parameters(
        self, lab: Template, action: str, path: str, *, may: bool
    ) -> None:
        arn = f"arn:aws:ssm:eu-west-1:210000000001:parameter/labkit/immersion-day/{path}"
        assert allowed(lab, "Attendee", action, arn) is may

    @pytest.mark.parametrize("path", ["ada/runs", "ada", "bea/answers"])
    def test_the_attendee_cannot_list_what_is_not_theirs(self, lab: Template, path: str) -> None:
        arn = f"arn:aws:ssm:eu-west-1:210000000001:parameter/labkit/immersion-day/{path}"
        assert not allowed(lab, "Attendee", "ssm:GetParametersByPath", arn)
        assert allowed(lab, "Attendee", "ssm:GetParametersByPath", arn.replace(path, "ada/answers"))

    @pytest.mark.parametrize(
        ("group", "may"),
        [
            ("i-0123456789abcdef1-commands-log", True),
            ("i-0123456789abcdef2-commands-log", True),
            ("labkit-immersion-day-seat-ada-securityGroupVpcFlowLogs", True),
            ("labkit-immersion-day-trail", True),
            ("i-0fffffffffffffff1-commands-log", False),
            ("labkit-immersion-day-seat-bea-securityGroupVpcFlowLogs", False),
        ],
    )
    def test_attendee_and_grader_read_the_seats_log_groups(
        self, lab: Template, group: str, *, may: bool
    ) -> None:
        arn = f"arn:aws:logs:eu-west-1:210000000001:log-group:{group}:log-stream:"
        for role in ("Attendee", "Grader"):
            assert allowed(lab, role, "logs:FilterLogEvents", arn) is may

    def test_the_attendee_does_not_read_the_threat_list(self, lab: Template) -> None:
        arn = "arn:aws:s3:::trail-bucket/threat-list/addresses.txt"
        assert not allowed(lab, "Attendee", "s3:GetObject", arn)
        assert allowed(lab, "Grader", "s3:GetObject", arn)

    def test_the_grader_only_reads_runs_and_answers_included(self, lab: Template) -> None:
        found = actions(lab, "Grader")
        assert {a for a in found if not READS.fullmatch(a.partition(":")[2])} == set()
        base = "arn:aws:ssm:eu-west-1:210000000001:parameter/labkit/immersion-day/ada"
        for path in ("", "/runs/1", "/answers/command"):
            assert allowed(lab, "Grader", "ssm:GetParametersByPath", base + path)
        assert not allowed(
            lab, "Grader", "ssm:GetParameter", base.replace("ada", "adam") + "/runs/1"
        )

    def test_the_operator_pushes_keys_for_one_user_of_its_servers(self, lab: Template) -> None:
        (key,) = [
            s
            for s in statements(lab, "Operator")
            if "ec2-instance-connect:SendSSHPublicKey" in s[0]
        ]
        assert key[1] == [f"arn:aws:ec2:*:*:instance/i-0123456789abcdef{n}" for n in (1, 2)]
        assert key[2] == {"StringEquals": {"ec2:osuser": "ec2-user"}}

    def test_the_operator_opens_one_door_and_runs_one_document(self, lab: Template) -> None:
        ec2 = "arn:aws:ec2:eu-west-1:210000000001:"
        assert allowed(
            lab,
            "Operator",
            "ec2:AuthorizeSecurityGroupIngress",
            ec2 + "security-group/sg-0123456789abcdef0",
        )
        assert not allowed(
            lab, "Operator", "ec2:AuthorizeSecurityGroupIngress", ec2 + "security-group/sg-0fff"
        )
        document = "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"
        assert allowed(lab, "Operator", "ssm:SendCommand", document)
        assert not allowed(lab, "Operator", "ssm:SendCommand", document.replace("Shell", "Remote"))
        assert not allowed(lab, "Operator", "ssm:SendCommand", ec2 + "instance/i-0fff")

    def test_the_responder_stops_its_servers_and_nothing_else(self, lab: Template) -> None:
        assert actions(lab, "Responder") == {"ec2:StopInstances"}
        ec2 = "arn:aws:ec2:eu-west-1:210000000001:instance/"
        assert allowed(lab, "Responder", "ec2:StopInstances", ec2 + "i-0123456789abcdef2")
        assert not allowed(lab, "Responder", "ec2:StopInstances", ec2 + "i-0fff")

    def test_a_server_reads_no_parameters(self, lab: Template) -> None:
        assert not {a for a in actions(lab, "Server") if a.startswith(("ssm:GetParameter", "iam:"))}

    def test_a_servers_role_has_the_name_by_which_findings_about_its_keys_are_asked_for(
        self, lab: Template
    ) -> None:
        name = lab["Resources"]["ServerRole"]["Properties"]["RoleName"]
        assert resolved(name) == "labkit-immersion-day-ada-server"


class TestServers:
    def test_there_are_as_many_as_asked_for_and_outputs_name_them(self, scenario: str) -> None:
        for servers in numbers_of_servers(scenarios()[scenario]):
            lab = templates(scenario, servers=servers)["lab"]
            names = [f"Server{n}" for n in range(1, servers + 1)]
            assert list(of_type(lab, "AWS::EC2::Instance")) == names
            joined = lab["Outputs"]["InstanceIds"]["Value"]["Fn::Join"]
            assert joined == [",", [{"Ref": name} for name in names]]

    def test_each_has_a_command_log_that_the_stack_creates_while_it_boots(
        self, lab: Template
    ) -> None:
        """Servers may not create log groups, so that every group has the lab's tags and goes with it."""
        for number in (1, 2):
            group = lab["Resources"][f"Commands{number}"]["Properties"]
            assert group["LogGroupName"] == {"Fn::Sub": f"${{Server{number}}}-commands-log"}
            assert group["RetentionInDays"] == {"Ref": "RetentionDays"}
            assert "CreationPolicy" not in lab["Resources"][f"Server{number}"]
        assert "logs:CreateLogGroup" not in actions(lab, "Server")
        assert "logs:PutRetentionPolicy" not in actions(lab, "Server")

    def test_each_is_hardened_and_must_signal(self, lab: Template) -> None:
        servers = of_type(lab, "AWS::EC2::Instance")
        assert servers
        for name, server in servers.items():
            assert server["MetadataOptions"]["HttpTokens"] == "required"
            assert server["CreditSpecification"] == {"CPUCredits": "unlimited"}
            (volume,) = server["BlockDeviceMappings"]
            assert volume["Ebs"]["Encrypted"] is True
            ready = lab["Resources"][name.replace("Server", "Ready")]
            assert ready == {
                "Type": "AWS::CloudFormation::WaitCondition",
                "CreationPolicy": {"ResourceSignal": {"Timeout": "PT20M"}},
            }
            assert "FlowLog" in lab["Resources"][name]["DependsOn"]

    def test_no_update_replaces_one_because_there_is_a_newer_image(self, lab: Template) -> None:
        assert lab["Parameters"]["ImageId"] == {"Type": "AWS::EC2::Image::Id"}

    def test_nothing_comes_in(self, lab: Template) -> None:
        (group,) = of_type(lab, "AWS::EC2::SecurityGroup").values()
        assert "SecurityGroupIngress" not in group
        assert of_type(lab, "AWS::EC2::SecurityGroupIngress") == {}

    def test_the_flow_log_is_the_exercises(self, lab: Template) -> None:
        (flow_log,) = of_type(lab, "AWS::EC2::FlowLog").values()
        assert flow_log["MaxAggregationInterval"] == 60
        assert flow_log["TrafficType"] == "ALL"
        assert "LogFormat" not in flow_log  # the default, version 2
        group = lab["Resources"]["FlowLogGroup"]["Properties"]["LogGroupName"]
        assert "securityGroupVpcFlowLogs" in resolved(group)


def boot_script(scenario: str) -> str:
    """The second server's user data as EC2 gets it."""
    lab = templates(scenario)["lab"]
    data = lab["Resources"]["Server2"]["Properties"]["UserData"]["Fn::Base64"]
    separator, (head, body) = data["Fn::Join"]
    assert (separator, body) == ("", {"Fn::FindInMap": ["Script", "Boot", "Text"]})
    return resolved(head) + str(lab["Mappings"]["Script"]["Boot"]["Text"])


def own_files(scenario: str) -> list[Path]:
    return list(scenarios()[scenario].template_folders[0].rglob("*"))


class TestBoot:
    @pytest.fixture(scope="class")
    @classmethod
    def boot(cls, scenario: str) -> str:
        return boot_script(scenario)

    def test_it_says_which_stack_resource_and_region_it_is(self, boot: str) -> None:
        assert boot.splitlines()[:4] == [
            "#!/bin/bash",
            "stack=labkit-immersion-day-seat-ada",
            "number=2",
            "region=eu-west-1",
        ]

    def test_it_is_bash(self, boot: str) -> None:
        bash = shutil.which("bash")
        if bash is None:
            pytest.skip("bash is not installed")
        done = subprocess.run([bash, "-n"], input=boot, capture_output=True, text=True, check=False)  # noqa: S603
        assert (done.returncode, done.stderr) == (0, "")

    def test_it_has_the_order_in_which_each_step_needs_the_one_before(self, boot: str) -> None:
        steps = [
            "trap finish EXIT", "dnf -y", "/etc/profile.d/command-log.sh", "/etc/rsyslog.d/command-log.conf",
            "rsyslogd -N1", "touch /var/log/command-log", "systemctl restart rsyslog",
            "amazon-cloudwatch-agent-ctl", "logger -p local6.info -t command-log",
        ]  # fmt: skip
        places = [boot.index(step) for step in steps]
        assert places == sorted(places)

    def test_the_agent_delivers_what_the_system_log_writes(self, boot: str) -> None:
        text = boot.partition("<<'AGENT'\n")[2].partition("\nAGENT\n")[0]
        agent = json.loads(text)
        (file,) = agent["logs"]["logs_collected"]["files"]["collect_list"]
        assert file == {
            "file_path": "/var/log/command-log",
            "log_group_name": "{instance_id}-commands-log",
            "log_stream_name": "{instance_id}",
            "timestamp_format": "%b %d %H:%M:%S",
            "timezone": "UTC",
        }
        assert agent["agent"]["run_as_user"] == "root"
        rule = boot.partition("<<'RULE'\n")[2].partition("\nRULE\n")[0]
        assert f'file="{file["file_path"]}"' in rule
        assert '$syslogfacility-text == "local6"' in rule

    def test_a_failing_step_fails_the_signal(self, tmp_path: Any) -> None:
        """Run the script with stubs, one of which fails: the signal's exit code must not be 0.

        This leaves out the scenario's own part, which would also run here.
        """
        boot = boot_script(DEFAULT)
        assert "boot.sh.j2" not in {path.name for path in own_files(DEFAULT)}
        bash = shutil.which("bash")
        if bash is None:
            pytest.skip("bash is not installed")
        (tmp_path / "log").mkdir()
        (tmp_path / "log/command-log").write_text("something arrived\n")
        text = re.sub(
            r"/(etc/profile\.d|etc/rsyslog\.d|var/log|opt/aws/amazon-cloudwatch-agent/bin)/",
            f"{tmp_path}/log/",
            boot,
        )
        text = text.replace("/opt/aws/bin/cfn-signal", "cfn-signal").replace(
            f"{tmp_path}/log/amazon-cloudwatch-agent-ctl", "agent-ctl"
        )
        (tmp_path / "signals").touch()
        stubs = "".join(
            f'{program}() {{ echo "{program} $*" >> {tmp_path}/signals; [ "$broken" != {program} ]; }}\n'
            for program in (
                "cfn-signal",
                "dnf",
                "rsyslogd",
                "systemctl",
                "agent-ctl",
                "logger",
                "sleep",
            )
        )

        def signal(broken: str) -> str:
            (tmp_path / "signals").write_text("")
            subprocess.run(  # noqa: S603 - stubs only
                [bash],
                input=f"broken={broken}\n{stubs}{text}",
                text=True,
                check=False,
                env={"PATH": "/usr/bin:/bin"},
                capture_output=True,
            )
            return [
                line
                for line in (tmp_path / "signals").read_text().splitlines()
                if line.startswith("cfn-signal")
            ][-1]

        assert "--exit-code 0 " in signal("none")
        assert " --resource Ready2 " in signal("none")
        for broken in ("dnf", "rsyslogd", "systemctl", "agent-ctl"):
            assert "--exit-code 1 " in signal(broken), broken


class TestEvidence:
    def test_the_bucket_is_closed_versioned_encrypted_and_cleans_up(
        self, evidence: Template
    ) -> None:
        (bucket,) = of_type(evidence, "AWS::S3::Bucket").values()
        assert "BucketName" not in bucket
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert "BucketEncryption" in bucket
        assert "LifecycleConfiguration" in bucket

    def test_cloudtrail_writes_for_this_trail_only(self, evidence: Template) -> None:
        (policy,) = of_type(evidence, "AWS::S3::BucketPolicy").values()
        trail = "arn:aws:cloudtrail:eu-west-1:210000000001:trail/labkit-immersion-day"
        by_sid = {s["Sid"]: s for s in policy["PolicyDocument"]["Statement"]}
        for sid in ("AWSCloudTrailAclCheck20150319", "AWSCloudTrailWrite20150319"):
            condition = by_sid[sid]["Condition"]["StringEquals"]
            assert resolved(condition["aws:SourceArn"]) == trail
        (made,) = of_type(evidence, "AWS::CloudTrail::Trail").values()
        assert made["TrailName"] == "labkit-immersion-day"
        assert made["IsMultiRegionTrail"] is False
        assert evidence["Resources"]["Trail"]["DependsOn"] == "TrailBucketPolicy"

    def test_every_feature_of_a_new_detector_is_off_or_in_the_instructors_guide(
        self, texts: dict[str, Template]
    ) -> None:
        """GuardDuty turns on what isn't named. It accepts only one of the two kinds of runtime monitoring."""
        (detector,) = of_type(texts["detector"], "AWS::GuardDuty::Detector").values()
        assert detector["FindingPublishingFrequency"] == "FIFTEEN_MINUTES"
        assert {feature["Status"] for feature in detector["Features"]} == {"DISABLED"}
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
            "eu-west-1", "AWS::GuardDuty::Detector"
        )
        known = schema.schema["definitions"]["CFNFeatureConfiguration"]["properties"]["Name"][
            "enum"
        ]
        named = {feature["Name"] for feature in detector["Features"]}
        on = set(known) - named - {"EKS_RUNTIME_MONITORING"}
        guide = (Path(__file__).parents[2] / "docs/instructor.md").read_text(encoding="utf-8")
        assert {feature for feature in on if f"`{feature}`" not in guide} == set()

    def test_its_bucket_drains_after_the_time_to_live(self, evidence: Template) -> None:
        (bucket,) = of_type(evidence, "AWS::S3::Bucket").values()
        files, markers = bucket["LifecycleConfiguration"]["Rules"]
        assert files["ExpirationInDays"] == {"Ref": "RetentionDays"}
        assert files["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
        assert markers["ExpiredObjectDeleteMarker"] is True

    def test_the_table_is_the_one_of_the_athena_user_guide(self, evidence: Template) -> None:
        (table,) = of_type(evidence, "AWS::Glue::Table").values()
        table = table["TableInput"]
        storage = table["StorageDescriptor"]
        assert (
            storage["SerdeInfo"]["SerializationLibrary"]
            == "org.apache.hive.hcatalog.data.JsonSerDe"
        )
        assert storage["InputFormat"] == "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
        columns = [column["Name"] for column in storage["Columns"]]
        assert len(columns) == len(set(columns)) == 29
        assert table["PartitionKeys"] == [{"Name": "timestamp", "Type": "string"}]
        template = table["Parameters"]["storage.location.template"]["Fn::Sub"]
        assert template.endswith("/${!timestamp}")


EXPIRING = ("detector", "evidence", "threat_list", "lab")


class TestExpiry:
    @pytest.fixture(scope="class")
    @classmethod
    def expiring(cls, texts: dict[str, Template]) -> dict[str, Template]:
        """The templates of the stacks that delete themselves."""
        return {role: text for role, text in texts.items() if role in EXPIRING}

    @pytest.fixture(scope="class")
    @classmethod
    def expiry(cls, texts: dict[str, Template]) -> Template:
        return texts["expiry"]

    def test_each_stack_deletes_itself_without_a_service_role(
        self, expiring: dict[str, Template], expiry: Template
    ) -> None:
        """CloudFormation would keep using a service role, so that an administrator couldn't repair the stack."""
        (role,) = of_type(expiry, "AWS::IAM::Role").values()
        (group,) = of_type(expiry, "AWS::Scheduler::ScheduleGroup").values()
        names = set()
        for template in expiring.values():
            (schedule,) = of_type(template, "AWS::Scheduler::Schedule").values()
            target = schedule["Target"]
            assert json.loads(resolved(target["Input"])) == {"StackName": PSEUDO["AWS::StackId"]}
            assert resolved(target["RoleArn"]).rpartition("/")[2] == role["RoleName"]
            assert schedule["GroupName"] == group["Name"]
            assert schedule["ScheduleExpression"] == "rate(1 hour)"
            assert schedule["StartDate"] == {"Ref": "Expires"}
            assert "EndDate" not in schedule  # it retries until the stack is gone
            names.add(resolved(schedule["Name"]))
        assert len(names) == len(expiring)

    def test_what_retries_is_deleted_last(self, expiring: dict[str, Template]) -> None:
        """CloudFormation deletes a resource before what it depends on."""
        for template in expiring.values():
            resources = template["Resources"]
            held = {"Expiry"}
            for _ in resources:
                held |= {name for name, each in resources.items() if needs(each) & held}
            signals = set(of_type(template, "AWS::CloudFormation::WaitCondition"))
            assert held == set(resources) - signals  # which are nothing outside the stack

    def test_the_role_may_delete_every_type_that_expires(
        self, expiring: dict[str, Template], expiry: Template
    ) -> None:
        """What the types' handlers need to delete a resource, according to their own schemas."""
        granted = {action.lower() for action in actions(expiry, "Expiry")}
        # These resources don't need it: they have no launch template, rule role, VPN gateway, or policy attachment,
        # and the database isn't Lake Formation's, nor has it a connection or tables to create again.
        aside = {
            "iam:PassRole", "ec2:DetachVpnGateway", "iam:TagRole", "glue:CreateTable", "glue:DeleteConnection",
            "glue:GetConnection", "lakeformation:*",
        }  # fmt: skip
        missing = set()
        for template in expiring.values():
            for resource in template["Resources"].values():
                schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
                    "eu-west-1", resource["Type"]
                ).schema
                needed = schema.get("handlers", {}).get("delete", {}).get("permissions", [])
                missing |= {
                    action
                    for action in needed
                    if not any(fnmatch.fnmatchcase(action.lower(), g) for g in granted)
                }
        assert {m for m in missing if not any(fnmatch.fnmatchcase(m, a) for a in aside)} == set()

    def test_it_deletes_nothing_of_a_workshop_whose_name_begins_alike(self, scenario: str) -> None:
        """Where another workshop's resource fits the pattern, the tag of this workshop must decide."""
        role = templates(scenario, "immersion")["expiry"]
        region = "eu-west-1:210000000001"
        theirs = {
            "iam:DeleteRole": "arn:aws:iam::210000000001:role/labkit-immersion-day-ada-attendee",
            "iam:DeleteInstanceProfile": "arn:aws:iam::210000000001:instance-profile/labkit-immersion-day-seat-ada-ServerProfile-1",
            "cloudformation:DeleteStack": f"arn:aws:cloudformation:{region}:stack/labkit-immersion-day-seat-ada/1",
            "athena:DeleteWorkGroup": f"arn:aws:athena:{region}:workgroup/labkit-immersion-day-seat-ada",
            "events:DeleteRule": f"arn:aws:events:{region}:rule/labkit-immersion-day-seat-ada-alert",
            "logs:DeleteLogGroup": f"arn:aws:logs:{region}:log-group:i-0123456789abcdef0-commands-log:*",
            "logs:DeleteDataProtectionPolicy": f"arn:aws:logs:{region}:log-group:labkit-immersion-day-trail:*",
            "sns:DeleteTopic": f"arn:aws:sns:{region}:labkit-immersion-day-seat-ada-alerts",
            "cloudtrail:DeleteTrail": f"arn:aws:cloudtrail:{region}:trail/labkit-immersion-day",
            "glue:DeleteTable": f"arn:aws:glue:{region}:table/labkit_immersion_day/cloudtrail_logs",
            "scheduler:DeleteSchedule": f"arn:aws:scheduler:{region}:schedule/labkit-immersion-day-expiry/labkit-immersion-day-seat-ada",
            "s3:DeleteBucket": "arn:aws:s3:::labkit-immersion-day-evidence-trailbucket-abc",
            "ec2:TerminateInstances": f"arn:aws:ec2:{region}:instance/i-0123456789abcdef0",
        }  # fmt: skip
        own = {"StringEquals": {"aws:ResourceTag/labkit:workshop": "immersion"}}
        for action, arn in theirs.items():
            for found, resources, condition in statements(role, "Expiry"):
                fits = any(fnmatch.fnmatchcase(arn, pattern) for pattern in resources)
                if fits and action in found:
                    assert condition == own, action
        lab_bucket = "arn:aws:s3:::labkit-immersion-day-seat-0a1b2c3d-0a1b2c3d4e5f"
        assert not allowed(role, "Expiry", "s3:DeleteBucket", lab_bucket)

    def test_what_stays_is_named(self, evidence: Template) -> None:
        stays = evidence["Outputs"]["RemainsAfterExpiry"]
        assert resolved(stays["Value"]).endswith(":role/labkit-immersion-day-expiry")
        assert "free of charge" in stays["Description"]


def needs(resource: Any) -> set[str]:
    """The logical IDs that a resource depends on."""
    found = set(as_list(resource.get("DependsOn", [])))

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                if key == "Ref":
                    found.add(item)
                elif key == "Fn::GetAtt":
                    found.add(item[0] if isinstance(item, list) else item.partition(".")[0])
                elif key == "Fn::Sub":
                    text = item[0] if isinstance(item, list) else item
                    found.update(re.findall(r"\$\{(\w+)", text))
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(resource.get("Properties", {}))
    return found


class TestAlert:
    def test_it_takes_no_samples_and_what_the_scenario_waits_for(
        self, scenario: str, lab: Template
    ) -> None:
        (rule,) = of_type(lab, "AWS::Events::Rule").values()
        detail = rule["EventPattern"]["detail"]
        assert detail["service"]["additionalInfo"]["sample"] == [{"exists": False}, False]
        assert set(scenarios()[scenario].marks.finding_types) <= set(detail.get("type", ()))

    def test_that_of_the_first_scenario_matches_the_seats_servers(self) -> None:
        lab = templates("malicious_callout")["lab"]
        (rule,) = of_type(lab, "AWS::Events::Rule").values()
        detail = rule["EventPattern"]["detail"]
        assert detail["type"] == ["UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"]
        assert detail["resource"] == {
            "instanceDetails": {"instanceId": [{"Ref": "Server1"}, {"Ref": "Server2"}]}
        }

    def test_only_this_rule_may_publish(self, lab: Template) -> None:
        (policy,) = of_type(lab, "AWS::SNS::TopicPolicy").values()
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Condition"] == {
            "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["AlertRule", "Arn"]}}
        }

    def test_the_mail_does_not_name_what_is_to_be_found(self, lab: Template) -> None:
        (rule,) = of_type(lab, "AWS::Events::Rule").values()
        (target,) = rule["Targets"]
        transformer = target["InputTransformer"]
        used = set(re.findall(r"<(\w+)>", transformer["InputTemplate"]))
        assert used == set(transformer["InputPathsMap"])
        assert not [path for path in transformer["InputPathsMap"].values() if "action" in path]
        assert all(line[0] == line[-1] == '"' for line in transformer["InputTemplate"].splitlines())

    def test_nobody_is_subscribed_without_an_address(self, lab: Template) -> None:
        assert lab["Resources"]["Subscription"]["Condition"] == "HasEmail"


class TestQueries:
    def test_they_are_sql_over_columns_of_the_table(
        self, lab: Template, evidence: Template
    ) -> None:
        (table,) = of_type(evidence, "AWS::Glue::Table").values()
        known = {c["Name"] for c in table["TableInput"]["StorageDescriptor"]["Columns"]}
        queries = of_type(lab, "AWS::Athena::NamedQuery")
        assert queries
        for query in queries.values():
            text = resolved(query["QueryString"])
            parsed = sqlglot.parse_one(text, read="athena")
            assert "cloudtrail_logs" in {found.name for found in parsed.find_all(sqlglot.exp.Table)}
            used = {column.parts[0].name for column in parsed.find_all(sqlglot.exp.Column)}
            assert used - known <= {"timestamp", "resource", "r"}
            assert set(re.findall(r"YOUR_[A-Z_]+", text)) == set(
                re.findall(r"YOUR_[A-Z_]+", query["Description"])
            )
            assert query["WorkGroup"] == {"Ref": "Workgroup"}

    def test_results_leave_nothing(self, lab: Template) -> None:
        (workgroup,) = of_type(lab, "AWS::Athena::WorkGroup").values()
        assert workgroup["RecursiveDeleteOption"] is True
        configuration = workgroup["WorkGroupConfiguration"]
        assert configuration["ManagedQueryResultsConfiguration"] == {"Enabled": True}
        assert "ResultConfiguration" not in configuration


def test_the_outputs_are_those_the_contract_asks_for(texts: dict[str, Template]) -> None:
    assert set(texts["evidence"]["Outputs"]) == {
        "TrailName", "TrailBucket", "TrailLogGroup", "DetectorId", "AthenaDatabase", "AthenaTable", "RemainsAfterExpiry",
    }  # fmt: skip
    if "threat_list" in texts:
        assert set(texts["threat_list"]["Outputs"]) == {"ThreatListId"}
    assert set(texts["lab"]["Outputs"]) >= {
        "InstanceIds", "SecurityGroupId", "FlowLogGroup", "TopicArn", "AthenaWorkgroup", "AttendeeRoleArn",
        "OperatorRoleArn", "ResponderRoleArn", "GraderRoleArn",
    }  # fmt: skip


def test_the_templates_and_the_verbs_use_the_same_names(scenario: str, lab: Template) -> None:
    workshop = Workshop("immersion-day", scenario, "eu-west-1", timedelta(hours=8), ())
    for role in ROLES:
        made = lab["Resources"][f"{role}Role"]["Properties"]["RoleName"]
        assert resolved(made) == names.role(workshop, "ada", role.lower())
    parameter = "arn:aws:ssm:eu-west-1:210000000001:parameter"
    for path in (names.answers_path(workshop, "ada"), names.hints_path(workshop, "ada")):
        assert allowed(lab, "Attendee", "ssm:PutParameter", f"{parameter}{path}/command")
    assert not allowed(
        lab, "Attendee", "ssm:GetParameter", f"{parameter}{names.runs_path(workshop, 'ada')}/1"
    )
    stack = (
        f"arn:aws:cloudformation:eu-west-1:210000000001:stack/{names.evidence_stack(workshop)}/1"
    )
    assert allowed(lab, "Attendee", "cloudformation:DescribeStacks", stack)
    assert PSEUDO["AWS::StackName"] == names.seat_stack(workshop, "ada")


def test_where_only_the_grader_judges_attendees_cannot_judge_themselves(scenario: str) -> None:
    """Then labkit can't find the lab with the attendee's role, and hints are in the ledger."""
    workshop = Workshop("immersion-day", scenario, "eu-west-1", timedelta(hours=8), ())
    strict = replace(workshop, check="grader")
    lab = dict(cfn_yaml.loads(render(strict)["lab"]))
    parameter = "arn:aws:ssm:eu-west-1:210000000001:parameter"

    assert allowed(
        lab, "Attendee", "ssm:PutParameter", f"{parameter}{names.answers_path(strict, 'ada')}/x"
    )
    for path in (names.hints_path(strict, "ada"), names.hints_path(workshop, "ada")):
        assert not allowed(lab, "Attendee", "ssm:PutParameter", f"{parameter}{path}/command")
        assert not allowed(lab, "Attendee", "ssm:GetParameters", f"{parameter}{path}/command")
    assert allowed(
        lab, "Grader", "ssm:GetParameters", f"{parameter}{names.hints_path(strict, 'ada')}/x"
    )
    stack = (
        f"arn:aws:cloudformation:eu-west-1:210000000001:stack/{names.evidence_stack(workshop)}/1"
    )
    assert not allowed(lab, "Attendee", "cloudformation:DescribeStacks", stack)
    assert not allowed(lab, "Attendee", "cloudformation:DescribeStacks", "*")
