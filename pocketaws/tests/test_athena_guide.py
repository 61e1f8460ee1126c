"""The tables and queries of two chapters of Athena's user guide, typed as printed.

Source: Athena user guide, "Query AWS CloudTrail logs" and "Query Amazon VPC flow logs" with their
pages; only bucket names, account IDs, and dates differ.
"""

# ruff: noqa: S608 - the tests need queries

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws

from .athena_console import Console
from .conftest import REGION, client_factory

BUCKET = "bucket-of-the-guide"
TRAIL = f"AWSLogs/111122223333/CloudTrail/{REGION}"
COLUMNS = """
eventversion STRING,
useridentity STRUCT<
               type:STRING,
               principalid:STRING,
               arn:STRING,
               accountid:STRING,
               invokedby:STRING,
               accesskeyid:STRING,
               username:STRING,
               onbehalfof: STRUCT<
                    userid: STRING,
                    identitystorearn: STRING>,
  sessioncontext:STRUCT<
    attributes:STRUCT<
               mfaauthenticated:STRING,
               creationdate:STRING>,
    sessionissuer:STRUCT<
               type:STRING,
               principalid:STRING,
               arn:STRING,
               accountid:STRING,
               username:STRING>,
    ec2roledelivery:string,
    webidfederationdata: STRUCT<
               federatedprovider: STRING,
               attributes: map<string,string>>
  >
>,
eventtime STRING,
eventsource STRING,
eventname STRING,
awsregion STRING,
sourceipaddress STRING,
useragent STRING,
errorcode STRING,
errormessage STRING,
requestparameters STRING,
responseelements STRING,
additionaleventdata STRING,
requestid STRING,
eventid STRING,
resources ARRAY<STRUCT<
               arn:STRING,
               accountid:STRING,
               type:STRING>>,
eventtype STRING,
apiversion STRING,
readonly STRING,
recipientaccountid STRING,
serviceeventdetails STRING,
sharedeventid STRING,
vpcendpointid STRING,
vpcendpointaccountid STRING,
eventcategory STRING,
addendum STRUCT<
  reason:STRING,
  updatedfields:STRING,
  originalrequestid:STRING,
  originaleventid:STRING>,
sessioncredentialfromconsole STRING,
edgedevicedetails STRING,
tlsdetails STRUCT<
  tlsversion:STRING,
  ciphersuite:STRING,
  clientprovidedhostheader:STRING>
"""
FORMATS = """
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
"""
BY_HAND = f"""CREATE EXTERNAL TABLE cloudtrail_logs ({COLUMNS})
PARTITIONED BY (region string, year string, month string, day string)
{FORMATS}
LOCATION 's3://{BUCKET}/AWSLogs/111122223333/';
"""
ONE_DAY = f"""ALTER TABLE cloudtrail_logs ADD
   PARTITION (region='{REGION}',
              year='2026',
              month='03',
              day='01')
   LOCATION 's3://{BUCKET}/{TRAIL}/2026/03/01/'
"""
BY_PROJECTION = f"""
CREATE EXTERNAL TABLE cloudtrail_logs_pp({COLUMNS})
PARTITIONED BY (
   `timestamp` string)
{FORMATS}
LOCATION
  's3://{BUCKET}/{TRAIL}'
TBLPROPERTIES (
  'projection.enabled'='true',
  'projection.timestamp.format'='yyyy/MM/dd',
  'projection.timestamp.interval'='1',
  'projection.timestamp.interval.unit'='DAYS',
  'projection.timestamp.range'='2026/02/01,NOW',
  'projection.timestamp.type'='date',
  'storage.location.template'='s3://{BUCKET}/{TRAIL}/${{timestamp}}')
"""
FLOW_COLUMNS = """
  version int,
  account_id string,
  interface_id string,
  srcaddr string,
  dstaddr string,
  srcport int,
  dstport int,
  protocol bigint,
  packets bigint,
  bytes bigint,
  start bigint,
  `end` bigint,
  action string,
  log_status string,
  vpc_id string,
  subnet_id string,
  instance_id string,
  tcp_flags int,
  type string,
  pkt_srcaddr string,
  pkt_dstaddr string,
  {region}az_id string,
  sublocation_type string,
  sublocation_id string,
  pkt_src_aws_service string,
  pkt_dst_aws_service string,
  flow_direction string,
  traffic_path int
"""
FLOWS_BY_HAND = f"""
CREATE EXTERNAL TABLE IF NOT EXISTS `vpc_flow_logs` ({FLOW_COLUMNS.format(region="region string,")})
PARTITIONED BY (`date` date)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ' '
LOCATION 's3://{BUCKET}/prefix/AWSLogs/111122223333/vpcflowlogs/{REGION}/'
TBLPROPERTIES ("skip.header.line.count"="1");
"""
FLOWS_OF_A_DAY = f"""ALTER TABLE vpc_flow_logs
ADD PARTITION (`date`='2026-02-27')
LOCATION 's3://{BUCKET}/prefix/AWSLogs/111122223333/vpcflowlogs/{REGION}/2026/02/27';
"""
FLOWS_BY_PROJECTION = f"""
CREATE EXTERNAL TABLE IF NOT EXISTS test_table_vpclogs ({FLOW_COLUMNS.format(region="")})
PARTITIONED BY (accid string, region string, day string)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ' '
LOCATION 's3://{BUCKET}/AWSLogs/'
TBLPROPERTIES
(
"skip.header.line.count"="1",
"projection.enabled" = "true",
"projection.accid.type" = "enum",
"projection.accid.values" = "111122223333,444455556666",
"projection.region.type" = "enum",
"projection.region.values" = "us-east-1,{REGION}",
"projection.day.type" = "date",
"projection.day.range" = "2026/02/01,NOW",
"projection.day.format" = "yyyy/MM/dd",
"storage.location.template" = "s3://{BUCKET}/AWSLogs/${{accid}}/vpcflowlogs/${{region}}/${{day}}"
)
"""
# srcaddr, dstaddr, dstport, protocol, packets, action
FLOWS = [
    ("10.117.1.22", "10.0.1.14", 443, 6, 10, "ACCEPT"),
    ("10.117.2.9", "10.0.1.14", 443, 6, 5, "ACCEPT"),
    ("10.117.1.22", "10.0.1.15", 443, 6, 40, "REJECT"),
    ("203.0.113.5", "10.0.1.14", 22, 6, 1, "REJECT"),
    ("203.0.113.5", "10.0.1.14", 53, 17, 1, "REJECT"),
]


def flow_lines(*, with_region: bool) -> bytes:
    """Flow logs with all fields: a header, the records, and one NODATA record."""
    lines = ["version account-id interface-id …"]
    for source, target, port, protocol, packets, action in FLOWS:
        region = f"{REGION} " if with_region else ""
        lines.append(
            f"5 111122223333 eni-0a1b {source} {target} 40000 {port} {protocol} {packets} {packets * 60} "
            f"1772190000 1772190060 {action} OK vpc-1 subnet-1 i-1 2 IPv4 {source} {target} {region}euw1-az1 "
            "- - - - ingress -"
        )
    nothing = "5 111122223333 eni-0a1b - - - - - - - 1772190000 1772190060 - NODATA " + "- " * 15
    return gzip.compress("\n".join([*lines, nothing.strip(), ""]).encode())


class Guide:
    """An account in which someone followed both chapters."""

    def __init__(self, aws: LocalAws, records: list[dict[str, Any]]) -> None:
        self.records = [*records, *planted()]
        key = aws.administrator
        client = client_factory(aws, key.access_key_id, key.secret_access_key)
        s3 = client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        body = gzip.compress(json.dumps({"Records": self.records}).encode())
        s3.put_object(Bucket=BUCKET, Key=f"{TRAIL}/2026/03/01/x_CloudTrail_y.json.gz", Body=body)
        flows = f"vpcflowlogs/{REGION}/2026/02/27/x_vpcflowlogs_y.log.gz"
        s3.put_object(
            Bucket=BUCKET,
            Key=f"prefix/AWSLogs/111122223333/{flows}",
            Body=flow_lines(with_region=True),
        )
        s3.put_object(
            Bucket=BUCKET, Key=f"AWSLogs/444455556666/{flows}", Body=flow_lines(with_region=False)
        )
        self.console = Console(client("athena"), f"s3://{BUCKET}/results", "guide")
        for statement in (
            "CREATE DATABASE guide", BY_HAND, ONE_DAY, BY_PROJECTION,
            FLOWS_BY_HAND, FLOWS_OF_A_DAY, FLOWS_BY_PROJECTION,
        ):  # fmt: skip
            assert self.console.run(statement).rows == []

    def ask(self, query: str) -> list[dict[str, str | None]]:
        header, *rows = self.console.run(query).rows
        return [dict(zip(map(str, header), row, strict=True)) for row in rows]


def planted() -> list[dict[str, Any]]:
    """What the examples search for."""
    common = {
        "eventVersion": "1.11",
        "awsRegion": REGION,
        "eventSource": "s3.amazonaws.com",
        "userAgent": "[x]",
    }
    ada = {"type": "IAMUser", "userName": "ada", "arn": "arn:aws:iam::111122223333:user/ada"}
    return [
        {
            **common, "eventName": "GetObject", "eventTime": "2026-03-01T08:00:00Z",
            "userIdentity": {"type": "AWSAccount", "accountId": "anonymous"},
            "requestParameters": {"bucketName": "open-bucket", "key": "x"},
            "resources": [{"ARN": "arn:aws:s3:::open-bucket/example/datafile.txt", "type": "AWS::S3::Object"},
                          {"ARN": "arn:aws:s3:::open-bucket", "accountId": "111122223333", "type": "AWS::S3::Bucket"}],
        },
        {
            **common, "eventName": "DeleteBucket", "eventTime": "2026-03-01T07:00:00Z", "userIdentity": ada,
            "requestParameters": {"bucketName": "gone"},
            "resources": [{"ARN": "arn:aws:s3:::gone", "accountId": "111122223333", "type": "AWS::S3::Bucket"}],
        },
    ]  # fmt: skip


@pytest.fixture(scope="module")
def guide(samples: Path) -> Iterator[Guide]:
    content = (samples / "cloudtrail/detonation-delivered-records.json.gz").read_bytes()
    records = json.loads(gzip.decompress(content))["Records"]
    clock = ManualClock(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    with LocalAws(region=REGION, clock=clock) as aws:
        yield Guide(aws, records)


TABLES = ("cloudtrail_logs", "cloudtrail_logs_pp")


@pytest.mark.parametrize("table", TABLES)
def test_anonymous_requests(guide: Guide, table: str) -> None:
    query = f"""SELECT *
FROM `{table}`
WHERE
    eventsource = 's3.amazonaws.com' AND
    eventname in ('GetObject') AND
    useridentity.accountid = 'anonymous' AND
    useridentity.arn IS NULL AND
    requestparameters LIKE '%open-bucket%';
"""
    # The guide quotes the name as DDL requires; Athena rejects that in a query.
    with pytest.raises(ClientError, match="line 2:6: backquoted identifiers are not supported"):
        guide.console.start(query)
    (row,) = guide.ask(query.replace("`", '"'))
    assert (row["eventtime"], row["errorcode"]) == ("2026-03-01T08:00:00Z", None)
    assert str(row["useridentity"]).startswith("{type=AWSAccount, principalid=null, arn=null, ")


@pytest.mark.parametrize("table", TABLES)
def test_nested_fields(guide: Guide, table: str) -> None:
    rows = guide.ask(f"""SELECT
    eventsource,
    eventname,
    useridentity.sessioncontext.attributes.creationdate,
    useridentity.sessioncontext.sessionissuer.arn
FROM {table}
WHERE useridentity.sessioncontext.sessionissuer.arn IS NOT NULL
ORDER BY eventsource, eventname
LIMIT 10
""")
    issued = sorted(
        (record["eventSource"], record["eventName"])
        for record in guide.records
        if (record["userIdentity"].get("sessionContext") or {}).get("sessionIssuer", {}).get("arn")
    )
    assert [(row["eventsource"], row["eventname"]) for row in rows] == issued[:10]
    assert len(rows) == 10
    assert all(str(row["arn"]).startswith("arn:aws:iam::") and row["creationdate"] for row in rows)


@pytest.mark.parametrize("table", TABLES)
def test_unnested_resources(guide: Guide, table: str) -> None:
    rows = guide.ask(f"""SELECT
    awsregion,
    replace(unnested.resources_entry.ARN,'arn:aws:s3:::') as s3_resource,
    eventname,
    eventtime,
    useragent
FROM {table} t
CROSS JOIN UNNEST(t.resources) unnested (resources_entry)
WHERE unnested.resources_entry.ARN LIKE '%example/datafile.txt'
ORDER BY eventtime
""")
    assert rows == [
        {
            "awsregion": REGION, "s3_resource": "open-bucket/example/datafile.txt",
            "eventname": "GetObject", "eventtime": "2026-03-01T08:00:00Z", "useragent": "[x]",
        }
    ]  # fmt: skip
    deleted = guide.ask(f"""SELECT
    awsregion,
    replace(unnested.resources_entry.ARN,'arn:aws:s3:::') as deleted_bucket,
    eventtime AS time_deleted,
    useridentity.username,
    unnested.resources_entry.accountid as bucket_acct_id
FROM {table} t
CROSS JOIN UNNEST(t.resources) unnested (resources_entry)
WHERE eventname = 'DeleteBucket'
ORDER BY eventtime
""")
    assert {
        "awsregion": REGION, "deleted_bucket": "gone", "time_deleted": "2026-03-01T07:00:00Z",
        "username": "ada", "bucket_acct_id": "111122223333",
    } in deleted  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_the_query_to_begin_with(guide: Guide, table: str) -> None:
    rows = guide.ask(f"""SELECT
 useridentity.arn,
 eventname,
 sourceipaddress,
 eventtime
FROM {table}
LIMIT 100;
""")
    assert len(rows) == 100
    assert list(rows[0]) == ["arn", "eventname", "sourceipaddress", "eventtime"]


def test_flows_of_a_date(guide: Guide) -> None:
    rows = guide.ask("""SELECT *
FROM vpc_flow_logs
WHERE date = DATE('2026-02-27')
LIMIT 100;
""")
    assert len(rows) == len(FLOWS) + 1
    assert [row["srcaddr"] for row in rows[:-1]] == [flow[0] for flow in FLOWS]
    assert (rows[0]["region"], rows[0]["flow_direction"], rows[0]["traffic_path"]) == (REGION, "ingress", None)  # fmt: skip
    assert (rows[-1]["log_status"], rows[-1]["bytes"]) == ("NODATA", None)
    assert guide.ask("SELECT * FROM vpc_flow_logs WHERE date = DATE('2026-02-28') LIMIT 100") == []


def test_rejected_flows_with_their_weekday(guide: Guide) -> None:
    rows = guide.ask("""SELECT day_of_week(date) AS
  day,
  date,
  interface_id,
  srcaddr,
  action,
  protocol
FROM vpc_flow_logs
WHERE action = 'REJECT' AND protocol = 6
LIMIT 100;
""")
    assert [row["srcaddr"] for row in rows] == ["10.117.1.22", "203.0.113.5"]
    assert {(row["day"], row["date"]) for row in rows} == {("5", "2026-02-27")}


def test_the_servers_with_the_most_requests(guide: Guide) -> None:
    query = """SELECT SUM(packets) AS
  packetcount,
  dstaddr
FROM vpc_flow_logs
WHERE dstport = 443 AND date > current_date - interval '7' day
GROUP BY dstaddr
ORDER BY packetcount DESC
LIMIT 10;
"""
    packets: Counter[str] = Counter()
    for _, target, port, _, count, _ in FLOWS:
        packets[target] += count if port == 443 else 0
    expected = [{"packetcount": str(n), "dstaddr": target} for target, n in packets.most_common()]
    assert guide.ask(query) == expected
    assert guide.ask(query.replace("'7' day", "'3' day")) == []


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ("""SELECT *
FROM test_table_vpclogs
WHERE day >= '2026/02/01' AND day < '2026/02/28'
ORDER BY day ASC
LIMIT 100
""", [*(flow[0] for flow in FLOWS), "-"]),
        ("""SELECT *
FROM test_table_vpclogs
WHERE srcaddr = '10.117.1.22'
  AND day >= '2026/02/01'
  AND day < '2026/02/28'
""", ["10.117.1.22", "10.117.1.22"]),
        ("""SELECT day,
       interface_id,
       srcaddr,
       action,
       protocol
FROM test_table_vpclogs
WHERE action = 'REJECT' AND protocol = 6 AND day >= '2026/02/01' AND day < '2026/02/28'
LIMIT 10
""", ["10.117.1.22", "203.0.113.5"]),
        ("""SELECT *
FROM test_table_vpclogs
WHERE split_part(srcaddr,'.', 1)='10'
  AND split_part(srcaddr,'.', 2) ='117'
""", ["10.117.1.22", "10.117.2.9", "10.117.1.22"]),
        ("""SELECT *
FROM test_table_vpclogs
WHERE dstaddr = '10.0.1.14'
  AND day >= '2026/01/01'
  AND day < '2026/03/01'
""", ["10.117.1.22", "10.117.2.9", "203.0.113.5", "203.0.113.5"]),
    ],
)  # fmt: skip
def test_flows_of_several_accounts(guide: Guide, query: str, sources: list[str]) -> None:
    rows = guide.ask(query)
    assert [row["srcaddr"] for row in rows] == sources
    assert {row["day"] for row in rows} == {"2026/02/27"}


def test_flows_of_several_accounts_counted(guide: Guide) -> None:
    rows = guide.ask("""SELECT SUM(packets) AS packetcount,
       dstaddr
FROM test_table_vpclogs
WHERE dstport = 443
  AND day >= '2026/02/01'
  AND day < '2026/03/31'
GROUP BY dstaddr
ORDER BY packetcount DESC
LIMIT 10
""")
    assert rows == [{"packetcount": "40", "dstaddr": "10.0.1.15"}, {"packetcount": "15", "dstaddr": "10.0.1.14"}]  # fmt: skip


def test_times_of_flows(guide: Guide) -> None:
    rows = guide.ask("""SELECT interface_id,
       srcaddr,
       action,
       protocol,
       to_iso8601(from_unixtime(start)) AS start_time,
       to_iso8601(from_unixtime("end")) AS end_time
FROM test_table_vpclogs
WHERE DAY >= '2026/02/01'
  AND DAY < '2026/03/30'
""")
    assert len(rows) == len(FLOWS) + 1
    assert {(row["start_time"], row["end_time"]) for row in rows} == {
        ("2026-02-27T11:00:00.000Z", "2026-02-27T11:01:00.000Z")
    }


def test_an_organization_with_manual_partitions(guide: Guide) -> None:
    statement = BY_HAND.replace("cloudtrail_logs", "organization").replace("(region", "(account string, region")  # fmt: skip
    assert guide.console.run(statement).rows == []
    added = guide.console.run(f"""ALTER TABLE organization ADD
PARTITION (account='111122223333',
region='{REGION}',
year='2026',
month='03',
day='01')
LOCATION 's3://{BUCKET}/{TRAIL}/2026/03/01/'
""")
    assert added.rows == []
    count = f"SELECT account, count(*) AS n FROM organization WHERE region = '{REGION}' GROUP BY account"
    assert guide.ask(count) == [{"account": "111122223333", "n": str(len(guide.records))}]
    assert guide.console.run("DROP TABLE organization").rows == []


def test_a_parquet_table_can_be_created_but_not_read(guide: Guide) -> None:
    statement = FLOWS_BY_HAND.replace("vpc_flow_logs", "vpc_flow_logs_parquet").replace(
        "ROW FORMAT DELIMITED\nFIELDS TERMINATED BY ' '",
        """ROW FORMAT SERDE
  'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT
  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
OUTPUTFORMAT
  'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'""",
    )
    assert guide.console.run(statement).rows == []
    reason = guide.console.run("SELECT * FROM vpc_flow_logs_parquet").reason
    assert "emulate tables with the SerDe" in reason
    assert "ParquetHiveSerDe" in reason
