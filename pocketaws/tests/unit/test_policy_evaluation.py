"""The evaluator of IAM policies against the rules of the IAM user guide, one case a line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pocketaws.identity.caller import Caller, Session, service_caller
from pocketaws.identity.evaluate import Decision, Policies, Request, evaluate
from pocketaws.identity.policy import Policy, compile_policy

ACCOUNT = "111122223333"
OTHER = "444455556666"
BUCKET = "arn:aws:s3:::logs"
OBJECT = f"{BUCKET}/2026/a.gz"
USER = Caller(
    "IAMUser", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ada", "AIDAEXAMPLEADA000001", "198.51.100.7"
)
SESSION = Session(
    "ASIAX", "secret", "token", ACCOUNT, "reader", "/team/", "AROAEXAMPLEREADER01", "monday",
    datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), "198.51.100.7",
)  # fmt: skip
ROLE = Caller(
    "AssumedRole", ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/monday",
    "AROAEXAMPLEREADER01:monday", "198.51.100.7", session=SESSION,
)  # fmt: skip
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/team/reader"
ROOT = Caller("Root", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "198.51.100.7")
TRAIL = service_caller("cloudtrail.amazonaws.com", ACCOUNT, "arn:aws:cloudtrail:r:a:trail/t")


class Facts:
    """The context of a request, out of a plain dict."""

    def __init__(self, facts: dict[str, str | list[str]]) -> None:
        self._facts = {
            key.lower(): tuple(value) if isinstance(value, list) else (value,)
            for key, value in facts.items()
        }

    def get(self, key: str) -> tuple[str, ...] | None:
        return self._facts.get(key)


def policy(*statements: dict[str, Any], version: str | None = "2012-10-17") -> Policy:
    document: dict[str, Any] = {"Statement": list(statements)}
    if version is not None:
        document["Version"] = version
    return compile_policy(json.dumps(document))


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def decide(
    *statements: dict[str, Any],
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    version: str | None = "2012-10-17",
    **facts: Any,
) -> bool:
    given = Policies((policy(*statements, version=version),))
    asked = Request(action.lower(), resource, Facts(facts.get("facts", {})))
    return evaluate(USER, asked, given).allowed


ACTIONS_AND_RESOURCES = [
    # what the policy says; what is asked for; whether it is allowed
    ((allow(),), "s3:GetObject", OBJECT, True),
    ((), "s3:GetObject", OBJECT, False),
    ((allow("s3:GetObject"),), "s3:GetObject", OBJECT, True),
    ((allow("S3:getobject"),), "s3:GetObject", OBJECT, True),
    ((allow("s3:GetObject"),), "s3:GetObjectAcl", OBJECT, False),
    ((allow("s3:Get*"),), "s3:GetObjectAcl", OBJECT, True),
    ((allow("s3:*Object"),), "s3:PutObject", OBJECT, True),
    ((allow("s3:*Object"),), "s3:PutObjectAcl", OBJECT, False),
    ((allow("s3:G?tObject"),), "s3:GetObject", OBJECT, True),
    ((allow("s3:?GetObject"),), "s3:GetObject", OBJECT, False),
    ((allow(["ec2:*", "s3:List*"]),), "s3:GetObject", OBJECT, False),
    ((allow("*:GetObject"),), "s3:GetObject", OBJECT, True),
    ((allow("s3*"),), "s3:GetObject", OBJECT, None),
    ((allow("s3:GetObject", OBJECT),), "s3:GetObject", OBJECT, True),
    ((allow("s3:GetObject", BUCKET),), "s3:GetObject", OBJECT, False),
    ((allow("s3:GetObject", f"{BUCKET}/*"),), "s3:GetObject", OBJECT, True),
    ((allow("s3:GetObject", f"{BUCKET}*"),), "s3:GetObject", "arn:aws:s3:::logs2/x", True),
    ((allow("s3:GetObject", f"{BUCKET}/*/a.gz"),), "s3:GetObject", OBJECT, True),
    ((allow("s3:GetObject", f"{BUCKET}/????/a.gz"),), "s3:GetObject", OBJECT, True),
    ((allow("s3:GetObject", f"{BUCKET}/???/a.gz"),), "s3:GetObject", OBJECT, False),
    ((allow("s3:GetObject", f"{BUCKET}/2026/A.gz"),), "s3:GetObject", OBJECT, False),
    ((allow("s3:*", [BUCKET, f"{BUCKET}/*"]),), "s3:ListBucket", BUCKET, True),
    ((allow("ec2:*", "arn:aws:ec2:*:*:instance/*"),), "ec2:StopInstances",
     f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1", True),
    ((allow("logs:*", "arn:aws:logs:eu-west-1:*:log-group:x:*"),), "logs:GetLogEvents",
     f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:x:log-stream:y", True),
    ((allow("logs:*", "arn:aws:logs:eu-west-1:*:log-group:x"),), "logs:GetLogEvents",
     f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:x:log-stream:y", False),
    ((allow("ec2:DescribeInstances", "arn:aws:ec2:*:*:instance/*"),), "ec2:DescribeInstances", "*",
     False),
    ((allow(), deny("s3:GetObject")), "s3:GetObject", OBJECT, False),
    ((deny("s3:GetObject"), allow()), "s3:GetObject", OBJECT, False),
    ((allow(), deny("s3:Put*")), "s3:GetObject", OBJECT, True),
    ((allow(), deny("*", f"{BUCKET}/secret/*")), "s3:GetObject", OBJECT, True),
    (({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},), "s3:GetObject", OBJECT, True),
    (({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},), "iam:GetUser", "*", False),
    ((allow(), {"Effect": "Deny", "NotAction": ["s3:*", "iam:*"], "Resource": "*"}), "s3:GetObject",
     OBJECT, True),
    ((allow(), {"Effect": "Deny", "NotAction": ["iam:*"], "Resource": "*"}), "s3:GetObject", OBJECT,
     False),
    (({"Effect": "Allow", "Action": "*", "NotResource": BUCKET},), "s3:GetObject", OBJECT, True),
    (({"Effect": "Allow", "Action": "*", "NotResource": [f"{BUCKET}/*"]},), "s3:GetObject", OBJECT,
     False),
    ((allow(), {"Effect": "Deny", "Action": "*", "NotResource": f"{BUCKET}/*"}), "s3:GetObject",
     "arn:aws:s3:::other/x", False),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "action", "resource", "allowed"), ACTIONS_AND_RESOURCES)
def test_actions_and_resources(
    statements: tuple[dict[str, Any], ...],
    action: str,
    resource: str,
    allowed: bool | None,  # noqa: FBT001
) -> None:
    if allowed is None:
        with pytest.raises(ValueError, match="SERVICE:NAME"):
            decide(*statements, action=action, resource=resource)
    elif statements:
        assert decide(*statements, action=action, resource=resource) is allowed
    else:
        asked = Request(action.lower(), resource, Facts({}))
        assert evaluate(USER, asked, Policies()) == Decision(allowed=False)


CONDITIONS = [
    # operator, key, policy's value(s), request's facts, whether it holds
    ("StringEquals", "aws:username", "ada", {"aws:username": "ada"}, True),
    ("StringEquals", "aws:username", "Ada", {"aws:username": "ada"}, False),
    ("StringEquals", "AWS:UserName", "ada", {"aws:username": "ada"}, True),
    ("StringEquals", "aws:username", ["bob", "ada"], {"aws:username": "ada"}, True),
    ("StringEquals", "aws:username", "a*", {"aws:username": "ada"}, False),
    ("StringEquals", "aws:username", "ada", {}, False),
    ("StringEqualsIfExists", "aws:username", "ada", {}, True),
    ("StringEqualsIfExists", "aws:username", "ada", {"aws:username": "bob"}, False),
    ("StringNotEquals", "aws:username", "ada", {"aws:username": "bob"}, True),
    ("StringNotEquals", "aws:username", ["ada", "bob"], {"aws:username": "bob"}, False),
    ("StringNotEquals", "aws:username", "ada", {}, True),
    ("StringEqualsIgnoreCase", "aws:username", "ADA", {"aws:username": "ada"}, True),
    ("StringNotEqualsIgnoreCase", "aws:username", "ADA", {"aws:username": "ada"}, False),
    ("StringLike", "s3:prefix", "home/*", {"s3:prefix": "home/ada"}, True),
    ("StringLike", "s3:prefix", ["", "home/"], {"s3:prefix": ""}, True),
    ("StringLike", "s3:prefix", "home/?", {"s3:prefix": "home/ada"}, False),
    ("StringNotLike", "s3:prefix", "home/*", {"s3:prefix": "etc"}, True),
    ("StringNotLike", "s3:prefix", "home/*", {"s3:prefix": "home/x"}, False),
    ("StringLike", "aws:username", "${aws:userid}*", {"aws:username": "x*y", "aws:userid": "x"}, True),
    ("StringEquals", "a:k", "${aws:username}", {"a:k": "ada", "aws:username": "ada"}, True),
    ("StringEquals", "a:k", "${aws:username}", {"a:k": "ada"}, False),
    ("StringEquals", "a:k", "${aws:username, 'none'}", {"a:k": "none"}, True),
    ("StringLike", "a:k", "${*}x", {"a:k": "*x"}, True),
    ("StringLike", "a:k", "${*}x", {"a:k": "yx"}, False),
    ("NumericEquals", "s3:max-keys", "10", {"s3:max-keys": "10.0"}, True),
    ("NumericEquals", "s3:max-keys", 10, {"s3:max-keys": "11"}, False),
    ("NumericNotEquals", "s3:max-keys", "10", {"s3:max-keys": "11"}, True),
    ("NumericLessThan", "s3:max-keys", "10", {"s3:max-keys": "9"}, True),
    ("NumericLessThan", "s3:max-keys", "10", {"s3:max-keys": "10"}, False),
    ("NumericLessThanEquals", "s3:max-keys", "10", {"s3:max-keys": "10"}, True),
    ("NumericLessThanEquals", "s3:max-keys", "10", {"s3:max-keys": "many"}, False),
    ("NumericGreaterThan", "s3:max-keys", "10", {"s3:max-keys": "11"}, True),
    ("NumericGreaterThanEquals", "s3:max-keys", "10", {"s3:max-keys": "9"}, False),
    ("NumericGreaterThanEqualsIfExists", "s3:max-keys", "10", {}, True),
    ("DateLessThan", "aws:CurrentTime", "2026-02-01T00:00:00Z",
     {"aws:currenttime": "2026-01-31T23:59:59Z"}, True),
    ("DateLessThan", "aws:CurrentTime", "2026-02-01T00:00:00Z",
     {"aws:currenttime": "2026-02-01T00:00:00Z"}, False),
    ("DateGreaterThanEquals", "aws:CurrentTime", "2026-02-01",
     {"aws:currenttime": "2026-02-01T00:00:00Z"}, True),
    ("DateGreaterThan", "aws:EpochTime", "1767225600", {"aws:epochtime": "1767225601"}, True),
    ("DateNotEquals", "aws:CurrentTime", "2026-02-01", {"aws:currenttime": "2026-02-02"}, True),
    ("DateEquals", "aws:CurrentTime", "soon", {"aws:currenttime": "2026-02-02"}, False),
    ("Bool", "aws:SecureTransport", "true", {"aws:securetransport": "true"}, True),
    ("Bool", "aws:SecureTransport", False, {"aws:securetransport": "true"}, False),
    ("Bool", "aws:MultiFactorAuthPresent", "true", {}, False),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "false", {}, True),
    ("Null", "aws:TokenIssueTime", "true", {}, True),
    ("Null", "aws:TokenIssueTime", "false", {}, False),
    ("Null", "aws:TokenIssueTime", "false", {"aws:tokenissuetime": "x"}, True),
    ("Null", "aws:TokenIssueTime", True, {"aws:tokenissuetime": "x"}, False),
    ("IpAddress", "aws:SourceIp", "203.0.113.0/24", {"aws:sourceip": "203.0.113.9"}, True),
    ("IpAddress", "aws:SourceIp", "203.0.113.9", {"aws:sourceip": "203.0.113.9"}, True),
    ("IpAddress", "aws:SourceIp", "203.0.113.0/24", {"aws:sourceip": "203.0.114.9"}, False),
    ("IpAddress", "aws:SourceIp", "2001:db8::/32", {"aws:sourceip": "2001:db8::1"}, True),
    ("IpAddress", "aws:SourceIp", "2001:db8::/32", {"aws:sourceip": "203.0.113.9"}, False),
    ("IpAddress", "aws:SourceIp", "0.0.0.0/0", {}, False),
    ("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24"], {"aws:sourceip": "203.0.113.9"}, False),
    ("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24"], {}, True),
    ("ArnLike", "aws:SourceArn", "arn:aws:ec2:*:1:vpc-flow-log/*",
     {"aws:sourcearn": "arn:aws:ec2:r:1:vpc-flow-log/fl-1"}, True),
    ("ArnLike", "aws:SourceArn", "arn:aws:ec2:*:vpc-flow-log/*",
     {"aws:sourcearn": "arn:aws:ec2:r:1:vpc-flow-log/fl-1"}, False),
    ("ArnEquals", "aws:SourceArn", "arn:aws:sns:*:*:a*", {"aws:sourcearn": "arn:aws:sns:r:1:ab"}, True),
    ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::1:role/${aws:PrincipalTag/team}/*",
     {"aws:principalarn": "arn:aws:iam::1:role/red/x", "aws:principaltag/team": "red"}, True),
    ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin",
     {"aws:principalarn": "arn:aws:iam::1:role/dev"}, True),
    ("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::1:role/*",
     {"aws:principalarn": "arn:aws:iam::1:role/dev"}, False),
    ("BinaryEquals", "a:k", "QmluYXJ5", {"a:k": "QmluYXJ5"}, True),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"], {"aws:tagkeys": ["a"]}, True),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"], {"aws:tagkeys": ["a", "c"]}, False),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"], {}, True),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["a", "b"], {"aws:tagkeys": ["a", "c"]}, True),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["a", "b"], {"aws:tagkeys": ["c"]}, False),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["a"], {}, False),
    ("ForAnyValue:StringLike", "aws:CalledVia", "cloudf*",
     {"aws:calledvia": ["cloudformation.amazonaws.com"]}, True),
    ("ForAllValues:StringNotEquals", "aws:TagKeys", ["a"], {"aws:tagkeys": ["b", "c"]}, True),
    ("ForAllValues:StringNotEquals", "aws:TagKeys", ["a"], {"aws:tagkeys": ["a", "c"]}, False),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"], {"aws:tagkeys": ["a", "c"]}, True),
    ("ForAllValues:StringLikeIfExists", "aws:TagKeys", ["a*"], {"aws:tagkeys": ["ab"]}, True),
    ("StringEquals", "aws:ResourceTag/Team", "red", {"aws:resourcetag/team": "red"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "key", "values", "facts", "holds"), CONDITIONS)
def test_conditions(
    operator: str,
    key: str,
    values: Any,
    facts: dict[str, Any],
    holds: bool,  # noqa: FBT001
) -> None:
    condition = {operator: {key: values}}
    assert decide(allow(Condition=condition), facts=facts) is holds
    assert decide(allow(), deny(Condition=condition), facts=facts) is not holds


def test_every_operator_and_every_key_of_a_condition_must_hold() -> None:
    condition = {
        "StringEquals": {"a:x": "1", "a:y": "2"},
        "Bool": {"a:z": "true"},
    }
    right = {"a:x": "1", "a:y": "2", "a:z": "true"}
    assert decide(allow(Condition=condition), facts=right)
    for key in right:
        assert not decide(allow(Condition=condition), facts=right | {key: "no"})


VARIABLES = [
    ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ada/x", "2012-10-17", True),
    ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/bob/x", "2012-10-17", False),
    ("arn:aws:s3:::home/${AWS:UserName}/*", "arn:aws:s3:::home/ada/x", "2012-10-17", True),
    ("arn:aws:s3:::home/${aws:nothing}/*", "arn:aws:s3:::home/ada/x", "2012-10-17", False),
    ("arn:aws:s3:::home/${aws:nothing}/*", "arn:aws:s3:::home//x", "2012-10-17", False),
    ("arn:aws:s3:::home/${aws:PrincipalTag/t, 'all'}", "arn:aws:s3:::home/all", "2012-10-17", True),
    ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ada/x", "2008-10-17", False),
    ("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::home/ada/x", None, False),
    ("arn:aws:s3:::home/${aws:userid}", "arn:aws:s3:::home/x1", "2012-10-17", False),
    ("arn:aws:s3:::home/${aws:userid}", "arn:aws:s3:::home/x*", "2012-10-17", True),
    ("arn:aws:s3:::home/${$}{x}", "arn:aws:s3:::home/${x}", "2012-10-17", True),
    ("arn:aws:s3:::home/${?}", "arn:aws:s3:::home/a", "2012-10-17", False),
]


@pytest.mark.parametrize(("pattern", "resource", "version", "allowed"), VARIABLES)
def test_variables_in_resources(
    pattern: str,
    resource: str,
    version: str | None,
    allowed: bool,  # noqa: FBT001
) -> None:
    facts = {"aws:username": "ada", "aws:userid": "x*"}
    found = decide(allow("*", pattern), resource=resource, version=version, facts=facts)
    assert found is allowed


def grant(principal: Any, **more: Any) -> Policy:
    return policy(allow("s3:GetObject", f"{BUCKET}/*", Principal=principal, **more))


AWS_USER = {"AWS": USER.arn}
AWS_ROLE = {"AWS": ROLE_ARN}
AWS_SESSION = {"AWS": ROLE.arn}
AWS_ACCOUNT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
ALL = policy(allow())
NONE = policy(allow("ec2:*"))

LAYERS = [
    # caller, policies, resource policy, same account?, layer that is lacking (None: allowed)
    (USER, Policies((ALL,)), None, True, None),
    (USER, Policies((NONE,)), None, True, "identity-based policy"),
    (USER, Policies((NONE,)), grant(AWS_USER), True, None),
    (USER, Policies((NONE,)), grant({"AWS": USER.principal_id}), True, None),
    (USER, Policies((NONE,)), grant("*"), True, None),
    (USER, Policies((NONE,)), grant({"AWS": "*"}), True, None),
    (USER, Policies((NONE,)), grant(AWS_ACCOUNT), True, "identity-based policy"),
    (USER, Policies((NONE,)), grant({"AWS": ACCOUNT}), True, "identity-based policy"),
    (USER, Policies((ALL,)), grant(AWS_ACCOUNT), True, None),
    (USER, Policies((NONE,)), grant({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}), True,
     "identity-based policy"),
    (USER, Policies((ALL,)), None, False, "resource-based policy"),
    (USER, Policies((ALL,)), grant(AWS_USER), False, None),
    (USER, Policies((ALL,)), grant(AWS_ACCOUNT), False, None),
    (USER, Policies((NONE,)), grant(AWS_USER), False, "identity-based policy"),
    (USER, Policies((ALL,)), grant({"AWS": OTHER}), False, "resource-based policy"),
    (USER, Policies((ALL,), boundary=ALL), None, True, None),
    (USER, Policies((ALL,), boundary=NONE), None, True, "permissions boundary"),
    (USER, Policies((NONE,), boundary=ALL), None, True, "identity-based policy"),
    (USER, Policies((NONE,), boundary=NONE), grant(AWS_USER), True, None),
    (USER, Policies((ALL,), boundary=NONE), grant(AWS_USER), False, "permissions boundary"),
    (ROLE, Policies((ALL,)), None, True, None),
    (ROLE, Policies((NONE,)), grant(AWS_ROLE), True, None),
    (ROLE, Policies((NONE,)), grant({"AWS": SESSION.role_id}), True, None),
    (ROLE, Policies((NONE,)), grant({"AWS": f"arn:aws:iam::{ACCOUNT}:role/reader"}), True,
     "identity-based policy"),
    (ROLE, Policies((NONE,), boundary=NONE), grant(AWS_ROLE), True, "permissions boundary"),
    (ROLE, Policies((NONE,), session=(NONE,)), grant(AWS_ROLE), True, "session policy"),
    (ROLE, Policies((NONE,), NONE, (NONE,)), grant(AWS_SESSION), True, None),
    (ROLE, Policies((ALL,), session=(ALL,)), None, True, None),
    (ROLE, Policies((ALL,), session=(NONE,)), None, True, "session policy"),
    (ROLE, Policies((ALL,), session=(NONE, ALL)), None, True, None),
    (ROLE, Policies((NONE,), session=(ALL,)), None, True, "identity-based policy"),
    (ROLE, Policies((ALL,), session=(NONE,)), grant(AWS_SESSION), False, "session policy"),
    (ROOT, Policies(), None, True, None),
    (ROOT, Policies(), None, False, "resource-based policy"),
    (ROOT, Policies(), grant(AWS_ACCOUNT), False, None),
    (TRAIL, Policies(), grant({"Service": "cloudtrail.amazonaws.com"}), True, None),
    (TRAIL, Policies(), grant({"Service": ["a.amazonaws.com", TRAIL.arn]}), False, None),
    (TRAIL, Policies(), grant({"Service": "config.amazonaws.com"}), True, "resource-based policy"),
    (TRAIL, Policies(), grant(AWS_ACCOUNT), True, "resource-based policy"),
    (TRAIL, Policies(), None, True, "resource-based policy"),
]  # fmt: skip


@pytest.mark.parametrize(("caller", "given", "resource_policy", "same", "lacking"), LAYERS)
def test_layers(
    caller: Caller,
    given: Policies,
    resource_policy: Policy | None,
    same: bool,  # noqa: FBT001
    lacking: str | None,
) -> None:
    asked = Request("s3:getobject", OBJECT, Facts({}))
    found = evaluate(caller, asked, given, resource_policy, same_account=same)
    assert found.allowed is (lacking is None)
    if lacking is not None:
        assert (found.layer, found.explicit) == (lacking, False)


def trust(principal: Any) -> Policy:
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal})


TRUST = [
    # caller, what its own policies allow, whom the role trusts, same account?, allowed
    (USER, ALL, AWS_USER, True, True),
    (USER, NONE, AWS_USER, True, True),
    (USER, ALL, AWS_ACCOUNT, True, True),
    (USER, NONE, AWS_ACCOUNT, True, False),
    (USER, ALL, {"AWS": ROLE_ARN}, True, False),
    (USER, ALL, {"Service": "ec2.amazonaws.com"}, True, False),
    (USER, ALL, {"Federated": "cognito-identity.amazonaws.com"}, True, False),
    (USER, ALL, {"AWS": "*"}, True, True),
    (ROLE, ALL, AWS_ROLE, True, True),
    (ROLE, NONE, AWS_ROLE, True, True),
    (ROLE, NONE, AWS_SESSION, True, True),
    (ROLE, ALL, AWS_USER, True, False),
    (USER, ALL, AWS_USER, False, True),
    (USER, NONE, AWS_USER, False, False),
    (USER, ALL, AWS_ACCOUNT, False, True),
    (USER, ALL, {"AWS": OTHER}, False, False),
    (TRAIL, NONE, {"Service": TRAIL.arn}, True, True),
    (TRAIL, NONE, {"Service": "ec2.amazonaws.com"}, True, False),
]


@pytest.mark.parametrize(("caller", "own", "trusted", "same", "allowed"), TRUST)
def test_trust(
    caller: Caller,
    own: Policy,
    trusted: Any,
    same: bool,  # noqa: FBT001
    allowed: bool,  # noqa: FBT001
) -> None:
    asked = Request("sts:assumerole", f"arn:aws:iam::{ACCOUNT}:role/x", Facts({}))
    given = Policies(() if caller is TRAIL else (own,))
    found = evaluate(caller, asked, given, trust(trusted), same_account=same, needs_grant=True)
    assert found.allowed is allowed


def forbid(**principal: Any) -> Policy:
    return policy(
        {"Effect": "Deny", "Action": "s3:*", "Resource": f"{BUCKET}/*", **principal},
        allow("s3:*", f"{BUCKET}/*", Principal="*"),
    )


ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
DENIALS = [
    # caller, policies, resource policy, layer that denies (None: allowed)
    (USER, Policies((ALL, policy(deny("s3:*")))), None, "identity-based policy"),
    (USER, Policies((ALL,), boundary=policy(allow(), deny("s3:*"))), None, "permissions boundary"),
    (ROLE, Policies((ALL,), session=(policy(allow(), deny("s3:*")),)), None, "session policy"),
    (USER, Policies((ALL,)), forbid(Principal="*"), "resource-based policy"),
    (USER, Policies((ALL,)), forbid(Principal=AWS_ACCOUNT), "resource-based policy"),
    (USER, Policies((ALL,)), forbid(Principal={"AWS": OTHER}), None),
    (ROLE, Policies((ALL,)), forbid(Principal=AWS_ROLE), "resource-based policy"),
    (ROLE, Policies((ALL,)), forbid(Principal=AWS_SESSION), "resource-based policy"),
    (ROOT, Policies(), forbid(Principal="*"), "resource-based policy"),
    (TRAIL, Policies(), forbid(Principal={"Service": TRAIL.arn}), "resource-based policy"),
    (TRAIL, Policies(), forbid(Principal=AWS_ACCOUNT), None),
    (USER, Policies((ALL,)), forbid(NotPrincipal={"AWS": [USER.arn, ROOT_ARN]}), None),
    (USER, Policies((ALL,)), forbid(NotPrincipal={"AWS": [USER.arn]}), "resource-based policy"),
    (ROLE, Policies((ALL,)), forbid(NotPrincipal={"AWS": [ROLE_ARN, ROOT_ARN]}),
     "resource-based policy"),
    (ROLE, Policies((ALL,)), forbid(NotPrincipal={"AWS": [ROLE_ARN, ROLE.arn, ROOT_ARN]}), None),
]  # fmt: skip


@pytest.mark.parametrize(("caller", "given", "resource_policy", "layer"), DENIALS)
def test_explicit_denials(
    caller: Caller, given: Policies, resource_policy: Policy | None, layer: str | None
) -> None:
    found = evaluate(caller, Request("s3:getobject", OBJECT, Facts({})), given, resource_policy)
    assert found.allowed is (layer is None)
    if layer is not None:
        assert (found.layer, found.explicit) == (layer, True)


def test_a_trail_delivers_only_for_the_arn_that_the_bucket_policy_names() -> None:
    arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"
    statement = allow(
        "s3:PutObject",
        f"{BUCKET}/AWSLogs/{ACCOUNT}/*",
        Principal={"Service": "cloudtrail.amazonaws.com"},
        Condition={
            "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": arn}
        },
    )
    for source, allowed in ((arn, True), (arn + "2", False)):
        facts = Facts({"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": source})
        asked = Request("s3:putobject", f"{BUCKET}/AWSLogs/{ACCOUNT}/x", facts)
        assert evaluate(TRAIL, asked, Policies(), policy(statement)).allowed is allowed


MALFORMED = [
    "", "[]", "{", "null", '"x"', "{}", '{"Statement": []}', '{"Statement": ["x"]}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}, "Version": "2020-01-01"}',
    '{"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}}',
    '{"Statement": {"Effect": "Allow", "Resource": "*"}}',
    '{"Statement": {"Effect": "Allow", "Action": [], "Resource": "*"}}',
    '{"Statement": {"Effect": "Allow", "Action": "GetObject", "Resource": "*"}}',
    '{"Statement": {"Effect": "Allow", "Action": 3, "Resource": "*"}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": {"a": 1}}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Extra": 1}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": []}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": 1}}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Is": {"a": "b"}}}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"ForSome:Bool": {"a": "b"}}}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": {}}}}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"AWS": "ada"}}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": {"Who": "*"}}}',
    '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "ada"}}',
    '{"Statement": {"Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*"}}',
    '{"Statement": [{"Sid": "a", "Effect": "Allow", "Action": "*", "Resource": "*"}, {"Sid": "a", "Effect": "Allow", "Action": "*", "Resource": "*"}]}',
]  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        compile_policy(text)


def test_wildcards_cost_no_more_with_their_number() -> None:
    text = "arn:aws:s3:::" + "*a" * 60 + "b"
    assert not decide(allow("*", text), resource="arn:aws:s3:::" + "a" * 5000)
