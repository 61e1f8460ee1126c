"""GuardDuty with an unmodified boto3: detector, lists, findings, and the resulting emails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.events.bus import put
from pocketaws.server import LocalAws

from .conftest import REGION
from .guardduty_lab import TYPE, Lab

BAD = "203.0.113.66"


@pytest.fixture(scope="module")
def account() -> Iterator[Lab]:
    clock = ManualClock(datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    with LocalAws(region=REGION, clock=clock) as aws:
        yield Lab(aws, clock)


@pytest.fixture
def lab(account: Lab) -> Iterator[Lab]:
    account.start()
    yield account
    account.stop()


def test_an_account_has_one_detector(lab: Lab) -> None:
    with pytest.raises(ClientError, match="a detector already exists for the current account"):
        lab.guardduty.create_detector(Enable=True)
    assert lab.guardduty.list_detectors()["DetectorIds"] == [lab.detector]
    found = lab.guardduty.get_detector(DetectorId=lab.detector)
    assert (found["Status"], found["FindingPublishingFrequency"]) == ("ENABLED", "FIFTEEN_MINUTES")
    assert found["ServiceRole"].endswith("/AWSServiceRoleForAmazonGuardDuty")
    lab.guardduty.delete_detector(DetectorId=lab.detector)
    assert lab.guardduty.list_detectors()["DetectorIds"] == []
    with pytest.raises(ClientError, match="not owned by the current account"):
        lab.guardduty.get_detector(DetectorId=lab.detector)


def test_features_are_merged(lab: Lab) -> None:
    lab.guardduty.update_detector(
        DetectorId=lab.detector, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    )
    found = lab.guardduty.get_detector(DetectorId=lab.detector)
    states = {feature["Name"]: feature["Status"] for feature in found["Features"]}
    assert states["S3_DATA_EVENTS"] == "DISABLED"
    assert states["FLOW_LOGS"] == states["RDS_LOGIN_EVENTS"] == "ENABLED"
    assert states["RUNTIME_MONITORING"] == "DISABLED"
    assert found["DataSources"]["S3Logs"]["Status"] == "DISABLED"


def test_a_call_to_a_listed_address_becomes_a_finding(lab: Lab, samples: Any) -> None:
    list_id = lab.threat_list(lab.put_list(f"198.51.100.0/24\n{BAD}\n"))
    assert lab.status(list_id) == "ACTIVE"
    lab.traffic(BAD)
    (finding,) = lab.findings()
    instance = lab.instance["InstanceId"]
    assert finding["Type"] == TYPE
    assert finding["Severity"] == 5
    real = json.loads((samples / "guardduty/malicious-ip-caller-custom.asff.json").read_text())
    title: str = real["finding"]["Title"]
    assert finding["Title"] == title.replace("i-133711111111", instance)
    assert finding["Description"] == real["finding"]["Description"].replace(
        "i-133711111111", instance
    ).replace("1337.1337.1337.1337", BAD).replace("ThreatIntelIOC-IPs", "bad")
    details = finding["Resource"]["InstanceDetails"]
    assert details["InstanceId"] == instance
    assert {"Key": "Team", "Value": "red"} in details["Tags"]
    (interface,) = details["NetworkInterfaces"]
    assert interface["PrivateIpAddress"] == lab.instance["PrivateIpAddress"]
    service = finding["Service"]
    assert (service["Count"], service["Archived"], service["ResourceRole"]) == (1, False, "TARGET")
    action = service["Action"]["NetworkConnectionAction"]
    assert action["RemoteIpDetails"]["IpAddressV4"] == BAD
    assert action["ConnectionDirection"] == "OUTBOUND"
    assert action["RemotePortDetails"] == {"Port": 80, "PortName": "HTTP"}
    assert json.loads(service["AdditionalInfo"]["Value"]) == {
        "threatName": "Customer Threat Intel",
        "threatListName": "bad",
    }


@pytest.mark.parametrize(
    ("remote", "changes"),
    [
        ("203.0.113.67", {}),
        (BAD, {"action": "REJECT"}),
        ("10.0.0.5", {}),
    ],
)
def test_other_traffic_causes_no_finding(lab: Lab, remote: str, changes: dict[str, Any]) -> None:
    lab.threat_list(lab.put_list(f"{BAD}\n10.0.0.0/8\n"))
    lab.traffic(remote, **changes)
    assert lab.findings() == []
    lab.traffic(BAD)
    assert len(lab.findings()) == 1


def test_a_suspended_detector_finds_nothing(lab: Lab) -> None:
    lab.threat_list(lab.put_list(BAD))
    lab.guardduty.update_detector(DetectorId=lab.detector, Enable=False)
    lab.traffic(BAD)
    assert lab.findings() == []


@pytest.mark.parametrize("content", ["", "not an address\n", "2001:db8::1\n"])
def test_an_invalid_file_puts_the_list_in_error(lab: Lab, content: str) -> None:
    assert lab.status(lab.threat_list(lab.put_list(content))) == "ERROR"


@pytest.mark.parametrize(
    "list_format", ["STIX", "OTX_CSV", "ALIEN_VAULT", "PROOF_POINT", "FIRE_EYE"]
)
def test_a_format_that_is_not_emulated_is_refused_by_name(lab: Lab, list_format: str) -> None:
    with pytest.raises(ClientError, match=list_format) as refused:
        lab.threat_list(lab.put_list(BAD), Format=list_format)
    assert refused.value.response["Error"]["Code"] == "NotImplemented"


def test_filters_and_trusted_ip_lists_are_empty(lab: Lab) -> None:
    assert lab.guardduty.list_filters(DetectorId=lab.detector)["FilterNames"] == []
    assert lab.guardduty.list_ip_sets(DetectorId=lab.detector)["IpSetIds"] == []
    for ask in (lab.guardduty.list_filters, lab.guardduty.list_ip_sets):
        with pytest.raises(ClientError, match="not owned by the current account"):
            ask(DetectorId="0" * 32)


def test_a_missing_file_puts_the_list_in_error_until_it_exists(lab: Lab) -> None:
    location = f"s3://lists-{lab.account}/late.txt"
    list_id = lab.threat_list(location)
    assert lab.status(list_id) == "ERROR"
    lab.put_list(BAD, "late.txt")
    lab.guardduty.update_threat_intel_set(
        DetectorId=lab.detector, ThreatIntelSetId=list_id, Activate=True
    )
    assert lab.status(list_id) == "ACTIVE"


def test_an_expected_bucket_owner_is_checked(lab: Lab) -> None:
    location = lab.put_list(BAD)
    right = lab.threat_list(location, name="right", ExpectedBucketOwner=lab.account)
    assert lab.status(right) == "ACTIVE"


def test_lists_have_their_limits_and_names(lab: Lab) -> None:
    location = lab.put_list(BAD)
    ids = [lab.threat_list(location, name=f"list-{n}") for n in range(6)]
    with pytest.raises(ClientError, match="limited to 6"):
        lab.threat_list(location, name="one-more")
    listed = lab.guardduty.list_threat_intel_sets(DetectorId=lab.detector)["ThreatIntelSetIds"]
    assert listed == ids
    lab.guardduty.delete_threat_intel_set(DetectorId=lab.detector, ThreatIntelSetId=ids[0])
    assert (
        lab.guardduty.list_threat_intel_sets(DetectorId=lab.detector)["ThreatIntelSetIds"]
        == (ids[1:])
    )
    with pytest.raises(ClientError, match="already exists"):
        lab.threat_list(location, name="list-3")
    with pytest.raises(ClientError, match="location"):
        lab.threat_list("https://example.com/list.txt", name="elsewhere")


@pytest.mark.parametrize(
    "form",
    [
        "https://s3.amazonaws.com/{bucket}/bad.txt",
        "https://s3.eu-west-1.amazonaws.com/{bucket}/bad.txt",
        "https://s3-eu-west-1.amazonaws.com/{bucket}/bad.txt",
        "https://{bucket}.s3.amazonaws.com/bad.txt",
        "https://{bucket}.s3.eu-west-1.amazonaws.com/bad.txt",
        "s3://{bucket}/bad.txt",
    ],
)
def test_every_form_of_location_is_read(lab: Lab, form: str) -> None:
    lab.put_list(BAD)
    location = form.format(bucket=f"lists-{lab.account}")
    assert lab.status(lab.threat_list(location)) == "ACTIVE"


def test_guardduty_reads_the_list_with_its_roles_permission(lab: Lab) -> None:
    list_id = lab.threat_list(lab.put_list(BAD))
    iam = lab.client("iam")
    role = "AWSServiceRoleForAmazonGuardDuty"
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    assert document["Statement"][0]["Resource"] == f"arn:aws:s3:::lists-{lab.account}/bad.txt"
    lab.guardduty.delete_threat_intel_set(DetectorId=lab.detector, ThreatIntelSetId=list_id)
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []


def test_repeated_traffic_is_counted_in_one_finding(lab: Lab) -> None:
    lab.threat_list(lab.put_list(f"{BAD}\n198.51.100.7"))
    lab.traffic(BAD)
    (first,) = lab.findings()
    lab.clock.advance(60)
    lab.traffic(BAD)
    lab.traffic("198.51.100.7")
    found = {
        finding["Service"]["Action"]["NetworkConnectionAction"]["RemoteIpDetails"]["IpAddressV4"]: (
            finding
        )
        for finding in lab.findings()
    }
    again = found[BAD]
    assert (again["Id"], again["CreatedAt"]) == (first["Id"], first["CreatedAt"])
    assert again["Service"]["Count"] == 2
    assert again["UpdatedAt"] > first["UpdatedAt"]
    assert again["Service"]["EventFirstSeen"] == first["Service"]["EventFirstSeen"]
    assert again["Service"]["EventLastSeen"] > first["Service"]["EventLastSeen"]
    assert found["198.51.100.7"]["Service"]["Count"] == 1


def test_a_new_finding_is_emailed_at_once_and_updates_at_the_frequency(lab: Lab) -> None:
    lab.alert_by_mail({"source": ["aws.guardduty"], "detail": {"type": [TYPE]}})
    lab.threat_list(lab.put_list(BAD))
    lab.traffic(BAD)
    assert [mail["detail"]["service"]["count"] for mail in lab.mails()] == [1]
    lab.clock.advance(60)
    lab.traffic(BAD)
    lab.traffic(BAD)
    lab.clock.advance(13 * 60)
    assert len(lab.mails()) == 1
    lab.clock.advance(60)
    assert [mail["detail"]["service"]["count"] for mail in lab.mails()] == [1, 3]


def test_a_changed_frequency_applies_to_pending_updates(lab: Lab) -> None:
    lab.alert_by_mail({"source": ["aws.guardduty"]})
    lab.threat_list(lab.put_list(BAD))
    lab.traffic(BAD)
    assert len(lab.mails()) == 1
    lab.traffic(BAD)
    assert len(lab.mails()) == 1

    def frequency(value: str) -> None:
        lab.guardduty.update_detector(DetectorId=lab.detector, FindingPublishingFrequency=value)

    frequency("ONE_HOUR")
    lab.clock.advance(20 * 60)
    assert len(lab.mails()) == 1
    frequency("FIFTEEN_MINUTES")
    assert len(lab.mails()) == 2


def test_the_event_has_the_shape_of_a_real_one(lab: Lab, samples: Any) -> None:
    tags = {"resource": {"instanceDetails": {"tags": {"key": ["Team"], "value": ["red"]}}}}
    lab.alert_by_mail({"detail-type": ["GuardDuty Finding"], "detail": tags})
    lab.threat_list(lab.put_list(BAD))
    lab.traffic(BAD)
    (event,) = lab.mails()
    real = json.loads((samples / "guardduty/native-finding-event.json").read_text())
    assert list(event) == list(real)
    assert event["source"] == "aws.guardduty"
    assert event["detail"]["id"] == lab.findings()[0]["Id"]
    assert set(real["detail"]) == set(event["detail"])
    details, real_details = (
        each["detail"]["resource"]["instanceDetails"] for each in (event, real)
    )
    assert set(real_details) <= set(details)
    assert set(real_details["networkInterfaces"][0]) == set(details["networkInterfaces"][0])
    assert set(real["detail"]["service"]) <= set(event["detail"]["service"])


def test_findings_can_be_searched_by_criteria(lab: Lab) -> None:
    lab.threat_list(lab.put_list(f"{BAD}\n198.51.100.7"))
    lab.traffic(BAD)
    assert len(lab.findings()) == 1
    lab.clock.advance(5)
    lab.traffic("198.51.100.7")
    address = "service.action.networkConnectionAction.remoteIpDetails.ipAddressV4"
    (one,) = lab.findings(**{address: {"Eq": [BAD]}})
    assert len(lab.findings(**{"resource.instanceDetails.tags.value": {"Eq": ["red"]}})) == 2
    assert len(lab.findings(severity={"Gte": 4, "Lt": 7})) == 2
    assert lab.findings(severity={"Gt": 5}) == []
    since = int((lab.clock.now() - timedelta(seconds=2)).timestamp() * 1000)
    assert one["Id"] not in [finding["Id"] for finding in lab.findings(updatedAt={"Gte": since})]
    lab.guardduty.archive_findings(DetectorId=lab.detector, FindingIds=[one["Id"]])
    assert [f["Id"] for f in lab.findings(**{"service.archived": {"Eq": ["true"]}})] == [one["Id"]]
    first = lab.guardduty.list_findings(
        DetectorId=lab.detector, MaxResults=1,
        SortCriteria={"AttributeName": "updatedAt", "OrderBy": "ASC"},
    )  # fmt: skip
    assert first["FindingIds"] == [one["Id"]]
    pages = lab.guardduty.get_paginator("list_findings").paginate(
        DetectorId=lab.detector, PaginationConfig={"PageSize": 1}
    )
    assert sum(len(page["FindingIds"]) for page in pages) == 2
    statistics = lab.guardduty.get_findings_statistics(
        DetectorId=lab.detector, FindingStatisticTypes=["COUNT_BY_SEVERITY"]
    )
    assert statistics["FindingStatistics"]["CountBySeverity"] == {"5.0": 2}
    grouped = lab.guardduty.get_findings_statistics(DetectorId=lab.detector, GroupBy="RESOURCE")
    (row,) = grouped["FindingStatistics"]["GroupedByResource"]
    assert (row["ResourceId"], row["TotalFindings"]) == (lab.instance["InstanceId"], 2)
    with pytest.raises(ClientError, match="nonsense"):
        lab.findings(nonsense={"Eq": ["x"]})


def test_an_alert_for_other_tags_is_not_emailed(lab: Lab) -> None:
    tags = {"resource": {"instanceDetails": {"tags": {"key": ["Team"], "value": ["blue"]}}}}
    lab.alert_by_mail({"detail": tags})
    lab.threat_list(lab.put_list(BAD))
    lab.traffic(BAD)
    assert len(lab.findings()) == 1
    assert lab.mails() == []
    matching = {"resource": {"instanceDetails": {"tags": [{"key": "Team", "value": "blue"}]}}}
    with lab.aws.world.transaction():
        put(lab.aws.world, lab.account, REGION, "aws.guardduty", "GuardDuty Finding", matching)
    assert len(lab.mails()) == 1


def test_tags_of_detector_and_list(lab: Lab) -> None:
    list_id = lab.threat_list(lab.put_list(BAD), Tags={"a": "1"})
    arn = f"arn:aws:guardduty:{REGION}:{lab.account}:detector/{lab.detector}"
    lab.guardduty.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    assert lab.guardduty.get_detector(DetectorId=lab.detector)["Tags"] == {"b": "2"}
    of_list = f"{arn}/threatintelset/{list_id}"
    assert lab.guardduty.list_tags_for_resource(ResourceArn=of_list)["Tags"] == {"a": "1"}
    lab.guardduty.untag_resource(ResourceArn=of_list, TagKeys=["a"])
    assert lab.guardduty.list_tags_for_resource(ResourceArn=of_list)["Tags"] == {}
