"""Queries over a trail's files with an unmodified boto3, by a role with few permissions."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, assume, client_factory, member_account

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DATABASE, TABLE = "records", "calls"
TEXTS = (
    "eventversion eventtime eventsource eventname awsregion sourceipaddress useragent errorcode "
    "errormessage requestparameters responseelements additionaleventdata requestid eventid readonly "
    "eventtype apiversion recipientaccountid eventcategory tlsdetails"
)
ISSUER = "struct<type:string,principalid:string,arn:string,accountid:string,username:string>"
IDENTITY = (
    "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,"
    "accesskeyid:string,username:string,sessioncontext:struct<attributes:struct<"
    f"mfaauthenticated:string,creationdate:string>,sessionissuer:{ISSUER}>>"
)
SEEDS_QUERY = """WITH newdata AS (
  select
    eventtime,
    resources as resource,
    useridentity,
    eventname,
    requestparameters

  from calls where cardinality(resources) >= 1
  )
  select eventtime, eventname, useridentity, requestparameters, resource from newdata where resource[1].arn like '%YOUR_INSTANCE_ID%'
"""


class Lab:
    """An account with real records in a trail's bucket, a table over it, and an analyst's role."""

    def __init__(self, aws: LocalAws, clock: ManualClock, samples: Path) -> None:
        key = aws.administrator
        self._administrator = client_factory(aws, key.access_key_id, key.secret_access_key)
        self._aws = aws
        self.clock = clock
        self.client = member_account(aws, self._administrator, "lab")
        self.account: str = self.client("sts").get_caller_identity()["Account"]
        self.bucket = f"trail-{self.account}"
        self.prefix = f"AWSLogs/{self.account}/CloudTrail/{REGION}"
        content = (samples / "cloudtrail/detonation-delivered-records.json.gz").read_bytes()
        self.records: list[dict[str, Any]] = json.loads(gzip.decompress(content))["Records"]
        self.client("s3").create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.deliver("2026/03/01", self.records[:100])
        self.deliver("2026/03/02", self.records[100:])
        self._make_table()
        self.client("athena").create_work_group(
            Name="class",
            Configuration={"ManagedQueryResultsConfiguration": {"Enabled": True}},
        )
        self.analyst = self._analyst(aws)
        self.athena = self.analyst("athena")

    def again(self) -> ClientFactory:
        """Clients with a new session, for after the first one's hour."""
        role = f"arn:aws:iam::{self.account}:role/OrganizationAccountAccessRole"
        return assume(self._aws, self._administrator, role, "again")

    def deliver(self, day: str, records: list[dict[str, Any]], name: str = "a") -> None:
        body = gzip.compress(json.dumps({"Records": records}).encode())
        key = f"{self.prefix}/{day}/{self.account}_CloudTrail_{name}.json.gz"
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)

    def _make_table(self) -> None:
        glue = self.client("glue")
        glue.create_database(DatabaseInput={"Name": DATABASE})
        columns = [{"Name": name, "Type": "string"} for name in TEXTS.split()]
        columns.append({"Name": "useridentity", "Type": IDENTITY})
        columns.append(
            {"Name": "resources", "Type": "array<struct<arn:string,accountid:string,type:string>>"}
        )
        glue.create_table(
            DatabaseName=DATABASE,
            TableInput={
                "Name": TABLE,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {
                    "projection.enabled": "true",
                    "projection.timestamp.type": "date",
                    "projection.timestamp.format": "yyyy/MM/dd",
                    "projection.timestamp.interval": "1",
                    "projection.timestamp.interval.unit": "DAYS",
                    "projection.timestamp.range": "NOW-90DAYS,NOW",
                    "storage.location.template": f"s3://{self.bucket}/{self.prefix}/${{timestamp}}",
                },
                "PartitionKeys": [{"Name": "timestamp", "Type": "string"}],
                "StorageDescriptor": {
                    "Columns": columns,
                    "Location": f"s3://{self.bucket}/{self.prefix}",
                    "InputFormat": "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
                    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    "SerdeInfo": {
                        "SerializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"
                    },
                },
            },
        )

    def _analyst(self, aws: LocalAws) -> ClientFactory:
        trust = {
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": f"arn:aws:iam::{self.account}:role/OrganizationAccountAccessRole"},
        }  # fmt: skip
        iam = self.client("iam")
        role = iam.create_role(RoleName="analyst", AssumeRolePolicyDocument=policy(trust))["Role"]
        glue = f"arn:aws:glue:{REGION}:{self.account}"
        self.allow(
            {"Action": "athena:*", "Resource": f"arn:aws:athena:{REGION}:{self.account}:workgroup/class"},
            {"Action": "glue:GetTable", "Resource": [
                f"{glue}:catalog", f"{glue}:database/{DATABASE}", f"{glue}:table/{DATABASE}/*"]},
            {"Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": f"arn:aws:s3:::{self.bucket}"},
            {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{self.bucket}/AWSLogs/*"},
        )  # fmt: skip
        return assume(aws, self.client, role["Arn"], "ada")

    def allow(self, *statements: dict[str, Any]) -> None:
        allowed = [{"Effect": "Allow", **statement} for statement in statements]
        self.client("iam").put_role_policy(
            RoleName="analyst", PolicyName="all", PolicyDocument=policy(*allowed)
        )

    def start(self, query: str, **options: Any) -> str:
        started = self.athena.start_query_execution(
            **{
                "QueryString": query,
                "WorkGroup": "class",
                "QueryExecutionContext": {"Database": DATABASE},
                **options,
            }
        )
        return str(started["QueryExecutionId"])

    def status(self, execution_id: str) -> dict[str, Any]:
        found = self.athena.get_query_execution(QueryExecutionId=execution_id)
        return dict(found["QueryExecution"])

    def ask(self, query: str, **options: Any) -> list[dict[str, str | None]]:
        execution_id = self.start(query, **options)
        status = self.status(execution_id)["Status"]
        assert status["State"] == "SUCCEEDED", status
        pages = self.athena.get_paginator("get_query_results").paginate(
            QueryExecutionId=execution_id
        )
        rows = [
            [datum.get("VarCharValue") for datum in row["Data"]]
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]
        return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]

    def reason(self, query: str, **options: Any) -> str:
        status = self.status(self.start(query, **options))["Status"]
        assert status["State"] == "FAILED", status
        assert status["AthenaError"]["ErrorMessage"] == status["StateChangeReason"]
        return str(status["StateChangeReason"])


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture(scope="module")
def lab(samples: Path) -> Iterator[Lab]:
    clock = ManualClock(START)
    with LocalAws(region=REGION, clock=clock) as aws:
        yield Lab(aws, clock, samples)


def test_every_record_appears_in_its_columns(lab: Lab) -> None:
    rows = lab.ask('SELECT eventname, sourceipaddress, readonly, "timestamp" FROM calls')
    expected = [
        {
            "eventname": record["eventName"],
            "sourceipaddress": record["sourceIPAddress"],
            "readonly": str(record["readOnly"]).lower(),
            "timestamp": "2026/03/01" if index < 100 else "2026/03/02",
        }
        for index, record in enumerate(lab.records)
    ]
    assert rows == expected


def test_the_seed_query_returns_the_records_that_name_the_resource(lab: Lab) -> None:
    named = [record for record in lab.records if record.get("resources")]
    wanted = named[0]["resources"][0]["ARN"].rpartition("/")[2]
    rows = lab.ask(SEEDS_QUERY.replace("YOUR_INSTANCE_ID", wanted))
    expected = [record for record in named if wanted in record["resources"][0]["ARN"]]
    assert len(rows) == len(expected) > 0
    assert [row["eventname"] for row in rows] == [record["eventName"] for record in expected]
    first, record = rows[0], expected[0]
    assert list(first) == [
        "eventtime",
        "eventname",
        "useridentity",
        "requestparameters",
        "resource",
    ]
    identity = str(first["useridentity"])
    assert identity.startswith(f"{{type={record['userIdentity']['type']}, principalid=")
    assert f"arn={record['userIdentity']['arn']}" in identity
    assert "invokedby=null" in identity
    resource = record["resources"][0]
    assert str(first["resource"]).startswith(
        f"[{{arn={resource['ARN']}, accountid={resource['accountId']}, type="
    )
    assert json.loads(str(first["requestparameters"])) == record["requestParameters"]


def test_an_instance_is_found_in_requests_and_responses(lab: Lab) -> None:
    ids = [
        item["instanceId"]
        for record in lab.records
        for item in ((record["requestParameters"] or {}).get("instancesSet") or {}).get("items", [])
        if "instanceId" in item
    ] or [record["requestParameters"]["instanceIds"][0] for record in lab.records
          if "instanceIds" in (record["requestParameters"] or {})]  # fmt: skip
    wanted = ids[0]
    rows = lab.ask(
        f"""
        SELECT eventtime, eventsource, eventname, useridentity.arn AS caller, sourceipaddress,
               errorcode, requestparameters, responseelements
        FROM calls
        WHERE "timestamp" >= date_format(current_date - interval '2' day, '%Y/%m/%d')
          AND (requestparameters LIKE '%{wanted}%'
            OR responseelements LIKE '%{wanted}%'
            OR useridentity.principalid LIKE '%{wanted}%'
            OR cardinality(filter(resources, r -> r.arn LIKE '%{wanted}%')) > 0)
        ORDER BY eventtime
        """  # noqa: S608 - the test needs a query
    )
    expected = [record for record in lab.records if wanted in json.dumps(record)]
    assert {row["caller"] for row in rows} == {
        record["userIdentity"].get("arn") for record in expected
    }
    assert len(rows) == len(expected) > 0
    assert [row["eventtime"] for row in rows] == sorted(str(row["eventtime"]) for row in rows)


def test_request_parameters_can_be_queried_as_json(lab: Lab) -> None:
    rows = lab.ask(
        "SELECT json_extract_scalar(requestparameters, '$.documentName') AS document, count(*) "
        "FROM calls WHERE eventname = 'SendCommand' GROUP BY 1 ORDER BY 1"
    )
    names: dict[str, int] = {}
    for record in lab.records:
        if record["eventName"] == "SendCommand":
            name = record["requestParameters"]["documentName"]
            names[name] = names.get(name, 0) + 1
    assert rows == [{"document": name, "_col1": str(names[name])} for name in sorted(names)]


def test_only_the_requested_partitions_are_read(lab: Lab) -> None:
    def scanned(condition: str) -> int:
        execution = lab.start(f"SELECT count(*) FROM calls WHERE {condition}")  # noqa: S608
        return int(lab.status(execution)["Statistics"]["DataScannedInBytes"])

    everything = scanned("eventname IS NOT NULL")
    first, second = (scanned(f"\"timestamp\" = '2026/03/0{day}'") for day in (1, 2))
    assert first + second == everything
    assert scanned("\"timestamp\" > '2026/03/05' AND eventname LIKE 'Run%'") == 0
    assert scanned("calls.timestamp <= '2026/03/01' OR eventname = 'x'") == everything


def test_the_next_query_reads_new_files(lab: Lab) -> None:
    count = "SELECT count(*) AS n FROM calls WHERE \"timestamp\" = '2026/02/20'"
    assert lab.ask(count) == [{"n": "0"}]
    lab.deliver("2026/02/20", lab.records[:7], "late")
    assert lab.ask(count) == [{"n": "7"}]
    lab.client("s3").delete_object(
        Bucket=lab.bucket, Key=f"{lab.prefix}/2026/02/20/{lab.account}_CloudTrail_late.json.gz"
    )


def test_rows_come_in_pages_with_the_header_first(lab: Lab) -> None:
    execution_id = lab.start("SELECT eventid, useridentity FROM calls")
    first = lab.athena.get_query_results(QueryExecutionId=execution_id, MaxResults=2)
    header, row = first["ResultSet"]["Rows"]
    assert [datum["VarCharValue"] for datum in header["Data"]] == ["eventid", "useridentity"]
    assert row["Data"][0]["VarCharValue"] == lab.records[0]["eventID"]
    columns = first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(column["Name"], column["Type"]) for column in columns] == [
        ("eventid", "varchar"), ("useridentity", "row"),
    ]  # fmt: skip
    second = lab.athena.get_query_results(
        QueryExecutionId=execution_id, MaxResults=2, NextToken=first["NextToken"]
    )
    assert len(second["ResultSet"]["Rows"]) == 2
    runtime = lab.athena.get_query_runtime_statistics(QueryExecutionId=execution_id)
    assert runtime["QueryRuntimeStatistics"]["Rows"]["InputRows"] == len(lab.records)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT * FROM nothing", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.records.nothing'"),
        ("SELECT x.y FROM calls AS x", "COLUMN_NOT_FOUND: line 1:10: Column 'y' cannot be resolved"),
        ("SELECT resources[9].arn FROM calls", "Array subscript must be less than or equal"),
        ("SELECT * FROM read_csv('/etc/passwd')", "not registered"),
        ('SELECT * FROM "/etc/passwd"', "TABLE_NOT_FOUND"),
        ("SELECT * FROM information_schema.tables", "Insufficient permissions"),
    ],
)  # fmt: skip
def test_a_query_that_fails_says_why(lab: Lab, query: str, reason: str) -> None:
    assert reason in lab.reason(query)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELEC 1", "InvalidRequestException"),
        ("COPY calls TO '/tmp/stolen.csv'", "InvalidRequestException"),
        ("ATTACH '/tmp/stolen.db' AS y", "InvalidRequestException"),
        ("INSTALL httpfs", "InvalidRequestException"),
        ("PRAGMA database_list", "InvalidRequestException"),
        ("SELECT 1; SELECT 2", "InvalidRequestException"),
        ("INSERT INTO calls VALUES (1)", "NotImplemented"),
    ],
)
def test_an_invalid_query_is_rejected_immediately(lab: Lab, query: str, code: str) -> None:
    with pytest.raises(ClientError) as caught:
        lab.start(query)
    assert caught.value.response["Error"]["Code"] == code


def test_a_query_reads_with_the_callers_permissions(lab: Lab) -> None:
    hidden = f"hidden-{lab.account}"
    lab.client("s3").create_bucket(
        Bucket=hidden, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    lab.client("glue").create_table(
        DatabaseName=DATABASE,
        TableInput={
            "Name": "hidden",
            "StorageDescriptor": {
                "Columns": [{"Name": "a", "Type": "string"}],
                "Location": f"s3://{hidden}/",
                "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
            },
        },
    )
    lab.client("s3").put_object(Bucket=hidden, Key="x", Body=b'{"A": "secret"}\n{"a": null}\n')
    assert "Permission denied on S3 path" in lab.reason("SELECT * FROM hidden")
    administrators = lab.client("athena")
    started = administrators.start_query_execution(
        QueryString="SELECT * FROM records.hidden", WorkGroup="class"
    )
    rows = administrators.get_query_results(QueryExecutionId=started["QueryExecutionId"])
    values = [row["Data"] for row in rows["ResultSet"]["Rows"]]
    assert values == [[{"VarCharValue": "a"}], [{"VarCharValue": "secret"}], [{}]]
    lab.client("glue").create_database(DatabaseInput={"Name": "others"})
    assert "not authorized to perform: glue:GetTable" in lab.reason("SELECT * FROM others.t")


def test_results_go_to_the_work_groups_bucket(lab: Lab) -> None:
    athena = lab.client("athena")
    with pytest.raises(ClientError, match="No output location"):
        athena.start_query_execution(QueryString="SELECT 1")
    location = f"s3://{lab.bucket}/results"
    started = athena.start_query_execution(
        QueryString="SELECT 1 AS one, 'a\"b' AS text, NULL AS nothing",
        ResultConfiguration={"OutputLocation": location},
    )
    execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])
    path = execution["QueryExecution"]["ResultConfiguration"]["OutputLocation"]
    assert path == f"{location}/{started['QueryExecutionId']}.csv"
    key = path.removeprefix(f"s3://{lab.bucket}/")
    body = lab.client("s3").get_object(Bucket=lab.bucket, Key=key)["Body"].read().decode()
    assert body == '"one","text","nothing"\n"1","a""b",\n'


def test_a_work_group_limits_the_bytes_scanned(lab: Lab) -> None:
    key = f"{lab.prefix}/2026/02/01/big.json"
    body = b'{"Records": []' + b" " * 10_000_000 + b"}"
    lab.client("s3").put_object(Bucket=lab.bucket, Key=key, Body=body)
    lab.client("athena").update_work_group(
        WorkGroup="class", ConfigurationUpdates={"BytesScannedCutoffPerQuery": 10_000_000}
    )
    try:
        small = lab.ask("SELECT count(*) AS n FROM calls WHERE \"timestamp\" = '2026/03/01'")
        assert small == [{"n": "100"}]
        assert "Bytes scanned limit" in lab.reason("SELECT count(*) FROM calls")
    finally:
        lab.client("s3").delete_object(Bucket=lab.bucket, Key=key)


def test_executions_are_listed_and_results_last_a_day(lab: Lab) -> None:
    token = "t" * 40
    execution_id = lab.start("SELECT ? AS x", ExecutionParameters=["'y'"], ClientRequestToken=token)
    assert execution_id == lab.start(
        "SELECT ? AS x", ExecutionParameters=["'y'"], ClientRequestToken=token
    )
    listed = lab.athena.list_query_executions(WorkGroup="class")["QueryExecutionIds"]
    assert listed[0] == execution_id
    batch = lab.athena.batch_get_query_execution(QueryExecutionIds=[execution_id, "none"])
    assert [each["Status"]["State"] for each in batch["QueryExecutions"]] == ["SUCCEEDED"]
    assert len(batch["UnprocessedQueryExecutionIds"]) == 1
    lab.clock.advance(timedelta(days=1).total_seconds() + 1)
    athena = lab.again()("athena")
    assert athena.get_query_execution(QueryExecutionId=execution_id)["QueryExecution"]["Query"]
    with pytest.raises(ClientError, match="results of the query have expired"):
        athena.get_query_results(QueryExecutionId=execution_id)
