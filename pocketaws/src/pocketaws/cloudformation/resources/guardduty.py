"""GuardDuty: the detector and its threat lists.

Source: CloudFormation template reference, "AWS::GuardDuty::Detector", "…::ThreatIntelSet". The
stack completes when GuardDuty accepts a list, whether the list becomes active or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import AwsError
from .handler import ResourceFailed, ResourceType, Work, resource_type, tag_changes

_ABSENT = "BadRequestException"  # GuardDuty's code for "not yours", which also covers unknown IDs
_SETTINGS = ("Enable", "FindingPublishingFrequency", "Features", "DataSources")
_CHANGEABLE = ("Activate", "ExpectedBucketOwner", "Location", "Name")


def _tag(work: Work, before: Mapping[str, Any], arn: str) -> None:
    changed, gone = tag_changes(work, before)
    if changed:
        work.call("guardduty", "TagResource", ResourceArn=arn, Tags=changed)
    if gone:
        work.call("guardduty", "UntagResource", ResourceArn=arn, TagKeys=gone)


def _arn(work: Work, detector: str, more: str = "") -> str:
    return f"arn:aws:guardduty:{work.region}:{work.account}:detector/{detector}{more}"


@resource_type("AWS::GuardDuty::Detector")
class Detector(ResourceType):
    """An account's detector in a Region."""

    supported = frozenset({"Tags", *_SETTINGS})
    attributes = frozenset({"Id"})
    updatable = frozenset(_SETTINGS)

    def create(self, work: Work) -> None:
        made = work.call(
            "guardduty", "CreateDetector",
            ClientToken=work.world.uuid(), **self._settings(work), Tags=work.tags(),
        )["DetectorId"]  # fmt: skip
        work.identify(made, Id=made)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        work.call(
            "guardduty", "UpdateDetector", DetectorId=work.physical_id, **self._settings(work)
        )
        _tag(work, before, _arn(work, work.physical_id))

    def _settings(self, work: Work) -> dict[str, Any]:
        return {name: work.properties[name] for name in _SETTINGS if name in work.properties}

    def delete(self, work: Work) -> None:
        work.delete_if_exists("guardduty", "DeleteDetector", _ABSENT, DetectorId=work.physical_id)

    def gone(self, work: Work) -> bool:
        return work.physical_id not in work.call("guardduty", "ListDetectors")["DetectorIds"]


@resource_type("AWS::GuardDuty::ThreatIntelSet")
class ThreatIntelSet(ResourceType):
    """A threat list; its ID is ``list|detector``, and its ``Ref`` is the list's ID."""

    supported = frozenset(
        {"Activate", "DetectorId", "ExpectedBucketOwner", "Format", "Location", "Name", "Tags"}
    )
    attributes = frozenset({"Id"})
    updatable = frozenset(_CHANGEABLE)
    create_seconds = 4.0

    def create(self, work: Work) -> None:
        given = work.properties
        detector = given.get("DetectorId") or self._only_detector(work)
        made = work.call(
            "guardduty", "CreateThreatIntelSet",
            DetectorId=detector,
            Name=given.get("Name") or work.name(300),
            Format=given["Format"],
            Location=given["Location"],
            Activate=given.get("Activate", False),
            ExpectedBucketOwner=given.get("ExpectedBucketOwner"),
            ClientToken=work.world.uuid(),
            Tags=work.tags(),
        )["ThreatIntelSetId"]  # fmt: skip
        work.resource.state["detector"] = detector
        work.identify(f"{made}|{detector}", Id=made)

    def _only_detector(self, work: Work) -> str:
        found: list[str] = work.call("guardduty", "ListDetectors")["DetectorIds"]
        if not found:
            raise ResourceFailed("There is no detector in this account and Region")
        return found[0]

    def reference(self, work: Work) -> str:
        return work.physical_id.partition("|")[0]

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        changed = {
            name: work.properties[name]
            for name in _CHANGEABLE
            if name in work.properties and work.properties[name] != before.get(name)
        }
        if changed:
            work.call("guardduty", "UpdateThreatIntelSet", **self._which(work), **changed)
        detector = work.resource.state["detector"]
        _tag(work, before, _arn(work, detector, f"/threatintelset/{self.reference(work)}"))

    def _which(self, work: Work) -> dict[str, str]:
        return {
            "DetectorId": work.resource.state["detector"],
            "ThreatIntelSetId": self.reference(work),
        }

    def delete(self, work: Work) -> None:
        work.delete_if_exists("guardduty", "DeleteThreatIntelSet", _ABSENT, **self._which(work))

    def gone(self, work: Work) -> bool:
        detector = work.resource.state["detector"]
        try:
            found = work.call("guardduty", "ListThreatIntelSets", DetectorId=detector)
        except AwsError as error:
            if error.code != _ABSENT:
                raise
            return True  # the detector is gone, and the list with it
        return self.reference(work) not in found["ThreatIntelSetIds"]
