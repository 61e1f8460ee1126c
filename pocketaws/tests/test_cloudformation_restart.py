"""Stacks survive a restart of the process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pocketaws.server import LocalAws

from .conftest import client_factory
from .test_cloudformation_stacks import BUCKET, describe, events, outputs
from .test_journal import die


def clients(aws: LocalAws) -> Any:
    key = aws.administrator
    return client_factory(aws, key.access_key_id, key.secret_access_key)


@pytest.mark.parametrize("killed", [True, False])
def test_stacks_survive_a_restart_and_continue(tmp_path: Path, *, killed: bool) -> None:
    with LocalAws(data=tmp_path) as first:
        cloudformation = clients(first)("cloudformation")
        cloudformation.create_stack(StackName="lasting", TemplateBody=BUCKET)
        stack = describe(cloudformation, "lasting")
        history = events(cloudformation, "lasting")
        if killed:
            die(first)
    with LocalAws(data=tmp_path) as second:
        client = clients(second)
        cloudformation = client("cloudformation")
        assert describe(cloudformation, "lasting") == stack
        assert events(cloudformation, "lasting") == history
        client("s3").head_bucket(Bucket=outputs(stack)["Bucket"])
        cloudformation.delete_stack(StackName="lasting")
        assert describe(cloudformation, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
