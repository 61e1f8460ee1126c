"""Stack updates: in place, rolled back, by change set, and by ``aws cloudformation deploy``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory
from .test_cloudformation_stacks import describe, events, outputs, steps

TEMPLATE = """
Parameters:
  Days: {{Type: Number, Default: 1}}
  Secret: {{Type: String, NoEcho: true, Default: hidden}}
Resources:
  Logs:
    Type: AWS::Logs::LogGroup
    Properties: {{LogGroupName: {name}, RetentionInDays: !Ref Days}}
  Note:
    Type: AWS::SSM::Parameter
    Properties: {{Name: /note/{name}, Type: String, Value: {value}}}
{more}
Outputs:
  Note: {{Value: !GetAtt Note.Value}}
"""


def template(name: str, value: str = "first", more: str = "") -> str:
    return TEMPLATE.format(name=name, value=value, more=more)


def days(member: ClientFactory, name: str) -> int:
    found = member("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return int(found[0]["retentionInDays"])


def test_an_update_changes_adds_and_removes_in_place(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    added = '  Added: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: added}}'
    cloudformation.create_stack(StackName="moving", TemplateBody=template("moving"))
    cloudformation.update_stack(
        StackName="moving",
        TemplateBody=template("moving", "second", added),
        Parameters=[{"ParameterKey": "Days", "ParameterValue": "7"}],
        Tags=[{"Key": "team", "Value": "red"}],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName="moving")
    stack = describe(cloudformation, "moving")
    assert outputs(stack) == {"Note": "second"}
    assert "LastUpdatedTime" in stack
    assert days(member, "moving") == 7
    assert member("ssm").get_parameter(Name="/note/moving")["Parameter"]["Value"] == "second"
    (group,) = member("logs").describe_log_groups(logGroupNamePrefix="moving")["logGroups"]
    tags = member("logs").list_tags_for_resource(resourceArn=group["logGroupArn"])["tags"]
    assert tags["team"] == "red"
    assert tags["aws:cloudformation:logical-id"] == "Logs"
    assert steps(cloudformation, "moving", "Logs")[-2:] == [
        ("UPDATE_IN_PROGRESS", None),
        ("UPDATE_COMPLETE", None),
    ]
    assert steps(cloudformation, "moving", "Added")[-1] == ("CREATE_COMPLETE", None)
    cloudformation.update_stack(
        StackName="moving",
        TemplateBody=template("moving", "second"),
        Parameters=[{"ParameterKey": "Days", "UsePreviousValue": True}],
    )
    assert [each[0] for each in steps(cloudformation, "moving", "moving")][-3:] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_COMPLETE",
    ]
    assert days(member, "moving") == 7
    listed = cloudformation.list_stack_resources(StackName="moving")["StackResourceSummaries"]
    assert {each["LogicalResourceId"] for each in listed} == {"Logs", "Note"}
    assert member("logs").describe_log_groups(logGroupNamePrefix="added")["logGroups"] == []


def test_an_update_without_a_change_is_refused(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    cloudformation.create_stack(StackName="still", TemplateBody=template("still"))
    with pytest.raises(ClientError, match=r"No updates are to be performed\."):
        cloudformation.update_stack(StackName="still", UsePreviousTemplate=True)
    with pytest.raises(ClientError, match=r"Stack \[nowhere\] does not exist"):
        cloudformation.update_stack(StackName="nowhere", TemplateBody=template("still"))


def test_a_change_that_replaces_a_resource_is_refused_and_rolled_back(
    member: ClientFactory,
) -> None:
    cloudformation = member("cloudformation")
    cloudformation.create_stack(StackName="named", TemplateBody=template("named"))
    changed = template("named", "second").replace("LogGroupName: named", "LogGroupName: renamed")
    more = '  Extra: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: extra}}\nOutputs:'
    cloudformation.update_stack(StackName="named", TemplateBody=changed.replace("Outputs:", more))
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_update_complete").wait(StackName="named")
    stack = describe(cloudformation, "named")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert outputs(stack) == {"Note": "first"}
    status, reason = next(
        each for each in steps(cloudformation, "named", "Logs") if each[0] == "UPDATE_FAILED"
    )
    assert status == "UPDATE_FAILED"
    assert "Changing LogGroupName of AWS::Logs::LogGroup replaces the resource" in str(reason)
    assert member("ssm").get_parameter(Name="/note/named")["Parameter"]["Value"] == "first"
    assert member("logs").describe_log_groups(logGroupNamePrefix="extra")["logGroups"] == []
    cloudformation.update_stack(StackName="named", TemplateBody=template("named", "third"))
    assert describe(cloudformation, "named")["StackStatus"] == "UPDATE_COMPLETE"


def test_a_failed_update_gives_the_old_values_back(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    cloudformation.create_stack(StackName="again", TemplateBody=template("again"))
    member("logs").create_log_group(logGroupName="in-the-way")
    more = '  Extra: {Type: "AWS::Logs::LogGroup", DependsOn: [Logs, Note], Properties: {LogGroupName: in-the-way}}'
    cloudformation.update_stack(
        StackName="again",
        TemplateBody=template("again", "second", more),
        Parameters=[{"ParameterKey": "Days", "ParameterValue": "14"}],
    )
    assert describe(cloudformation, "again")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert days(member, "again") == 1
    assert member("ssm").get_parameter(Name="/note/again")["Parameter"]["Value"] == "first"
    parameters = {
        each["ParameterKey"]: each["ParameterValue"]
        for each in describe(cloudformation, "again")["Parameters"]
    }
    assert parameters == {"Days": "1", "Secret": "****"}
    # The conflicting resource doesn't belong to the stack, so it stays.
    member("logs").delete_log_group(logGroupName="in-the-way")


def test_a_change_set_shows_what_would_change_and_then_does_it(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    first = cloudformation.create_change_set(
        StackName="reviewed",
        ChangeSetName="make",
        ChangeSetType="CREATE",
        TemplateBody=template("reviewed"),
    )
    cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=first["Id"])
    assert describe(cloudformation, "reviewed")["StackStatus"] == "REVIEW_IN_PROGRESS"
    shown = cloudformation.describe_change_set(StackName="reviewed", ChangeSetName="make")
    assert [
        (each["ResourceChange"]["Action"], each["ResourceChange"]["LogicalResourceId"])
        for each in shown["Changes"]
    ] == [("Add", "Logs"), ("Add", "Note")]
    assert member("logs").describe_log_groups(logGroupNamePrefix="reviewed")["logGroups"] == []
    cloudformation.execute_change_set(StackName="reviewed", ChangeSetName="make")
    cloudformation.get_waiter("stack_create_complete").wait(StackName="reviewed")
    second = cloudformation.create_change_set(
        StackName="reviewed",
        ChangeSetName="change",
        TemplateBody=template("reviewed", "second").replace("reviewed, R", "renamed, R"),
    )
    changes = {
        each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"]
        for each in cloudformation.describe_change_set(ChangeSetName=second["Id"])["Changes"]
    }
    assert (changes["Note"]["Action"], changes["Note"]["Replacement"]) == ("Modify", "False")
    assert changes["Note"]["Details"][0]["Target"]["Name"] == "Value"
    assert changes["Logs"]["Replacement"] == "True"
    cloudformation.delete_change_set(ChangeSetName=second["Id"])
    with pytest.raises(ClientError) as caught:
        cloudformation.describe_change_set(ChangeSetName=second["Id"])
    assert caught.value.response["Error"]["Code"] == "ChangeSetNotFound"


def test_a_change_set_without_changes_fails_and_cannot_be_executed(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    cloudformation.create_stack(StackName="same", TemplateBody=template("same"))
    made = cloudformation.create_change_set(
        StackName="same", ChangeSetName="nothing", TemplateBody=template("same")
    )
    shown = cloudformation.describe_change_set(ChangeSetName=made["Id"])
    assert (shown["Status"], shown["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "didn't contain changes" in shown["StatusReason"]
    with pytest.raises(ClientError) as caught:
        cloudformation.execute_change_set(ChangeSetName=made["Id"])
    assert caught.value.response["Error"]["Code"] == "InvalidChangeSetStatus"


@pytest.fixture
def cli(local_aws: LocalAws, tmp_path: Path) -> Any:
    """``cli("cloudformation", …)``: the AWS CLI as the administrator; skips if it's missing."""
    program = shutil.which("aws")
    if program is None:
        pytest.skip("there is no AWS CLI (aws) on this machine")
    environment = {
        "AWS_ACCESS_KEY_ID": local_aws.administrator.access_key_id,
        "AWS_SECRET_ACCESS_KEY": local_aws.administrator.secret_access_key,
        "AWS_ENDPOINT_URL": local_aws.endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "HOME": str(tmp_path),
        "PATH": os.environ["PATH"],
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - a fixed program
            [program, *words], env=environment, capture_output=True, text=True, check=False
        )

    return run


def next_second() -> None:
    """Wait until the next second: the CLI names its change sets after the time."""
    time.sleep(1 - time.time() % 1)


def test_the_cli_deploys_and_deploys_again(
    cli: Any, administrator: ClientFactory, tmp_path: Path
) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(template("deployed"))
    words = ("cloudformation", "deploy", "--stack-name", "deployed", "--template-file", str(file))
    first = cli(*words, "--parameter-overrides", "Days=3")
    assert first.returncode == 0, first.stderr
    assert "Successfully created/updated stack - deployed" in first.stdout
    next_second()
    again = cli(*words, "--no-fail-on-empty-changeset")
    assert again.returncode == 0, again.stderr
    assert "No changes to deploy" in again.stdout
    file.write_text(template("deployed", "second"))
    next_second()
    last = cli(*words)
    assert last.returncode == 0, last.stderr
    cloudformation = administrator("cloudformation")
    assert outputs(describe(cloudformation, "deployed")) == {"Note": "second"}
    assert days(administrator, "deployed") == 3
    told = cli("cloudformation", "describe-stack-events", "--stack-name", "deployed")
    assert len(json.loads(told.stdout)["StackEvents"]) == len(events(cloudformation, "deployed"))
