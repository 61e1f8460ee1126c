"""Athena statements other than queries, with an unmodified boto3.

The expectations come from the user guide or from observing Athena (Hive's column widths, kinds of
statements, failure messages).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.server import LocalAws

from .athena_console import Console
from .conftest import REGION, ClientFactory, assume

BUCKET = "statements-of-a-console"
PLACE = {"LocationConstraint": REGION}
FLOWS = f"""
CREATE EXTERNAL TABLE IF NOT EXISTS `vpc_flow_logs` (
  version int,
  account_id string,
  srcaddr string COMMENT 'who\tsent',
  bytes bigint,
  `end` bigint
)
COMMENT 'it''s flows'
PARTITIONED BY (`date` date)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ' '
LOCATION 's3://{BUCKET}/flows/'
TBLPROPERTIES ("skip.header.line.count"="1");
"""
RECORDS = f"""
CREATE EXTERNAL TABLE records (
    eventname STRING,
    useridentity STRUCT<
        type: STRING,
        sessioncontext:STRUCT<attributes: map<string,string>>>,
    resources ARRAY<STRUCT<arn: STRING, accountid: STRING>>)
PARTITIONED BY (region string, day string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://{BUCKET}/records/'
"""


@pytest.fixture(scope="module")
def s3(member: ClientFactory) -> Any:
    client = member("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=PLACE)
    return client


@pytest.fixture
def console(member: ClientFactory, s3: Any) -> Iterator[Console]:
    """A console in a new database."""
    del s3
    made = Console(member("athena"), f"s3://{BUCKET}/out", "web")
    assert made.run("CREATE DATABASE web").rows == []
    yield made
    made.run("DROP DATABASE IF EXISTS web CASCADE").rows  # noqa: B018 - raises unless it succeeds


def refusal(console: Console, statement: str) -> str:
    with pytest.raises(ClientError) as caught:
        console.start(statement)
    assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
    assert caught.value.response["AthenaErrorCode"] == "MALFORMED_QUERY"
    return str(caught.value.response["Error"]["Message"])


def test_databases_are_created_listed_and_dropped(console: Console, member: ClientFactory) -> None:
    made = console.run(
        "CREATE SCHEMA IF NOT EXISTS Clicks COMMENT 'Site ''Foo''' LOCATION 's3://b/c/' "
        "WITH DBPROPERTIES ('creator'='Jane D.', \"Dept.\"='Sales');"
    )
    assert (made.kind, made.rows, made.columns) == (("DDL", "CREATE_DATABASE"), [], [])
    assert "UpdateCount" not in made.results
    found = member("glue").get_database(Name="clicks")["Database"]
    assert (found["Description"], found["LocationUri"]) == ("Site 'Foo'", "s3://b/c/")
    assert found["Parameters"] == {"creator": "Jane D.", "Dept.": "Sales"}

    listed = console.run("-- all of them\nSHOW DATABASES;")
    assert listed.kind == ("UTILITY", "SHOW_DATABASES")
    assert listed.columns == [("database_name", "string")]
    assert listed.results["UpdateCount"] == 0
    assert listed.texts == ["clicks", "web"]
    for pattern, names in {"cl.*": ["clicks"], "cl*": [], "*": ["clicks", "web"], "CLICKS": []}.items():  # fmt: skip
        assert console.run(f"SHOW SCHEMAS LIKE '{pattern}'").texts == names
    assert "PatternSyntaxException" in console.run("SHOW DATABASES LIKE '*x'").reason

    task = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
    again = console.run("CREATE DATABASE clicks")
    assert again.reason == f"{task}Database clicks already exists"
    assert console.run("CREATE DATABASE IF NOT EXISTS clicks").rows == []
    assert console.run("DROP DATABASE clicks").kind == ("DDL", "DROP_DATABASE")
    missing = "FAILED: SemanticException [Error 10072]: Database does not exist: clicks"
    assert console.run("DROP DATABASE clicks").reason == missing
    assert console.run("SHOW TABLES IN clicks").reason == missing
    assert console.run("DROP SCHEMA IF EXISTS clicks").rows == []


def test_dropping_a_database_with_tables_needs_cascade(console: Console) -> None:
    console.run(FLOWS)
    refused = console.run("DROP DATABASE web RESTRICT")
    assert "Database web is not empty. One or more tables exist." in refused.reason
    assert console.run("DROP DATABASE web CASCADE").rows == []
    assert console.run("SHOW DATABASES LIKE 'web'").texts == []


def test_a_delimited_table_is_created_and_read(
    console: Console, s3: Any, member: ClientFactory
) -> None:
    made = console.run(FLOWS)
    assert (made.kind, made.rows) == (("DDL", "CREATE_TABLE"), [])
    assert made.execution["ResultConfiguration"]["OutputLocation"].endswith(".txt")
    assert console.run(FLOWS).rows == []
    again = console.run(FLOWS.replace("IF NOT EXISTS", "")).reason
    assert again.endswith("AlreadyExistsException(message:Table vpc_flow_logs already exist)")

    table = member("glue").get_table(DatabaseName="web", Name="vpc_flow_logs")["Table"]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["PartitionKeys"] == [{"Name": "date", "Type": "date"}]
    parameters = dict(table["Parameters"])
    assert parameters.pop("transient_lastDdlTime").isdigit()
    assert parameters == {
        "EXTERNAL": "TRUE",
        "comment": "it's flows",
        "skip.header.line.count": "1",
    }
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"].endswith("lazy.LazySimpleSerDe")
    assert serde["Parameters"] == {"field.delim": " ", "serialization.format": " "}

    lines = b"version account-id srcaddr bytes end\n2 1 10.0.0.1 840 1620000060\n2 1 - - 1620000060\n2 1\n"
    s3.put_object(Bucket=BUCKET, Key="flows/2026/03/01/x.log.gz", Body=gzip.compress(lines))
    query = "SELECT srcaddr, bytes, \"end\", date FROM vpc_flow_logs WHERE date > date '2026-02-28'"
    assert console.run(query).rows[1:] == []
    added = console.run(
        "ALTER TABLE vpc_flow_logs ADD PARTITION (`date`='2026-03-01') "
        f"LOCATION 's3://{BUCKET}/flows/2026/03/01' PARTITION (`date`='2026-02-01')"
    )
    assert added.kind == ("DDL", "ALTER_TABLE_ADD_PARTITION")
    assert console.run(query).rows == [
        ["srcaddr", "bytes", "end", "date"],
        ["10.0.0.1", "840", "1620000060", "2026-03-01"],
        ["-", None, "1620000060", "2026-03-01"],
        [None, None, None, "2026-03-01"],
    ]
    listed = console.run("SHOW PARTITIONS web.vpc_flow_logs")
    assert (listed.kind, listed.columns) == (
        ("UTILITY", "SHOW_PARTITIONS"),
        [("partition", "string")],
    )
    assert listed.texts == ["date=2026-02-01", "date=2026-03-01"]
    sorted_query = "SELECT * FROM web.\"vpc_flow_logs$partitions\" WHERE date > date '2026-01-01' ORDER BY date DESC"
    assert console.run(sorted_query).rows == [["date"], ["2026-03-01"], ["2026-02-01"]]
    unparted = RECORDS.replace("records (", "unparted (").replace("PARTITIONED BY (region string, day string)", "")  # fmt: skip
    assert console.run(unparted).rows == []
    for name in ("unparted", "nothing"):
        wrong = console.run(f'SELECT * FROM "{name}$partitions"').reason  # noqa: S608 - test
        assert f"Table 'awsdatacatalog.web.{name}$partitions' does not exist" in wrong
    add = "ALTER TABLE vpc_flow_logs ADD {} PARTITION (`date` = '2026-03-01')"
    assert "Partition already exists: date=2026-03-01" in console.run(add.format("")).reason
    assert console.run(add.format("IF NOT EXISTS")).rows == []
    wrong = "ALTER TABLE vpc_flow_logs ADD PARTITION (day = '2026-03-01')"
    assert "doesn't contain all (1) partition columns" in console.run(wrong).reason


def test_a_table_is_described_in_hives_widths(console: Console) -> None:
    console.run(FLOWS)
    described = console.run("DESCRIBE vpc_flow_logs")
    assert described.kind == ("UTILITY", "DESCRIBE_TABLE")
    assert described.columns == [("col_name", "string"), ("data_type", "string"), ("comment", "string")]  # fmt: skip
    assert "UpdateCount" not in described.results
    assert [column["Precision"] for column in described.results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]] == [0, 0, 0]  # fmt: skip
    pad = " " * 20
    assert described.texts == [
        f"version             \tint                 \t{pad}",
        f"account_id          \tstring              \t{pad}",
        "srcaddr             \tstring              \twho",
        f"bytes               \tbigint              \t{pad}",
        f"end                 \tbigint              \t{pad}",
        f"date                \tdate                \t{pad}",
        "\t \t ",
        "# Partition Information\t \t ",
        "# col_name          \tdata_type           \tcomment             ",
        "\t \t ",
        f"date                \tdate                \t{pad}",
    ]
    assert console.run("DESC `web.vpc_flow_logs`").texts == described.texts
    shown = console.run("SHOW COLUMNS FROM vpc_flow_logs IN web")
    assert (shown.kind, shown.columns) == (("UTILITY", "SHOW_COLUMNS"), [("field", "string")])
    names = ("version", "account_id", "srcaddr", "bytes", "end", "date")
    assert shown.texts == [name.ljust(20) for name in names]
    missing = "FAILED: SemanticException [Error 10001]: Table not found web.nothing"
    for statement in ("DESCRIBE", "SHOW COLUMNS IN", "SHOW PARTITIONS"):
        assert console.run(f"{statement} nothing").reason == missing


def test_columns_that_a_serde_knows_say_so(console: Console) -> None:
    console.run(RECORDS)
    texts = console.run("DESCRIBE records").texts
    assert texts[0] == "eventname           \tstring              \tfrom deserializer   "
    kind = "struct<type:string,sessioncontext:struct<attributes:map<string,string>>>"
    assert texts[1] == f"useridentity        \t{kind}\tfrom deserializer   "
    assert texts[3] == f"region              \tstring              \t{' ' * 20}"


def test_tables_are_listed_by_patterns(console: Console) -> None:
    console.run(FLOWS)
    console.run(RECORDS)
    console.run(FLOWS.replace("vpc_flow_logs", "flows_of_late"))
    listed = console.run("SHOW TABLES")
    assert (listed.kind, listed.columns) == (("UTILITY", "SHOW_TABLES"), [("tab_name", "string")])
    assert listed.texts == ["flows_of_late", "records", "vpc_flow_logs"]
    found = {
        "*flow*": ["flows_of_late", "vpc_flow_logs"], "*logs": ["vpc_flow_logs"],
        "rec.*": ["records"], "records|*late": ["flows_of_late", "records"], "flow": [],
    }  # fmt: skip
    for pattern, names in found.items():
        assert console.run(f"SHOW TABLES IN web '{pattern}'").texts == names, pattern


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("CREATE TABLE x (a int)", "No location was specified for table. An S3 location must be specified"),
        ("CREATE TABLE x (a int) LOCATION 's3://b/'", "External keyword required for table type HIVE"),
        ("CREATE EXTERNAL TABLE x (a nonsense) LOCATION 's3://b/'", "line 1:28: mismatched input 'nonsense'"),
        ("CREATE EXTERNAL TABLE x (a int, a int) LOCATION 's3://b/'", "Column repeated"),
        ("CREATE EXTERNAL TABLE x (a int) LOCATION '/etc/'", "not in S3"),
        ("CREATE EXTERNAL TABLE x\n  (a int LOCATION 's3://b/'", "line 2:10: mismatched input 'LOCATION'"),
        ('DROP TABLE "x"', "line 1:12: mismatched input '\"x\"'"),
        ("DROP TABLE a.b.c.d", "Invalid table name a.b.c.d"),
        ("ALTER TABLE x ADD COLUMN c int", "mismatched input 'COLUMN'"),
        ("ALTER TABLE x FORGET PARTITION (a=1)", "mismatched input 'FORGET'"),
        ("ALTER TABLE IF EXISTS x ADD PARTITION (c=1)", "mismatched input 'EXISTS'"),
        ("SHOW TABLES IN web LIKE 'x", "mismatched input '''"),
        ("SHOW DATABASES; SHOW DATABASES", "line 1:17: mismatched input 'SHOW'"),
        ("DROP DATABASE x CASCADE now", "mismatched input 'now'"),
    ],
)  # fmt: skip
def test_invalid_syntax_is_rejected_immediately(
    console: Console, statement: str, message: str
) -> None:
    assert message in refusal(console, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE t AS SELECT 1 AS x", "INSERT INTO t VALUES (1)", "EXPLAIN SELECT 1",
        "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'JSON')", "PREPARE p FROM SELECT 1",
        "CREATE EXTERNAL TABLE t (a int) CLUSTERED BY (a) INTO 3 BUCKETS LOCATION 's3://b/'",
        "CREATE TABLE t (a int) LOCATION 's3://b/' TBLPROPERTIES ('table_type'='ICEBERG')",
        "DESCRIBE t PARTITION (a=1)", "DESCRIBE FORMATTED t", "DESCRIBE EXTENDED t", "SHOW FUNCTIONS",
        "ALTER TABLE t RENAME TO u", "ALTER TABLE t DROP PARTITION (a=1)", "ALTER TABLE t ADD COLUMNS (c int)",
        "ALTER TABLE t REPLACE COLUMNS (c int)", "ALTER TABLE t SET LOCATION 's3://b/'",
        "ALTER TABLE t SET TBLPROPERTIES ('a'='b')", "MSCK REPAIR TABLE t", "SHOW CREATE TABLE t",
        "SHOW CREATE VIEW v", "SHOW TBLPROPERTIES t", "SHOW VIEWS", "CREATE VIEW v AS SELECT 1 AS x",
        "CREATE OR REPLACE VIEW v AS SELECT 1 AS x", "DROP VIEW v", "EXPLAIN (TYPE VALIDATE) SELECT 1",
    ],
)  # fmt: skip
def test_statements_that_are_not_emulated_say_so(console: Console, statement: str) -> None:
    with pytest.raises(ClientError) as caught:
        console.start(statement)
    assert caught.value.response["Error"]["Code"] == "NotImplemented"


def test_a_view_in_the_catalog_is_rejected_by_name(console: Console, member: ClientFactory) -> None:
    view = {"Name": "v", "TableType": "VIRTUAL_VIEW", "ViewOriginalText": "/* Presto View: bm8= */"}
    member("glue").create_table(DatabaseName="web", TableInput=view)
    for statement in ("SELECT * FROM v", "DESCRIBE v", "SHOW COLUMNS IN v"):
        reason = console.run(statement).reason
        assert reason.startswith("NOT_SUPPORTED: ")
        assert "pocketaws doesn't emulate views" in reason


def test_a_statements_result_file_contains_its_lines(console: Console, s3: Any) -> None:
    console.run(FLOWS)

    def file(statement: str) -> tuple[str, str]:
        location = console.run(statement).execution["ResultConfiguration"]["OutputLocation"]
        assert location.endswith(".txt")
        found = s3.get_object(Bucket=BUCKET, Key=location.removeprefix(f"s3://{BUCKET}/"))
        return found["Body"].read().decode(), found["ContentType"]

    assert file("SHOW TABLES") == ("vpc_flow_logs", "binary/octet-stream")
    text, kind = file("DESCRIBE vpc_flow_logs")
    assert (text.count("\n"), kind) == (10, "application/octet-stream")
    assert file("CREATE DATABASE IF NOT EXISTS web") == ("", "binary/octet-stream")
    reason = "FAILED: SemanticException [Error 10001]: Table not found web.nothing"
    assert file("DROP TABLE nothing") == (reason, "application/octet-stream")


def test_statements_need_glues_permissions(
    console: Console, member: ClientFactory, local_aws: LocalAws, account_of_member: str
) -> None:
    console.run(FLOWS)
    glue = f"arn:aws:glue:{REGION}:{account_of_member}"
    statements = [
        {"Effect": "Allow", "Action": ["athena:*", "s3:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["glue:GetTable", "glue:GetDatabase"], "Resource": [
            f"{glue}:catalog", f"{glue}:database/web", f"{glue}:table/web/*"]},
    ]  # fmt: skip
    trust = {
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{account_of_member}:role/OrganizationAccountAccessRole"},
    }  # fmt: skip
    iam = member("iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document(trust))["Role"]
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=document(*statements))
    reader = Console(assume(local_aws, member, role["Arn"], "ada")("athena"), f"s3://{BUCKET}/out", "web")  # fmt: skip
    assert reader.run("DESCRIBE vpc_flow_logs").texts
    refused = {
        "SHOW DATABASES": "glue:GetDatabases", "SHOW TABLES": "glue:GetTables",
        "SHOW PARTITIONS vpc_flow_logs": "glue:GetPartitions",
        "CREATE DATABASE mine": "glue:CreateDatabase", "DROP TABLE vpc_flow_logs": "glue:DeleteTable",
        FLOWS.replace("vpc_flow_logs", "mine"): "glue:CreateTable",
        "ALTER TABLE vpc_flow_logs ADD PARTITION (`date`='2026-03-01')": "glue:CreatePartition",
    }  # fmt: skip
    for statement, action in refused.items():
        reason = reader.run(statement).reason
        assert f"is not authorized to perform: {action} on resource" in reason, statement
        assert "Error Code: AccessDeniedException" in reason
    assert console.run("SHOW TABLES").texts == ["vpc_flow_logs"]


@pytest.fixture(scope="module")
def account_of_member(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
