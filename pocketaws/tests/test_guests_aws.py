"""``aws`` on a server: what the real AWS CLI says and does, as the server's role."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory
from .servers import Shell, Site, make_role, make_site
from .taken import credentials_of

COMMANDS = (
    "s3 cp data s3://BUCKET --no-progress",
    "s3 cp data s3://BUCKET/x/ --no-progress",
    "s3 cp ./data s3://BUCKET/y/z --no-progress",
    "s3 cp empty s3://BUCKET/y/ --no-progress",
    "s3 cp folder/inner s3://BUCKET/key --no-progress",
    "s3 cp folder s3://BUCKET/",
    "s3 cp nosuch s3://BUCKET/",
    "s3 cp data s3://no-such-bucket-here/k --no-progress",
    "s3 cp data s3://no-such-bucket-here/k --only-show-errors",
    "s3 cp data",
    "s3 cp data other",
    "s3 cp data s3://BUCKET/k extra",
    "s3 cp data s3://BUCKET/k --bogus",
)


@pytest.fixture(scope="module")
def site(member: ClientFactory) -> Site:
    return make_site(member)


@pytest.fixture(scope="module")
def account(member: ClientFactory) -> str:
    return str(member("sts").get_caller_identity()["Account"])


def bucket_of(site: Site, name: str) -> str:
    site.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return name


def shell_of(aws: LocalAws, site: Site, account: str, **options: Any) -> Shell:
    server = site.run(**options)
    site.describe(server)
    return Shell(aws, account, server)


def without_times(text: str) -> str:
    """The same text wherever and whenever it is put out."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "<time>", text)
    return re.sub(
        r"(?m)^usage: (?=\n?Note: AWS CLI version 2).*\n(Note: .*\n)?\n", "", text
    ).strip()


def words_of_refusal(text: str) -> str:
    """A refusal up to the list of what is valid; version 2 has an empty line before its last one."""
    return re.sub(r"\n\naws: error", "\naws: error", text).partition("valid choices are:")[0]


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is missing")
def test_it_says_what_the_real_one_says(
    local_aws: LocalAws, site: Site, account: str, tmp_path: Path
) -> None:
    buckets = {"guest": bucket_of(site, "of-the-guest"), "real": bucket_of(site, "of-the-realone")}
    shell = shell_of(local_aws, site, account)
    keys = credentials_of(shell, site.profile)
    make = "mkdir work && cd work && mkdir folder && printf 'hello\\n' > data && : > empty && cat data > folder/inner"
    shell.type(make)
    subprocess.run(["sh", "-c", make], cwd=tmp_path, check=True)  # noqa: S603, S607 - our own words
    environment = {
        "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": local_aws.endpoint, "TZ": "UTC",
        "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"], "AWS_SESSION_TOKEN": keys["Token"],
        "HOME": str(tmp_path),
    }  # fmt: skip
    for command in COMMANDS:
        real = subprocess.run(  # noqa: S602 - our own words
            f"aws {command.replace('BUCKET', buckets['real'])}", shell=True, cwd=tmp_path / "work",
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = shell.type(f'aws {command.replace("BUCKET", buckets["guest"])}; echo "[status $?]"')
        ours, _, status = said.rpartition("[status ")
        wanted = real.stdout + real.stderr
        if "BUCKET" in command:
            wanted = wanted.replace(buckets["real"], buckets["guest"])
        assert words_of_refusal(without_times(ours)) == words_of_refusal(without_times(wanted)), (
            command
        )
        number = int(status.split("]")[0])
        # Version 2 tells apart what was one or two statuses before.
        assert number == real.returncode or (number >= 252 and real.returncode in {2, 255}), command


def test_it_is_version_2_of_the_image(local_aws: LocalAws, site: Site, account: str) -> None:
    shell = shell_of(local_aws, site, account)
    assert re.fullmatch(
        r"aws-cli/2\.[\d.]+ Python/3\.9\.\d+ Linux/6\.1\S+\.amzn2023\.x86_64 source/x86_64\.amzn\.2023\n",
        shell.type("aws --version"),
    )


@pytest.mark.parametrize(
    ("command", "argument", "choices"),
    [
        ("ec2 describe-instances", "command", ["s3"]),
        ("s3 rm s3://b/k", "subcommand", ["cp"]),
    ],
)
def test_what_is_not_emulated_is_no_choice(
    command: str, argument: str, choices: list[str], local_aws: LocalAws, site: Site, account: str
) -> None:
    shell = shell_of(local_aws, site, account)
    said = shell.type(f"aws {command}; echo $?")
    assert said.startswith("\nusage: aws [options] <command> <subcommand>")
    assert f"aws: error: argument {argument}: Invalid choice, valid choices are:\n\n" in said
    *rows, status = said.partition("choices are:\n\n")[2].split("\n")[:-1]
    assert sorted(word for row in rows for word in re.findall(r"[\w-]+", row)) == choices
    assert status == "252"


def test_a_boot_script_copies_files_as_the_role(site: Site) -> None:
    bucket = bucket_of(site, "backups-of-a-boot")
    server = site.run(
        "#!/bin/bash\nset -e\n"
        f'for n in 1 2; do echo "row $n" > /tmp/$n; aws s3 cp /tmp/$n s3://{bucket}/daily/ --only-show-errors; done\n'
    )
    site.describe(server)
    listed = site.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in listed] == ["daily/1", "daily/2"]
    body = site.client("s3").get_object(Bucket=bucket, Key="daily/2")["Body"].read()
    assert body == b"row 2\n"


def test_denials_are_told_by_what_was_called(local_aws: LocalAws, site: Site, account: str) -> None:
    bucket = bucket_of(site, "not-for-the-role")
    site.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    make_role(site.client, "weak", "ec2.amazonaws.com")
    iam = site.client("iam")
    iam.create_instance_profile(InstanceProfileName="weak")
    iam.add_role_to_instance_profile(InstanceProfileName="weak", RoleName="weak")
    shell = shell_of(local_aws, site, account, IamInstanceProfile={"Name": "weak"})
    who = f"User: arn:aws:sts::{account}:assumed-role/weak/i-"
    copied = shell.type(f"echo x > f; aws s3 cp f s3://{bucket}/k --no-progress; echo $?")
    assert copied.startswith(f"upload failed: ./f to s3://{bucket}/k An error occurred (AccessDenied) when calling the PutObject operation: {who}")  # fmt: skip
    assert copied.endswith("\n1\n")


def test_unreadable_files_are_skipped(local_aws: LocalAws, site: Site, account: str) -> None:
    bucket = bucket_of(site, "rights-of-files")
    shell = shell_of(local_aws, site, account)
    said = shell.type(f"aws s3 cp /etc/sudoers s3://{bucket}/s; echo $?")
    assert said.endswith("Skipping file /etc/sudoers. File/Directory is not readable.\n2\n")


def test_without_a_way_or_credentials_it_says_so(
    local_aws: LocalAws, site: Site, account: str
) -> None:
    shell = shell_of(local_aws, site, account, MetadataOptions={"HttpEndpoint": "disabled"})
    ec2 = site.client("ec2")
    assert shell.type("echo x > f; aws s3 cp f s3://b/k; echo $?") == (
        "upload failed: ./f to s3://b/k Unable to locate credentials\n1\n"
    )
    shell = shell_of(local_aws, site, account)
    everywhere = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=site.group, IpPermissions=everywhere)
    try:
        said = shell.type("echo x > f; aws s3 cp f s3://b/k; echo $?")
    finally:
        ec2.authorize_security_group_egress(GroupId=site.group, IpPermissions=everywhere)
    assert said == (
        f'upload failed: ./f to s3://b/k Connect timeout on endpoint URL: "https://b.s3.{REGION}.amazonaws.com/k"\n1\n'
    )
    nowhere = shell.type("aws s3 cp f s3://b/k --region eu-nowhere-1; echo $?")
    assert "Could not connect to the endpoint URL: " in nowhere
    assert "Unknown options: --profile" in shell.type("aws s3 cp f s3://b/k --profile mine")


def test_keys_in_the_environment_are_refused(local_aws: LocalAws, site: Site, account: str) -> None:
    shell = shell_of(local_aws, site, account)
    shell.type("export AWS_ACCESS_KEY_ID=AKIANOBODYNOBODYNOBO", "echo x > f")
    assert "pocketaws doesn't emulate credentials in environment variables" in shell.type(
        "aws s3 cp f s3://b/k"
    )
