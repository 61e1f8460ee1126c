"""Glue's Data Catalog with an unmodified boto3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory

TABLE = {
    "Name": "Visits",
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"EXTERNAL": "TRUE"},
    "PartitionKeys": [{"Name": "day", "Type": "string"}],
    "StorageDescriptor": {
        "Columns": [{"Name": "who", "Type": "string"}],
        "Location": "s3://bucket/visits/",
    },
}


@pytest.fixture
def glue(member: ClientFactory) -> Iterator[Any]:
    client = member("glue")
    client.create_database(DatabaseInput={"Name": "Shop", "Description": "d"}, Tags={"a": "b"})
    yield client
    for database in client.get_databases()["DatabaseList"]:
        client.delete_database(Name=database["Name"])


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_names_become_lowercase(glue: Any) -> None:
    assert glue.get_database(Name="SHOP")["Database"]["Name"] == "shop"
    with pytest.raises(ClientError) as caught:
        glue.create_database(DatabaseInput={"Name": "shop"})
    assert code(caught) == "AlreadyExistsException"
    glue.create_table(DatabaseName="Shop", TableInput=TABLE)
    assert glue.get_table(DatabaseName="shop", Name="VISITS")["Table"]["Name"] == "visits"


def test_a_table_keeps_its_definition(glue: Any) -> None:
    glue.create_table(DatabaseName="shop", TableInput=TABLE)
    table = glue.get_table(DatabaseName="shop", Name="visits")["Table"]
    assert {key: table[key] for key in TABLE if key != "Name"} == {
        key: value for key, value in TABLE.items() if key != "Name"
    }
    assert table["DatabaseName"] == "shop"
    changed = {**TABLE, "Parameters": {"EXTERNAL": "TRUE", "x": "y"}}
    glue.update_table(DatabaseName="shop", TableInput=changed)
    table = glue.get_table(DatabaseName="shop", Name="visits")["Table"]
    assert (table["Parameters"]["x"], table["VersionId"]) == ("y", "1")
    names = glue.get_tables(DatabaseName="shop", Expression="vis.*")["TableList"]
    assert [found["Name"] for found in names] == ["visits"]
    assert glue.get_tables(DatabaseName="shop", Expression="vis")["TableList"] == []


def test_what_is_not_there_is_reported(glue: Any) -> None:
    for ask in (
        lambda: glue.get_database(Name="none"),
        lambda: glue.get_table(DatabaseName="shop", Name="none"),
        lambda: glue.delete_table(DatabaseName="shop", Name="none"),
        lambda: glue.delete_database(Name="none"),
    ):
        with pytest.raises(ClientError) as caught:
            ask()
        assert code(caught) == "EntityNotFoundException"


def test_partitions_belong_to_their_table(glue: Any) -> None:
    glue.create_table(DatabaseName="shop", TableInput=TABLE)
    common = {"DatabaseName": "shop", "TableName": "visits"}
    one = {"Values": ["2026/03/02"], "StorageDescriptor": {"Location": "s3://bucket/x/"}}
    glue.create_partition(PartitionInput=one, **common)
    glue.create_partition(PartitionInput={"Values": ["2026/03/03"]}, **common)
    for given, expected in (
        (one, "AlreadyExistsException"),
        ({"Values": []}, "InvalidInputException"),
    ):
        with pytest.raises(ClientError) as caught:
            glue.create_partition(PartitionInput=given, **common)
        assert code(caught) == expected
    found = glue.get_partitions(**common)["Partitions"]
    assert [partition["Values"] for partition in found] == [["2026/03/02"], ["2026/03/03"]]


def test_databases_have_tags(glue: Any, member: ClientFactory) -> None:
    account = member("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:glue:eu-west-1:{account}:database/shop"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"a": "b"}
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"c": "d"})
    glue.untag_resource(ResourceArn=arn, TagsToRemove=["a"])
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"c": "d"}
