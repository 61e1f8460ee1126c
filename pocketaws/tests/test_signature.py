"""Signed requests, whole and broken, over real HTTP: signed by botocore, then tampered with."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.auth
import pytest
import urllib3
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory, client_factory

HTTP = urllib3.PoolManager(retries=False)
FORM = "application/x-www-form-urlencoded; charset=utf-8"
WHO = b"Action=GetCallerIdentity&Version=2011-06-15"
Answer = urllib3.BaseHTTPResponse


class _S3Auth(S3SigV4Auth):
    """Signs what the request says of its body, as SDKs do for streams."""

    def payload(self, request: AWSRequest) -> str:
        return str(request.context.get("payload") or super().payload(request))


class Signer:
    """Signs like an SDK, at any time, and sends."""

    def __init__(self, aws: LocalAws) -> None:
        key = aws.administrator
        self.endpoint = aws.endpoint
        self.credentials = Credentials(key.access_key_id, key.secret_access_key)

    def signed(
        self,
        service: str,
        method: str = "POST",
        path: str = "/",
        body: bytes = b"",
        *,
        at: datetime | None = None,
        region: str = REGION,
        **headers: str,
    ) -> AWSRequest:
        request = AWSRequest(method, self.endpoint + path, _named(headers), body)
        request.context["payload"] = headers.get("x_amz_content_sha256")
        kind = _S3Auth if service == "s3" else SigV4Auth
        with _time(at):
            kind(self.credentials, service, region).add_auth(request)
        return request

    def identity(self, **options: Any) -> AWSRequest:
        return self.signed("sts", body=WHO, content_type=FORM, **options)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


class _time:  # noqa: N801 - reads as a function
    """Let botocore's signers think it is another time."""

    def __init__(self, at: datetime | None) -> None:
        self._at = at

    def __enter__(self) -> None:
        self._real = botocore.auth.get_current_datetime
        if self._at is not None:
            botocore.auth.get_current_datetime = lambda *_, **__: self._at

    def __exit__(self, *_: object) -> None:
        botocore.auth.get_current_datetime = self._real


def send(
    request: AWSRequest, *, body: bytes | None = None, url: str | None = None, **headers: Any
) -> Answer:
    """Send a signed request, with changes."""
    fields = dict(request.headers.items())
    for name, value in _named(headers).items():
        fields = {k: v for k, v in fields.items() if k.lower() != name.lower()}
        if value is not None:
            fields[name] = value
    data = request.data if body is None else body
    return HTTP.request(request.method, url or request.url, headers=fields, body=data)


@pytest.fixture(scope="module")
def signer(local_aws: LocalAws) -> Signer:
    return Signer(local_aws)


@pytest.fixture(scope="module")
def bucket(administrator: ClientFactory) -> str:
    s3 = administrator("s3")
    location = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="signatures", CreateBucketConfiguration=location)
    s3.put_object(Bucket="signatures", Key="a b/ü.txt", Body=b"hello")
    return "signatures"


def code_of(answer: Answer) -> str:
    text = answer.data.decode()
    if text.startswith("<"):
        return text.partition("<Code>")[2].partition("</Code>")[0]
    return str(json.loads(text)["__type"]).rpartition("#")[2]


def test_a_request_signed_like_an_sdk_passes(signer: Signer) -> None:
    assert send(signer.identity()).status == 200


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"body": b"Action=GetCallerIdentity&Version=2011-06-16"}, "SignatureDoesNotMatch"),
    ({"X_Amz_Date": None}, "IncompleteSignature"),
    ({"X_Amz_Date": "yesterday"}, "IncompleteSignature"),
    ({"Content_Type": FORM.upper()}, "SignatureDoesNotMatch"),
    ({"Authorization": None}, "MissingAuthenticationToken"),
    ({"Authorization": "Basic YTpi"}, "IncompleteSignature"),
    ({"X_Amz_Security_Token": "more"}, "InvalidClientTokenId"),
]


@pytest.mark.parametrize(("change", "code"), BROKEN)
def test_what_was_changed_after_signing_is_refused(
    signer: Signer, change: dict[str, Any], code: str
) -> None:
    answer = send(signer.identity(), **change)
    assert code_of(answer) == code
    assert answer.status in {400, 403}


PARTS: list[tuple[Callable[[str], str], str]] = [
    (lambda a: a.replace("Signature=", "Signature=0")[:-1], "SignatureDoesNotMatch"),
    (lambda a: a.partition(", Signature=")[0], "IncompleteSignature"),
    (lambda a: a.replace("SignedHeaders=", "Headers="), "IncompleteSignature"),
    (lambda a: a.replace("content-type;host", "content-type"), "SignatureDoesNotMatch"),
    (lambda a: a.replace(f"/{REGION}/", "/us-east-1/"), "SignatureDoesNotMatch"),
    (lambda a: a.replace(f"/{REGION}/", "/eu-north-9/"), "SignatureDoesNotMatch"),
    (lambda a: a.replace("aws4_request", "aws5_request"), "SignatureDoesNotMatch"),
    (lambda a: a.replace("/aws4_request", ""), "IncompleteSignature"),
    (lambda a: a.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), "IncompleteSignature"),
    (lambda a: a.replace("Credential=AKIA", "Credential=AKIB"), "InvalidClientTokenId"),
    (lambda a: a.replace("/20", "/19", 1), "SignatureDoesNotMatch"),
]


@pytest.mark.parametrize(("change", "code"), PARTS)
def test_a_broken_authorization_header_is_refused(
    signer: Signer, change: Callable[[str], str], code: str
) -> None:
    request = signer.identity()
    answer = send(request, Authorization=change(request.headers["Authorization"]))
    assert code_of(answer) == code


NOW = datetime(2026, 1, 1, tzinfo=UTC)
SKEWED = [
    ("sts", "SignatureDoesNotMatch", 403),
    ("ssm", "InvalidSignatureException", 400),
    ("ec2", "RequestExpired", 400),
    ("s3", "RequestTimeTooSkewed", 403),
]


@pytest.mark.parametrize("minutes", [-16, 16])
@pytest.mark.parametrize(("service", "code", "status"), SKEWED)
def test_a_clock_that_is_wrong_is_refused_in_the_words_of_the_service(
    signer: Signer, service: str, code: str, status: int, minutes: int
) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    answer = send(_any_request(signer, service, at))
    assert (code_of(answer), answer.status) == (code, status)


@pytest.mark.parametrize("minutes", [-14, 14])
def test_a_clock_that_is_a_little_wrong_is_good_enough(signer: Signer, minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert send(signer.identity(at=at)).status == 200


def _any_request(signer: Signer, service: str, at: datetime | None = None) -> AWSRequest:
    if service == "s3":
        return signer.signed("s3", "GET", "/", at=at)
    if service == "ssm":
        return signer.signed(
            "ssm", body=b"{}", at=at, content_type="application/x-amz-json-1.1",
            x_amz_target="AmazonSSM.DescribeParameters",
        )  # fmt: skip
    action = {"ec2": b"Action=DescribeVpcs&Version=2016-11-15", "sts": WHO}[service]
    return signer.signed(service, body=action, at=at, content_type=FORM)


UNKNOWN = [
    ("sts", "InvalidClientTokenId", 403),
    ("ssm", "UnrecognizedClientException", 400),
    ("ec2", "AuthFailure", 401),
    ("s3", "InvalidAccessKeyId", 403),
]


@pytest.mark.parametrize(("service", "code", "status"), UNKNOWN)
def test_an_unknown_key_is_refused_in_the_words_of_the_service(
    local_aws: LocalAws, service: str, code: str, status: int
) -> None:
    stranger = Signer(local_aws)
    stranger.credentials = Credentials("AKIAIOSFODNN7EXAMPLE", "x" * 40)
    answer = send(_any_request(stranger, service))
    assert (code_of(answer), answer.status) == (code, status)


def test_keys_are_good_while_they_are_active(local_aws: LocalAws, member: ClientFactory) -> None:
    iam = member("iam")
    iam.create_user(UserName="keys")
    key = iam.create_access_key(UserName="keys")["AccessKey"]
    sts = client_factory(local_aws, key["AccessKeyId"], key["SecretAccessKey"])("sts")
    assert sts.get_caller_identity()["Arn"].endswith(":user/keys")
    assert sts.get_caller_identity()["UserId"] == iam.get_user(UserName="keys")["User"]["UserId"]
    which = {"UserName": "keys", "AccessKeyId": key["AccessKeyId"]}
    iam.update_access_key(Status="Inactive", **which)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    iam.update_access_key(Status="Active", **which)
    assert sts.get_caller_identity()["Account"]
    iam.delete_access_key(**which)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()


# S3: the body's hash, chunks, presigned URLs.


def put(signer: Signer, bucket: str, body: bytes = b"x", **headers: str) -> AWSRequest:
    return signer.signed("s3", "PUT", f"/{bucket}/new", body, **headers)


def test_a_body_must_have_the_hash_that_the_header_says(signer: Signer, bucket: str) -> None:
    assert code_of(send(put(signer, bucket), body=b"y")) == "XAmzContentSHA256Mismatch"
    assert code_of(send(put(signer, bucket), X_Amz_Content_SHA256=None)) == "InvalidRequest"
    assert code_of(send(put(signer, bucket), X_Amz_Content_SHA256="abc")) == "InvalidArgument"


def test_s3_takes_a_body_without_a_hash_and_other_services_do_not(
    signer: Signer, bucket: str
) -> None:
    unsigned = {"x_amz_content_sha256": "UNSIGNED-PAYLOAD"}
    request = put(signer, bucket, **unsigned)
    assert send(request, body=b"whatever").status == 200
    request = signer.signed("sts", body=WHO, content_type=FORM, **unsigned)
    assert send(request).status == 403


def test_every_amazon_header_must_be_signed(signer: Signer, bucket: str) -> None:
    answer = send(put(signer, bucket), X_Amz_Acl="public-read")
    assert (code_of(answer), answer.status) == ("AccessDenied", 403)


CHUNKED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def chunked(signer: Signer, bucket: str, *parts: bytes) -> tuple[AWSRequest, bytes]:
    """A request whose body comes in signed chunks, as older SDKs upload."""
    request = signer.signed(
        "s3", "PUT", f"/{bucket}/chunks", x_amz_content_sha256=CHUNKED,
        content_encoding="aws-chunked",
        x_amz_decoded_content_length=str(sum(len(part) for part in parts)),
    )  # fmt: skip
    auth = request.headers["Authorization"]
    scope = auth.partition("Credential=")[2].partition(",")[0].partition("/")[2]
    key = b"AWS4" + signer.credentials.secret_key.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    previous = auth.rpartition("Signature=")[2]
    body = b""
    for part in (*parts, b""):
        lines = (
            "AWS4-HMAC-SHA256-PAYLOAD", request.headers["X-Amz-Date"], scope, previous,
            hashlib.sha256(b"").hexdigest(), hashlib.sha256(part).hexdigest(),
        )  # fmt: skip
        previous = hmac.new(key, "\n".join(lines).encode(), hashlib.sha256).hexdigest()
        body += f"{len(part):x};chunk-signature={previous}\r\n".encode() + part + b"\r\n"
    return request, body


def test_signed_chunks_are_put_together(
    signer: Signer, bucket: str, administrator: ClientFactory
) -> None:
    request, body = chunked(signer, bucket, b"a" * 70_000, b"b" * 5)
    assert send(request, body=body).status == 200
    found = administrator("s3").get_object(Bucket=bucket, Key="chunks")["Body"].read()
    assert found == b"a" * 70_000 + b"b" * 5


def test_a_changed_or_cut_chunk_is_refused(signer: Signer, bucket: str) -> None:
    request, body = chunked(signer, bucket, b"a" * 100, b"b" * 5)
    assert code_of(send(request, body=body.replace(b"aaa", b"aba", 1))) == "SignatureDoesNotMatch"
    for wrong in (body[:-80], body[:50], b"", b"zz", body.replace(b"64;", b"65;")):
        assert code_of(send(request, body=wrong)) in {"IncompleteBody", "SignatureDoesNotMatch"}


def test_an_upload_with_a_trailing_checksum_is_taken(signer: Signer, bucket: str) -> None:
    body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    headers = {
        "x_amz_content_sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "content_encoding": "aws-chunked",
        "x_amz_trailer": "x-amz-checksum-crc32",
    }
    right = put(signer, bucket, x_amz_decoded_content_length="5", **headers)
    assert send(right, body=body).status == 200
    wrong = put(signer, bucket, x_amz_decoded_content_length="6", **headers)
    assert code_of(send(wrong, body=body)) == "IncompleteBody"


def presigner(aws: LocalAws, version: str | None, region: str = REGION) -> Any:
    key = aws.administrator
    session = boto3.Session(key.access_key_id, key.secret_access_key, region_name=region)
    config = Config(signature_version=version, s3={"addressing_style": "path"})
    return session.client("s3", endpoint_url=aws.endpoint, config=config)


@pytest.mark.parametrize("version", ["s3v4", None])
def test_presigned_urls_work_as_sdks_make_them(
    local_aws: LocalAws, bucket: str, version: str | None
) -> None:
    s3 = presigner(local_aws, version)
    where = {"Bucket": bucket, "Key": "a b/ü.txt"}
    url = s3.generate_presigned_url("get_object", Params=where)
    assert HTTP.request("GET", url).data == b"hello"
    assert HTTP.request("GET", url.replace("hello", "h") + "&versionId=null").status == 403
    assert HTTP.request("GET", url.replace("%C3%BC", "u")).status == 403
    assert HTTP.request("DELETE", url).status == 403
    shown = {**where, "ResponseContentType": "text/x-own"}
    answer = HTTP.request("GET", s3.generate_presigned_url("get_object", Params=shown))
    assert answer.headers["content-type"] == "text/x-own"
    put_url = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "up", "ContentType": "text/x-own"}
    )
    assert (
        HTTP.request("PUT", put_url, body=b"1", headers={"Content-Type": "text/plain"}).status
        == 403
    )
    assert (
        HTTP.request("PUT", put_url, body=b"1", headers={"Content-Type": "text/x-own"}).status
        == 200
    )


@pytest.mark.parametrize("version", ["s3v4", None])
def test_presigned_urls_of_a_session_carry_its_token(
    local_aws: LocalAws, member: ClientFactory, version: str | None
) -> None:
    s3 = member("s3")
    name = f"of-sessions-{version or 'default'}".lower()
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=name, Key="k", Body=b"mine")
    keys = s3._request_signer._credentials
    session = boto3.Session(keys.access_key, keys.secret_key, keys.token, REGION)
    config = Config(signature_version=version, s3={"addressing_style": "path"})
    signing = session.client("s3", endpoint_url=local_aws.endpoint, config=config)
    url = signing.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "k"})
    assert HTTP.request("GET", url).data == b"mine"
    lower = url.lower()
    start = lower.index("x-amz-security-token=")
    cut = url[:start] + url[start:].partition("&")[2]
    assert HTTP.request("GET", cut).status in {400, 403}


@pytest.mark.parametrize("version", ["s3v4", None])
def test_a_presigned_url_is_good_for_its_time_only(
    local_aws: LocalAws, bucket: str, version: str | None
) -> None:
    url = presigner(local_aws, version).generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "a b/ü.txt"}, ExpiresIn=0 if version else -1
    )
    if version:  # a second later it is past
        ended = signer_at(local_aws, datetime.now(UTC) - timedelta(seconds=100), bucket, 60)
        answer = HTTP.request("GET", ended)
        early = signer_at(local_aws, datetime.now(UTC) + timedelta(minutes=20), bucket, 60)
        assert HTTP.request("GET", early).status == 403
    else:
        answer = HTTP.request("GET", url)
    assert (code_of(answer), answer.status) == ("AccessDenied", 403)
    assert b"expired" in answer.data


def signer_at(aws: LocalAws, at: datetime, bucket: str, seconds: int) -> str:
    """A URL presigned at another time."""
    with _time(at):
        return str(
            presigner(aws, "s3v4").generate_presigned_url(
                "get_object", Params={"Bucket": bucket, "Key": "a b/ü.txt"}, ExpiresIn=seconds
            )
        )


@pytest.mark.parametrize("expires", ["-1", "604801", "soon", None])
def test_a_presigned_url_may_be_good_for_a_week_at_most(
    local_aws: LocalAws, bucket: str, expires: str | None
) -> None:
    url = presigner(local_aws, "s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=77
    )
    changed = url.replace("X-Amz-Expires=77", f"X-Amz-Expires={expires}" if expires else "x=y")
    assert code_of(HTTP.request("GET", changed)) == "AuthorizationQueryParametersError"


def test_version_2_is_refused_in_regions_that_never_had_it(local_aws: LocalAws) -> None:
    s3 = presigner(local_aws, None, "eu-central-1")
    where = {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(Bucket="young-region", CreateBucketConfiguration=where)
    old = presigner(local_aws, "s3").generate_presigned_url(
        "list_objects", Params={"Bucket": "young-region"}
    )
    assert "AWSAccessKeyId=" in old
    answer = HTTP.request("GET", old)
    assert code_of(answer) == "InvalidRequest"
    assert b"AWS4-HMAC-SHA256" in answer.data
    new = s3.generate_presigned_url("list_objects", Params={"Bucket": "young-region"})
    assert HTTP.request("GET", new).status == 200


def test_sts_urls_may_be_presigned(signer: Signer) -> None:
    request = AWSRequest("GET", f"{signer.endpoint}/?{WHO.decode()}")
    SigV4QueryAuth(signer.credentials, "sts", REGION, expires=60).add_auth(request)
    url = str(request.url)
    assert HTTP.request("GET", url).status == 200
    assert HTTP.request("GET", url.replace("GetCaller", "GetOther")).status in {403, 404}


@settings(
    max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_broken_request_breaks_the_gateway(
    signer: Signer, bucket: str, data: st.DataObject
) -> None:
    """Whatever is cut, changed or doubled in a signed request, it is refused by a client error."""
    requests = [signer.identity(), put(signer, bucket), chunked(signer, bucket, b"abc" * 20)[0]]
    request = data.draw(st.sampled_from(requests))
    name = data.draw(st.sampled_from([*sorted(request.headers.keys()), "query", "body"]))
    junk = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
    if name == "query":
        parts = urlsplit(request.url)
        url = f"{signer.endpoint}{parts.path}?{data.draw(st.sampled_from(['X-Amz-Algorithm=', 'AWSAccessKeyId=a&Signature=', 'X-Amz-Credential=', 'a']))}{data.draw(junk)}"
        answer = send(request, url=url.replace("#", "%23"))
    elif name == "body":
        answer = send(request, body=data.draw(st.binary(max_size=60)))
    else:
        value = str(request.headers[name])
        cut = data.draw(st.integers(0, len(value)))
        answer = send(request, **{name: value[:cut] + data.draw(junk) + value[cut + 1 :]})
    assert answer.status < 500, (name, answer.data)
