"""Access to AWS: what many threads and accounts share."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import boto3
import pytest
from botocore.loaders import JSONFileLoader

from labkit.aws import Account
from labkit.aws.botocore_sessions import _SharedLoader


def test_a_service_model_is_read_once_for_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()
    original = JSONFileLoader.load_file

    def counted(self: Any, path: str) -> Any:
        read[path] += 1
        return original(self, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", counted)
    loader, together = _SharedLoader(), Barrier(8)

    def load(_: int) -> str:
        together.wait()
        return str(loader.load_service_model("ec2", "service-2")["metadata"]["serviceId"])

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(load, range(8))) == {"EC2"}
    assert max(count for path, count in read.items() if "/ec2/" in path) == 1


def test_a_session_of_a_role_knows_its_account_without_asking() -> None:
    arn = "arn:aws:iam::210000000001:role/access/LabRole"
    account = Account(boto3.Session(), "eu-west-1", {}, role_arn=arn)

    assert (account.id, account.principal_arn()) == ("210000000001", arn)
