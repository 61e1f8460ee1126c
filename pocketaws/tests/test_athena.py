"""Athena with an unmodified boto3: work groups, named queries, the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory

MANAGED = {"ManagedQueryResultsConfiguration": {"Enabled": True}}


@pytest.fixture
def athena(member: ClientFactory) -> Iterator[Any]:
    client = member("athena")
    client.create_work_group(
        Name="class", Configuration=MANAGED, Tags=[{"Key": "a", "Value": "b"}], Description="d"
    )
    yield client
    for group in client.list_work_groups()["WorkGroups"]:
        if group["Name"] != "primary":
            client.delete_work_group(WorkGroup=group["Name"], RecursiveDeleteOption=True)


def test_a_work_group_keeps_its_settings(athena: Any, member: ClientFactory) -> None:
    group = athena.get_work_group(WorkGroup="class")["WorkGroup"]
    assert (group["State"], group["Description"]) == ("ENABLED", "d")
    configuration = group["Configuration"]
    assert configuration["ManagedQueryResultsConfiguration"] == {"Enabled": True}
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"
    account = member("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:athena:eu-west-1:{account}:workgroup/class"
    assert athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    with pytest.raises(ClientError, match="already created"):
        athena.create_work_group(Name="class")


def test_an_update_of_a_work_group_keeps_other_settings(athena: Any) -> None:
    athena.update_work_group(
        WorkGroup="class",
        Description="e",
        ConfigurationUpdates={
            "BytesScannedCutoffPerQuery": 10_000_000,
            "ManagedQueryResultsConfigurationUpdates": {"Enabled": False},
            "ResultConfigurationUpdates": {"OutputLocation": "s3://bucket/results/"},
        },
    )
    group = athena.get_work_group(WorkGroup="class")["WorkGroup"]
    assert group["Description"] == "e"
    assert group["Configuration"]["ResultConfiguration"]["OutputLocation"] == "s3://bucket/results/"
    assert group["Configuration"]["EnforceWorkGroupConfiguration"] is True
    athena.update_work_group(
        WorkGroup="class",
        ConfigurationUpdates={
            "RemoveBytesScannedCutoffPerQuery": True,
            "ResultConfigurationUpdates": {"RemoveOutputLocation": True},
        },
    )
    configuration = athena.get_work_group(WorkGroup="class")["WorkGroup"]["Configuration"]
    assert configuration["ResultConfiguration"] == {}
    assert "BytesScannedCutoffPerQuery" not in configuration


def test_deleting_a_work_group_with_contents_needs_the_recursive_option(athena: Any) -> None:
    athena.create_named_query(Name="q", Database="d", QueryString="SELECT 1", WorkGroup="class")
    with pytest.raises(ClientError, match="not empty"):
        athena.delete_work_group(WorkGroup="class")
    athena.delete_work_group(WorkGroup="class", RecursiveDeleteOption=True)
    with pytest.raises(ClientError, match="WorkGroup is not found"):
        athena.get_work_group(WorkGroup="class")
    with pytest.raises(ClientError, match="primary"):
        athena.delete_work_group(WorkGroup="primary", RecursiveDeleteOption=True)


def test_a_repeated_token_saves_a_named_query_only_once(athena: Any) -> None:
    given = {
        "Name": "q", "Database": "d", "QueryString": "SELECT 1", "WorkGroup": "class",
        "Description": "x", "ClientRequestToken": "t" * 32,
    }  # fmt: skip
    first = athena.create_named_query(**given)["NamedQueryId"]
    assert athena.create_named_query(**given)["NamedQueryId"] == first
    assert athena.list_named_queries(WorkGroup="class")["NamedQueryIds"] == [first]
    found = athena.get_named_query(NamedQueryId=first)["NamedQuery"]
    assert found["QueryString"] == "SELECT 1"
    batch = athena.batch_get_named_query(NamedQueryIds=[first, "none"])
    assert [query["QueryString"] for query in batch["NamedQueries"]] == ["SELECT 1"]
    assert [query["NamedQueryId"] for query in batch["UnprocessedNamedQueryIds"]] == ["none"]
    athena.delete_named_query(NamedQueryId=first)
    with pytest.raises(ClientError) as caught:
        athena.get_named_query(NamedQueryId=first)
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"


def test_the_catalog_comes_from_glue(athena: Any, member: ClientFactory) -> None:
    glue = member("glue")
    glue.create_database(DatabaseInput={"Name": "shop"})
    glue.create_table(
        DatabaseName="shop",
        TableInput={
            "Name": "visits",
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": {
                "Columns": [{"Name": "who", "Type": "string"}],
                "Location": "s3://bucket/visits/",
            },
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
        },
    )
    (catalog,) = athena.list_data_catalogs()["DataCatalogsSummary"]
    assert (catalog["CatalogName"], catalog["Type"]) == ("AwsDataCatalog", "GLUE")
    databases = athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"]
    assert [database["Name"] for database in databases] == ["shop"]
    common = {"CatalogName": "AwsDataCatalog", "DatabaseName": "shop"}
    (table,) = athena.list_table_metadata(**common)["TableMetadataList"]
    assert table == athena.get_table_metadata(TableName="visits", **common)["TableMetadata"]
    assert [column["Name"] for column in table["Columns"]] == ["who"]
    assert table["Parameters"]["location"] == "s3://bucket/visits/"
    with pytest.raises(ClientError) as caught:
        athena.get_table_metadata(TableName="none", **common)
    assert caught.value.response["Error"]["Code"] == "MetadataException"
    glue.delete_database(Name="shop")
