"""Tagged resources, and the functions that find them, one for each service.

Sources for the types and the ARNs: service authorization reference, "Resource types defined by …"
of each service; Resource Groups Tagging API reference, "Services that support the Resource Groups
Tagging API".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import moto_state
from ..athena.store import AthenaStore, work_group_arn
from ..cloudformation.store import CloudFormationStore
from ..cloudtrail.trails.store import trails_of
from ..ec2.tags import taggable
from ..events.store import EventsStore
from ..glue.store import GlueStore
from ..guardduty.store import GuardDutyStore, detector_arn
from ..logs.store import LogsStore
from ..scheduler.store import SchedulerStore
from ..sns.store import SnsStore

if TYPE_CHECKING:
    from ..world import World

_GLOBAL_REGION = "us-east-1"
"""The Region under which global services list their resources."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A resource: its type as filters name it (``ec2:instance``), its ARN, and its tags."""

    type: str
    arn: str
    tags: Mapping[str, str]


def find(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield all tagged resources, sorted by ARN."""
    found = [item for finder in _FINDERS for item in finder(world, account, region) if item.tags]
    return iter(sorted(found, key=lambda item: item.arn))


def _athena(world: World, account: str, region: str) -> Iterator[Tagged]:
    for name, group in world.store(AthenaStore, account, region).work_groups.items():
        yield Tagged("athena:workgroup", work_group_arn(account, region, name), group.tags)


def _cloudformation(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield the stacks that aren't deleted."""
    store = world.store(CloudFormationStore, account, region)
    for stack_id in store.living.values():
        yield Tagged("cloudformation:stack", stack_id, store.stacks[stack_id].definition.tags)


def _cloudtrail(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield trails in their home Region, including multi-Region trails."""
    for arn, trail in trails_of(world, account).trails.items():
        if trail.home_region == region:
            yield Tagged("cloudtrail:trail", arn, trail.tags)


def _ec2(world: World, account: str, region: str) -> Iterator[Tagged]:
    del world  # moto stores the tags
    backend = moto_state.existing_backend("ec2", account, region)
    if backend is None:
        return
    for kind, resource_id in taggable(backend):
        arn = f"arn:aws:ec2:{region}:{account}:{kind}/{resource_id}"
        yield Tagged(f"ec2:{kind}", arn, dict(backend.tags.get(resource_id, {})))


def _events(world: World, account: str, region: str) -> Iterator[Tagged]:
    for rule in world.store(EventsStore, account, region).rules.values():
        yield Tagged("events:rule", rule.arn, rule.tags)


def _glue(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield databases; Glue tables have no tags."""
    for name, database in world.store(GlueStore, account, region).databases.items():
        arn = f"arn:aws:glue:{region}:{account}:database/{name}"
        yield Tagged("glue:database", arn, database.tags)


def _guardduty(world: World, account: str, region: str) -> Iterator[Tagged]:
    detector = world.store(GuardDutyStore, account, region).detector
    if detector is None:
        return
    arn = detector_arn(account, region, detector.detector_id)
    yield Tagged("guardduty:detector", arn, detector.tags)
    for listed in detector.lists.values():
        list_arn = f"{arn}/threatintelset/{listed.list_id}"
        yield Tagged("guardduty:detector/threatintelset", list_arn, listed.tags)


def _iam(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield policies and instance profiles; this API doesn't return users and roles."""
    del world  # moto stores them
    backend = moto_state.existing_backend("iam", account, "aws")
    if backend is None or region != _GLOBAL_REGION:
        return
    for policy in backend.managed_policies.values():
        yield Tagged("iam:policy", policy.arn, _plain(policy.tags))
    for profile in backend.instance_profiles.values():
        yield Tagged("iam:instance-profile", profile.arn, _plain(profile.tags))


def _plain(kept: object) -> dict[str, str]:
    """Flatten moto's tags, which are ``{key: {"Key", "Value"}}`` or a list of its values."""
    listed = kept.values() if isinstance(kept, dict) else kept or ()
    return {tag["Key"]: tag["Value"] for tag in listed}  # type: ignore[attr-defined]


def _logs(world: World, account: str, region: str) -> Iterator[Tagged]:
    for group in world.store(LogsStore, account, region).groups.values():
        yield Tagged("logs:log-group", group.arn, group.tags)


def _s3(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield buckets in their own Region."""
    del world  # moto stores them
    backend = moto_state.existing_backend("s3", account, "aws")
    if backend is None:
        return
    for bucket in backend.buckets.values():
        if bucket.region_name == region:
            tags = backend.tagger.get_tag_dict_for_resource(bucket.arn)
            yield Tagged("s3:bucket", bucket.arn, tags)


def _scheduler(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield schedule groups; schedules have no tags."""
    for group in world.store(SchedulerStore, account, region).groups.values():
        yield Tagged("scheduler:schedule-group", group.arn, group.tags)


def _sns(world: World, account: str, region: str) -> Iterator[Tagged]:
    for topic in world.store(SnsStore, account, region).topics.values():
        yield Tagged("sns:topic", topic.arn, topic.tags)


def _ssm(world: World, account: str, region: str) -> Iterator[Tagged]:
    del world  # moto stores them
    backend = moto_state.existing_backend("ssm", account, region)
    if backend is None:
        return
    tags = backend._resource_tags.get("Parameter", {})  # noqa: SLF001 - the public lookup reads values
    for name, of_name in tags.items():
        arn = f"arn:aws:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"
        yield Tagged("ssm:parameter", arn, of_name)


# Finders also yield untagged resources. They don't create state for a service that isn't in use.
_FINDERS = (
    _athena,
    _cloudformation,
    _cloudtrail,
    _ec2,
    _events,
    _glue,
    _guardduty,
    _iam,
    _logs,
    _s3,
    _scheduler,
    _sns,
    _ssm,
)
