"""Operations beside the exercise's path, by a plain boto3 client: each changes what is asked afterwards."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError, WaiterError

from .conftest import REGION, ClientFactory

PLACE = {"LocationConstraint": REGION}


@pytest.fixture(scope="module")
def account(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def tags(listed: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_athena_has_one_catalog_and_gluess_databases_in_it(member: ClientFactory) -> None:
    athena, glue = member("athena"), member("glue")
    glue.create_database(DatabaseInput={"Name": "sea", "Description": "of charts"})
    assert athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]["Type"] == "GLUE"
    found = athena.get_database(CatalogName="AwsDataCatalog", DatabaseName="sea")["Database"]
    assert (found["Name"], found["Description"]) == ("sea", "of charts")
    with pytest.raises(ClientError) as refused:
        athena.get_database(CatalogName="AwsDataCatalog", DatabaseName="land")
    assert code_of(refused) == "MetadataException"


def test_a_query_that_has_ended_is_not_stopped(member: ClientFactory) -> None:
    athena = member("athena")
    member("s3").create_bucket(Bucket="results-of-a-client", CreateBucketConfiguration=PLACE)
    query = athena.start_query_execution(
        QueryString="SELECT 1", ResultConfiguration={"OutputLocation": "s3://results-of-a-client/"}
    )["QueryExecutionId"]
    state = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"]
    athena.stop_query_execution(QueryExecutionId=query)
    after = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"]
    assert (state, after) in {("SUCCEEDED", "SUCCEEDED"), ("QUEUED", "CANCELLED")}
    with pytest.raises(ClientError) as refused:
        athena.stop_query_execution(QueryExecutionId="0" * 8 + "-0000-0000-0000-" + "0" * 12)
    assert code_of(refused) == "InvalidRequestException"


@pytest.mark.parametrize("service", ["athena", "events", "scheduler", "sns"])
def test_tags_are_put_on_and_taken_off(member: ClientFactory, account: str, service: str) -> None:
    athena, events = member("athena"), member("events")
    scheduler, sns = member("scheduler"), member("sns")
    new = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    if service == "athena":
        athena.create_work_group(Name="tagged")
        arn = f"arn:aws:athena:{REGION}:{account}:workgroup/tagged"
        athena.tag_resource(ResourceARN=arn, Tags=new)
        athena.untag_resource(ResourceARN=arn, TagKeys=["a"])
        left = athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
    elif service == "events":
        arn = events.put_rule(Name="tagged", EventPattern='{"source": ["x"]}')["RuleArn"]
        events.tag_resource(ResourceARN=arn, Tags=new)
        events.untag_resource(ResourceARN=arn, TagKeys=["a"])
        left = events.list_tags_for_resource(ResourceARN=arn)["Tags"]
    elif service == "scheduler":
        arn = scheduler.create_schedule_group(Name="tagged")["ScheduleGroupArn"]
        scheduler.tag_resource(ResourceArn=arn, Tags=new)
        scheduler.untag_resource(ResourceArn=arn, TagKeys=["a"])
        left = scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"]
    else:
        arn = sns.create_topic(Name="tagged")["TopicArn"]
        sns.tag_resource(ResourceArn=arn, Tags=new)
        sns.untag_resource(ResourceArn=arn, TagKeys=["a"])
        left = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert tags(left) == {"b": "2"}


def test_a_detector_stands_alone(member: ClientFactory, account: str) -> None:
    guardduty = member("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    pages = guardduty.get_paginator("list_ip_sets").paginate(DetectorId=detector)
    assert [ip_set for page in pages for ip_set in page["IpSetIds"]] == []
    assert guardduty.list_members(DetectorId=detector)["Members"] == []
    arn = f"arn:aws:guardduty:{REGION}:{account}:detector/{detector}"
    guardduty.tag_resource(ResourceArn=arn, Tags={"a": "1", "b": "2"})
    guardduty.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"b": "2"}
    assert "Administrator" not in guardduty.get_administrator_account(DetectorId=detector)


def test_there_is_the_default_event_bus(member: ClientFactory, account: str) -> None:
    events = member("events")
    arn = f"arn:aws:events:{REGION}:{account}:event-bus/default"
    assert [bus["Arn"] for bus in events.list_event_buses()["EventBuses"]] == [arn]
    assert events.describe_event_bus()["Arn"] == arn
    with pytest.raises(ClientError) as refused:
        events.describe_event_bus(Name="mine")
    assert code_of(refused) == "ResourceNotFoundException"


def test_a_databases_words_tags_and_partitions_change(member: ClientFactory, account: str) -> None:
    glue = member("glue")
    glue.create_database(DatabaseInput={"Name": "lake"})
    glue.update_database(
        Name="lake", DatabaseInput={"Name": "lake", "Description": "deep", "Parameters": {"k": "v"}}
    )
    database = glue.get_database(Name="lake")["Database"]
    assert (database["Description"], database["Parameters"]) == ("deep", {"k": "v"})
    arn = f"arn:aws:glue:{REGION}:{account}:database/lake"
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"a": "1", "b": "2"})
    glue.untag_resource(ResourceArn=arn, TagsToRemove=["a"])
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"}

    where = {
        "Columns": [{"Name": "x", "Type": "string"}],
        "Location": "s3://results-of-a-client/t/",
    }
    glue.create_table(
        DatabaseName="lake",
        TableInput={
            "Name": "fish",
            "StorageDescriptor": where,
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
        },
    )
    day = {**where, "Location": "s3://results-of-a-client/t/1/"}
    glue.create_partition(
        DatabaseName="lake", TableName="fish",
        PartitionInput={"Values": ["1"], "StorageDescriptor": day},
    )  # fmt: skip
    found = glue.get_partition(DatabaseName="lake", TableName="fish", PartitionValues=["1"])
    assert found["Partition"]["StorageDescriptor"]["Location"] == day["Location"]
    with pytest.raises(ClientError) as refused:
        glue.get_partition(DatabaseName="lake", TableName="fish", PartitionValues=["2"])
    assert code_of(refused) == "EntityNotFoundException"


def test_what_cannot_be_made_of_logs_is_listed_as_nothing(member: ClientFactory) -> None:
    logs = member("logs")
    logs.create_log_group(logGroupName="plain")
    metric = logs.get_paginator("describe_metric_filters").paginate(logGroupName="plain")
    assert [found for page in metric for found in page["metricFilters"]] == []
    subscribed = logs.get_paginator("describe_subscription_filters").paginate(logGroupName="plain")
    assert [found for page in subscribed for found in page["subscriptionFilters"]] == []
    assert logs.describe_query_definitions()["queryDefinitions"] == []
    with pytest.raises(ClientError) as refused:
        logs.describe_subscription_filters(logGroupName="absent")
    assert code_of(refused) == "ResourceNotFoundException"


def test_a_subscription_takes_a_filter(member: ClientFactory) -> None:
    sns = member("sns")
    topic = sns.create_topic(Name="filtered")["TopicArn"]
    made = sns.subscribe(
        TopicArn=topic, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    wanted = json.dumps({"kind": ["fish"]})
    sns.set_subscription_attributes(
        SubscriptionArn=made, AttributeName="FilterPolicy", AttributeValue=wanted
    )
    found = sns.get_subscription_attributes(SubscriptionArn=made)["Attributes"]
    assert json.loads(found["FilterPolicy"]) == {"kind": ["fish"]}
    with pytest.raises(ClientError) as refused:
        sns.set_subscription_attributes(
            SubscriptionArn=made, AttributeName="FilterPolicy", AttributeValue="{"
        )
    assert code_of(refused) == "InvalidParameter"


def test_parameters_are_described_tagged_and_deleted_together(member: ClientFactory) -> None:
    ssm = member("ssm")
    for name in ("/deck/a", "/deck/b", "/deck/c"):
        ssm.put_parameter(Name=name, Value="1", Type="String", Description=f"of {name}")
    pages = ssm.get_paginator("describe_parameters").paginate(
        ParameterFilters=[{"Key": "Path", "Option": "Recursive", "Values": ["/deck"]}]
    )
    found = [parameter for page in pages for parameter in page["Parameters"]]
    assert {p["Name"]: p["Description"] for p in found} == {
        name: f"of {name}" for name in ("/deck/a", "/deck/b", "/deck/c")
    }
    of_a = {"ResourceType": "Parameter", "ResourceId": "/deck/a"}
    ssm.add_tags_to_resource(**of_a, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(**of_a, TagKeys=["a"])
    assert tags(ssm.list_tags_for_resource(**of_a)["TagList"]) == {"b": "2"}
    gone = ssm.delete_parameters(Names=["/deck/a", "/deck/b", "/deck/nope"])
    assert sorted(gone["DeletedParameters"]) == ["/deck/a", "/deck/b"]
    assert gone["InvalidParameters"] == ["/deck/nope"]


def test_the_root_of_parameters_holds_only_the_accounts_own(member: ClientFactory) -> None:
    ssm = member("ssm")
    ssm.put_parameter(Name="/mine/x", Value="1", Type="String")
    image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    assert ssm.get_parameter(Name=image)["Parameter"]["Value"].startswith("ami-")

    def below(path: str) -> list[str]:
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        return [parameter["Name"] for page in pages for parameter in page["Parameters"]]

    assert "/mine/x" in below("/")
    assert not [name for name in below("/") if name.startswith("/aws/")]
    assert image in below("/aws/service/ami-amazon-linux-latest")
    described = [
        parameter["Name"]
        for page in ssm.get_paginator("describe_parameters").paginate()
        for parameter in page["Parameters"]
    ]
    assert "/mine/x" in described
    assert not [name for name in described if name.startswith("/aws/")]


def test_a_command_that_does_not_exist_is_not_cancelled(member: ClientFactory) -> None:
    with pytest.raises(ClientError) as refused:
        member("ssm").cancel_command(CommandId="00000000-0000-0000-0000-000000000000")
    assert code_of(refused) == "InvalidCommandId"


def test_a_stack_waits_for_signals_and_takes_failure_for_an_answer(
    member: ClientFactory,
) -> None:
    cloudformation = member("cloudformation")
    image = "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64}}"
    network = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/24"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/28"},
        },
    }
    server = {
        "Type": "AWS::EC2::Instance",
        "CreationPolicy": {"ResourceSignal": {"Count": 2, "Timeout": "PT5M"}},
        "Properties": {
            "ImageId": image, "InstanceType": "t3.micro", "SubnetId": {"Ref": "Subnet"},
        },
    }  # fmt: skip
    template = json.dumps({"Resources": {**network, "Server": server}})
    for answer, end in (("SUCCESS", "CREATE_COMPLETE"), ("FAILURE", "CREATE_FAILED")):
        name = f"waits-for-{answer.lower()}"
        cloudformation.create_stack(StackName=name, TemplateBody=template, OnFailure="DO_NOTHING")
        with pytest.raises(ClientError) as refused:
            cloudformation.cancel_update_stack(StackName=name)
        assert code_of(refused) == "ValidationError"
        for number in ("1", "2"):
            cloudformation.signal_resource(
                StackName=name, LogicalResourceId="Server", UniqueId=number,
                Status="SUCCESS" if number == "1" else answer,
            )  # fmt: skip
        waiter = cloudformation.get_waiter("stack_create_complete")
        if answer == "SUCCESS":
            waiter.wait(StackName=name)
        else:
            with pytest.raises(WaiterError):
                waiter.wait(StackName=name)
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        assert stack["StackStatus"] == end
    assert cloudformation.list_change_sets(StackName="waits-for-success")["Summaries"] == []
