"""``aws`` on a server: what the real AWS CLI says and does, as the server's role."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, Ssh
from .servers import Shell, Site, make_role, make_site, push
from .taken import credentials_of, records_of

COMMANDS = (
    "sts get-caller-identity",
    "sts get-caller-identity --output text",
    "sts get-caller-identity --query Arn",
    "sts get-caller-identity --output text --query '[Arn,Account]'",
    "sts get-caller-identity --query 'a b'",
    "sts get-caller-identity --bogus --worse",
    "s3 cp data s3://BUCKET --no-progress",
    "s3 cp data s3://BUCKET/x/ --no-progress",
    "s3 cp ./data s3://BUCKET/y/z --no-progress",
    "s3 cp data s3://BUCKET/quiet --quiet",
    "s3 cp empty s3://BUCKET/y/ --no-progress",
    "s3 cp data s3://BUCKET/dry --dryrun",
    "s3 cp folder/inner s3://BUCKET/key --no-progress",
    "s3 cp folder s3://BUCKET/",
    "s3 cp nosuch s3://BUCKET/",
    "s3 cp data s3://no-such-bucket-here/k --no-progress",
    "s3 cp data s3://no-such-bucket-here/k --only-show-errors",
    "s3 cp s3://BUCKET/y/z . --no-progress",
    "s3 cp s3://BUCKET/y/z folder --no-progress",
    "s3 cp s3://BUCKET/y/z new/name --no-progress",
    "s3 cp s3://BUCKET/nosuch .",
    "s3 cp s3://BUCKET/nosuch -",
    "s3 cp s3://BUCKET/y/z -",
    "s3 cp s3://BUCKET/ .",
    "s3 cp data",
    "s3 cp data other",
    "s3 cp data s3://BUCKET/k extra",
    "s3 cp data s3://BUCKET/k --bogus",
    "s3 ls",
    "s3 ls s3://BUCKET",
    "s3 ls BUCKET/x/",
    "s3 ls s3://BUCKET/none",
    "s3 ls s3://BUCKET --recursive --human-readable --summarize",
    "s3 ls s3://BUCKET/y/ --recursive --summarize",
    "s3 ls s3://no-such-bucket-here",
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
    make = "mkdir work && cd work && mkdir folder && printf 'hello\\n' > data && : > empty && cp data folder/inner"
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
    said = shell.type("aws --version; which aws; rpm -q awscli-2")
    version, path, package = said.splitlines()
    assert re.fullmatch(
        r"aws-cli/2\.[\d.]+ Python/3\.9\.\d+ Linux/6\.1\S+\.amzn2023\.x86_64 source/x86_64\.amzn\.2023",
        version,
    )
    assert path == "/usr/bin/aws"
    assert package.startswith(f"awscli-2-{version.split()[0].removeprefix('aws-cli/')}-")


@pytest.mark.parametrize(
    ("command", "argument", "choices"),
    [
        ("ec2 describe-instances", "command", ["s3", "sts"]),
        ("s3 rm s3://b/k", "subcommand", ["cp", "ls"]),
        ("sts assume-role --role-arn x", "operation", ["get-caller-identity"]),
        ("s3 ls --output yaml", "--output", ["json", "text"]),
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


@pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is missing")
def test_boot_scripts_copy_files_and_a_login_reads_them_back(
    site: Site, ssh: Ssh, key: Path
) -> None:
    bucket = bucket_of(site, "backups-of-a-boot")
    server = site.run(
        "#!/bin/bash\nset -e\n"
        f"printf '%16s' x | aws s3 cp - s3://{bucket}/streamed\n"
        f'for n in 1 2; do f=$(mktemp /tmp/backup-XXXXXXXX); echo "row $n" > $f; aws s3 cp $f s3://{bucket}/daily/ --only-show-errors; done\n'
    )
    site.describe(server)
    listed = site.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    keys = [item["Key"] for item in listed]
    assert len(keys) == 3
    assert all(re.fullmatch(r"daily/backup-\w{8}", key) for key in keys[:2])
    assert listed[2]["Size"] == 16

    site.open_port(22, "198.18.0.0/15")
    push(site, server, key)
    session = ssh(
        "-tt", "",
        text=f"NAME=$(aws s3 ls s3://{bucket}/daily/ | head -n 1 | sed 's/.* //')\n"
        f"aws s3 cp s3://{bucket}/daily/$NAME - | sed 's/row/read row/'\n"
        f"aws s3 cp s3://{bucket}/daily/$NAME copy && cat copy\n"
        'WHO=$(aws sts get-caller-identity --query Arn --output text); echo "I am $WHO"\nexit\n',
    ).stdout.replace("\r\n", "\n")  # fmt: skip
    assert re.search(r"\$ read row \d\n", session)
    assert re.search(
        r"Completed 6 Bytes/6 Bytes \(.+/s\) with 1 file\(s\) remaining[\r\n]download: s3://\S+ to ./copy *\nrow \d\n",
        session,
    )
    assert "I am arn:aws:sts::" in session
    assert f":assumed-role/{site.profile}/{server}\n" in session
    (record,) = (
        json.loads(event["CloudTrailEvent"])
        for event in site.client("cloudtrail").lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetCallerIdentity"}]
        )["Events"]
        if f"/{server}" in event["CloudTrailEvent"]
    )
    assert record["sourceIPAddress"] == site.describe(server)["PublicIpAddress"]
    assert re.fullmatch(
        r"aws-cli/2\S+ md/awscrt#\S+ ua/2\.1 os/linux#\S+amzn2023\.x86_64 md/arch#x86_64 lang/python#3\.9\S+ "
        r"md/pyimpl#CPython m/\S+ cfg/retry-mode#standard md/installer#source md/distrib#amzn\.2023 md/prompt#off "
        r"md/command#sts\.get-caller-identity",
        record["userAgent"],
    )


def test_denials_are_told_by_what_was_called(local_aws: LocalAws, site: Site, account: str) -> None:
    bucket = bucket_of(site, "not-for-the-role")
    site.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    make_role(site.client, "weak", "ec2.amazonaws.com")
    iam = site.client("iam")
    iam.create_instance_profile(InstanceProfileName="weak")
    iam.add_role_to_instance_profile(InstanceProfileName="weak", RoleName="weak")
    shell = shell_of(local_aws, site, account, IamInstanceProfile={"Name": "weak"})
    who = f"User: arn:aws:sts::{account}:assumed-role/weak/i-"
    listed = shell.type(f"aws s3 ls s3://{bucket}; echo $?")
    assert listed.startswith(
        f"\nAn error occurred (AccessDenied) when calling the ListObjectsV2 operation: {who}"
    )
    assert listed.endswith("\n254\n")
    copied = shell.type(f"echo x > f; aws s3 cp f s3://{bucket}/k --no-progress; echo $?")
    assert copied.startswith(f"upload failed: ./f to s3://{bucket}/k An error occurred (AccessDenied) when calling the PutObject operation: {who}")  # fmt: skip
    assert copied.endswith("\n1\n")
    got = shell.type(f"aws s3 cp s3://{bucket}/k .; echo $?")
    assert (
        got
        == "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden\n1\n"
    )


def test_files_keep_their_owners_rights(local_aws: LocalAws, site: Site, account: str) -> None:
    bucket = bucket_of(site, "rights-of-files")
    site.client("s3").put_object(Bucket=bucket, Key="k", Body=b"caf\xc3\xa9 \xff")
    shell = shell_of(local_aws, site, account)
    assert "readable" in shell.type(f"aws s3 cp /etc/shadow s3://{bucket}/s; sudo touch /root/x; aws s3 cp /etc/sudoers s3://{bucket}/s")  # fmt: skip
    for place in ("/root/stolen", "/etc/new/stolen"):
        assert "Permission denied" in shell.type(f"aws s3 cp s3://{bucket}/k {place}")
    assert not shell.type("sudo ls /root/stolen /etc/new 2>/dev/null")
    shell.type(
        f"aws s3 cp s3://{bucket}/k a/b/copy --quiet; aws s3 cp a/b/copy s3://{bucket}/again --quiet"
    )
    again = site.client("s3").get_object(Bucket=bucket, Key="again")["Body"].read()
    assert again == b"caf\xc3\xa9 \xff"


def test_without_a_way_or_credentials_it_says_so(
    local_aws: LocalAws, site: Site, account: str
) -> None:
    shell = shell_of(local_aws, site, account, MetadataOptions={"HttpEndpoint": "disabled"})
    ec2 = site.client("ec2")
    nobody = '\nUnable to locate credentials. You can configure credentials by running "aws configure".\n'
    assert shell.type("aws s3 ls; echo $?") == f"{nobody}253\n"
    assert shell.type("echo x > f; aws s3 cp f s3://b/k; echo $?") == (
        "upload failed: ./f to s3://b/k Unable to locate credentials\n1\n"
    )
    shell = shell_of(local_aws, site, account)
    everywhere = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=site.group, IpPermissions=everywhere)
    try:
        said = shell.type("aws sts get-caller-identity; echo $?")
    finally:
        ec2.authorize_security_group_egress(GroupId=site.group, IpPermissions=everywhere)
    assert (
        said == f'\nConnect timeout on endpoint URL: "https://sts.{REGION}.amazonaws.com/"\n255\n'
    )
    assert "assumed-role" in shell.type("aws sts get-caller-identity")
    nowhere = shell.type("aws sts get-caller-identity --region eu-nowhere-1; echo $?")
    assert nowhere.startswith("\nCould not connect to the endpoint URL: ")
    assert nowhere.endswith("\n255\n")
    profile = "\nThe config profile (mine) could not be found\n255\n"
    assert shell.type("aws s3 ls --profile mine; echo $?") == profile
    assert shell.type("AWS_PROFILE=mine aws s3 ls; echo $?") == profile


def test_keys_in_the_environment_come_first(local_aws: LocalAws, site: Site, account: str) -> None:
    iam = site.client("iam")
    iam.create_user(UserName="script")
    made = iam.create_access_key(UserName="script")["AccessKey"]
    shell = shell_of(local_aws, site, account)
    set_ = f"export AWS_ACCESS_KEY_ID={made['AccessKeyId']} AWS_SECRET_ACCESS_KEY="
    shell.type(set_ + made["SecretAccessKey"])
    who = "aws sts get-caller-identity --query Arn --output text"
    assert shell.type(who) == f"arn:aws:iam::{account}:user/script\n"
    (record,) = (r for r in records_of(site, made["AccessKeyId"]) if "aws-cli" in r["userAgent"])
    address = site.describe(shell.where["instance_id"])["PublicIpAddress"]
    assert record["sourceIPAddress"] == address
    shell.type(set_ + "wrong")
    assert "(SignatureDoesNotMatch) when calling the GetCallerIdentity operation" in shell.type(who)
    shell.type("export AWS_ACCESS_KEY_ID=AKIANOBODYNOBODYNOBO")
    assert "(InvalidClientTokenId)" in shell.type(who)
    shell.type("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY")
    assert ":assumed-role/" in shell.type(who)
