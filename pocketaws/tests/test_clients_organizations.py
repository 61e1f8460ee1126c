"""Organizations' answers from moto, by a plain boto3 client."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ClientFactory


@pytest.fixture
def api(administrator: ClientFactory) -> Any:
    return administrator("organizations")


def accounts(api: Any) -> dict[str, dict[str, Any]]:
    pages = api.get_paginator("list_accounts").paginate()
    return {account["Id"]: account for page in pages for account in page["Accounts"]}


def test_there_is_one_organization_with_one_root(api: Any, administrator: ClientFactory) -> None:
    management = administrator("sts").get_caller_identity()["Account"]
    organization = api.describe_organization()["Organization"]
    assert organization["MasterAccountId"] == management
    assert organization["FeatureSet"] == "ALL"
    with pytest.raises(ClientError) as refused:
        api.create_organization(FeatureSet="ALL")
    assert refused.value.response["Error"]["Code"] == "AlreadyInOrganizationException"
    (root,) = [r for page in api.get_paginator("list_roots").paginate() for r in page["Roots"]]
    assert root["Id"].startswith("r-")
    assert management in accounts(api)


def test_a_member_is_made_tagged_and_closed(api: Any) -> None:
    made = api.create_account(Email="ship@example.com", AccountName="ship")["CreateAccountStatus"]
    status = api.describe_create_account_status(CreateAccountRequestId=made["Id"])
    assert status["CreateAccountStatus"]["State"] == "SUCCEEDED"
    account = status["CreateAccountStatus"]["AccountId"]
    known = api.describe_account(AccountId=account)["Account"]
    assert (known["Email"], known["Name"], known["Status"]) == (
        "ship@example.com", "ship", "ACTIVE",
    )  # fmt: skip

    (parent,) = api.list_parents(ChildId=account)["Parents"]
    assert parent["Type"] == "ROOT"
    pages = api.get_paginator("list_accounts_for_parent").paginate(ParentId=parent["Id"])
    assert account in [found["Id"] for page in pages for found in page["Accounts"]]

    api.tag_resource(
        ResourceId=account, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    )
    api.untag_resource(ResourceId=account, TagKeys=["a"])
    pages = api.get_paginator("list_tags_for_resource").paginate(ResourceId=account)
    assert [tag for page in pages for tag in page["Tags"]] == [{"Key": "b", "Value": "2"}]

    api.close_account(AccountId=account)
    assert accounts(api)[account]["Status"] in {"PENDING_CLOSURE", "SUSPENDED"}


def test_a_member_reads_of_the_organization_and_does_not_run_it(member: ClientFactory) -> None:
    api = member("organizations")
    assert api.describe_organization()["Organization"]["Id"].startswith("o-")
    with pytest.raises(ClientError) as refused:
        api.create_account(Email="x@example.com", AccountName="x")
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
