"""The resource types of Glue's Data Catalog and of Athena."""

from __future__ import annotations

from typing import Any

from .conftest import REGION, ClientFactory
from .test_cloudformation_types import Stack, pairs

CATALOGUE = """
Parameters:
  Word: {Type: String, Default: first}
Resources:
  Database: {Type: "AWS::Glue::Database", Properties: {CatalogId: !Ref "AWS::AccountId", DatabaseInput: {Name: of_tests, Description: !Ref Word}}}
  Table:
    Type: AWS::Glue::Table
    Properties:
      CatalogId: !Ref AWS::AccountId
      DatabaseName: !Ref Database
      TableInput:
        Name: lines
        TableType: EXTERNAL_TABLE
        Parameters: {projection.enabled: true, word: !Ref Word}
        PartitionKeys: [{Name: day, Type: string}]
        StorageDescriptor: {Location: "s3://nowhere/", Columns: [{Name: line, Type: string}]}
  Group:
    Type: AWS::Athena::WorkGroup
    Properties:
      Name: of-tests
      Description: !Ref Word
      RecursiveDeleteOption: true
      WorkGroupConfiguration: {EnforceWorkGroupConfiguration: true, BytesScannedCutoffPerQuery: 1073741824, ManagedQueryResultsConfiguration: {Enabled: true}}
      Tags: [{Key: own, Value: tag}]
  Query: {Type: "AWS::Athena::NamedQuery", Properties: {WorkGroup: !Ref Group, Database: !Ref Database, Name: all, QueryString: "SELECT * FROM lines"}}
Outputs:
  Database: {Value: !Ref Database}
  Table: {Value: !Ref Table}
  Group: {Value: !Ref Group}
  Query: {Value: !Ref Query}
"""


def test_a_table_and_a_work_group_to_query_it(member: ClientFactory) -> None:
    stack = Stack(member, "query", CATALOGUE)
    found = stack.make()
    assert {key: found[key] for key in ("Database", "Table", "Group")} == {
        "Database": "of_tests",
        "Table": "lines",
        "Group": "of-tests",
    }
    glue, athena = member("glue"), member("athena")
    table = glue.get_table(DatabaseName="of_tests", Name="lines")["Table"]
    assert table["Parameters"] == {"projection.enabled": "true", "word": "first"}
    group = athena.get_work_group(WorkGroup="of-tests")["WorkGroup"]
    assert group["Description"] == "first"
    assert group["Configuration"]["BytesScannedCutoffPerQuery"] == 1 << 30
    account = member("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:athena:{REGION}:{account}:workgroup/of-tests"
    tags: list[Any] = athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert pairs(tags) == {"team": "blue", "own": "tag", **stack.system_tags("Group")}
    query = athena.get_named_query(NamedQueryId=found["Query"])["NamedQuery"]
    assert (query["Name"], query["WorkGroup"], query["Database"]) == ("all", "of-tests", "of_tests")
    stack.change(Word="second")
    assert athena.get_work_group(WorkGroup="of-tests")["WorkGroup"]["Description"] == "second"
    table = glue.get_table(DatabaseName="of_tests", Name="lines")["Table"]
    assert table["Parameters"]["word"] == "second"
    stack.delete()
    assert [each["Name"] for each in athena.list_work_groups()["WorkGroups"]] == ["primary"]
    assert glue.get_databases()["DatabaseList"] == []
