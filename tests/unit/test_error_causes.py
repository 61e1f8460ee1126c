"""Every error of AWS has one cause, and a person gets the next step for it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    InvalidRegionError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from labkit.aws import DeniedError, MissingError, explain_errors
from labkit.error_causes import NEXT_STEPS, Cause, cause_of, cause_of_reason
from labkit.errors import CloudError, LabkitError, UsageError
from labkit.evidence.calls import AwsCallError

SCP = (
    "User: arn:aws:sts::210000000001:assumed-role/LabRole/labkit is not authorized to perform: ec2:RunInstances on "
    "resource: arn:aws:ec2:eu-west-1:210000000001:instance/* with an explicit deny in a service control policy"
)

CASES: list[tuple[str, str, Cause]] = [
    ("ExpiredToken", "The security token included in the request is expired", Cause.EXPIRED),
    ("ExpiredTokenException", "The security token included in the request is expired", Cause.EXPIRED),
    ("RequestExpired", "Request has expired.", Cause.EXPIRED),
    ("SignatureDoesNotMatch", "Signature expired: 20261124T070000Z is now earlier than …", Cause.CLOCK),
    ("InvalidSignatureException", "Signature not yet current: 20261124T090000Z is still …", Cause.CLOCK),
    ("RequestTimeTooSkewed", "The difference between the request time and …", Cause.CLOCK),
    ("SignatureDoesNotMatch", "The request signature we calculated does not match …", Cause.CREDENTIALS),
    ("InvalidClientTokenId", "The security token included in the request is invalid.", Cause.CREDENTIALS),
    ("AuthFailure", "AWS was not able to validate the provided access credentials", Cause.CREDENTIALS),
    ("RegionDisabledException", "STS is not activated in this region", Cause.REGION),
    ("OptInRequired", "You are not subscribed to this service.", Cause.REGION),
    ("AccessDenied", SCP, Cause.ORGANIZATION),
    ("UnauthorizedOperation", SCP, Cause.ORGANIZATION),
    ("AccessDeniedException", "because no identity-based policy allows the logs:… action", Cause.DENIED),
    ("VcpuLimitExceeded", "You have requested more vCPU capacity than your current vCPU limit …", Cause.QUOTA),
    ("VpcLimitExceeded", "The maximum number of VPCs has been reached.", Cause.QUOTA),
    ("ServiceQuotaExceededException", "…", Cause.QUOTA),
    ("MaximumNumberOfTrailsExceededException", "…", Cause.QUOTA),
    ("RequestLimitExceeded", "Request limit exceeded.", Cause.THROTTLED),
    ("ThrottlingException", "Rate exceeded", Cause.THROTTLED),
    ("Throttling", "Rate exceeded", Cause.THROTTLED),
    ("TooManyRequestsException", "", Cause.THROTTLED),
    ("InsufficientInstanceCapacity", "We currently do not have sufficient t3.micro capacity …", Cause.CAPACITY),
    ("InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist", Cause.MISSING),
    ("NoSuchBucket", "The specified bucket does not exist", Cause.MISSING),
    ("BadRequestException", "… the input detectorId is not owned by the current account.", Cause.MISSING),
    ("InvalidRequestException", "WorkGroup labkit is not found.", Cause.MISSING),
    ("InternalFailure", "", Cause.UNAVAILABLE),
    ("ServiceUnavailable", "", Cause.UNAVAILABLE),
    ("BadRequestException", "The request is rejected.", Cause.OTHER),
    ("ValidationError", "Stack with id x does not exist", Cause.OTHER),
]  # fmt: skip


@pytest.mark.parametrize(("code", "message", "cause"), CASES)
def test_a_code_and_its_message_have_one_cause(code: str, message: str, cause: Cause) -> None:
    assert cause_of(code, message) is cause


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (
            (
                'Resource handler returned message: "You have requested more vCPU capacity than your current vCPU limit of 0 '
                'allows (Service: Ec2, Status Code: 400, Request ID: 1)" (RequestToken: 2, HandlerErrorCode: '
                "ServiceLimitExceeded)"
            ),
            Cause.QUOTA,
        ),
        (
            (
                f'Resource handler returned message: "{SCP} (Service: Ec2, Status Code: 403)" (RequestToken: 2, '
                "HandlerErrorCode: AccessDenied)"
            ),
            Cause.ORGANIZATION,
        ),
        (
            (
                "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (eu-west-1a). "
                "(Service: AmazonEC2; Status Code: 500; Error Code: InsufficientInstanceCapacity; Request ID: 1)"
            ),
            Cause.CAPACITY,
        ),
        ("The following resource(s) failed to create: [Server1].", Cause.OTHER),
    ],
)
def test_the_reason_of_a_stack_event_has_a_cause(reason: str, cause: Cause) -> None:
    assert cause_of_reason(reason) is cause


def test_every_cause_has_a_next_step_that_is_a_sentence() -> None:
    assert set(NEXT_STEPS) == set(Cause)
    assert all(step.endswith(".") for step in NEXT_STEPS.values())
    assert len(set(NEXT_STEPS.values())) == len(Cause)


def explained(error: Exception) -> LabkitError:
    with pytest.raises(LabkitError) as caught, explain_errors("creating the stack x"):
        raise error
    return caught.value


def client_error(code: str, message: str) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}}
    return ClientError(response, "CreateStack")


@pytest.mark.parametrize(("code", "message", "cause"), CASES)
def test_people_get_the_causes_next_step(code: str, message: str, cause: Cause) -> None:
    found = explained(client_error(code, message))

    assert found.hint == NEXT_STEPS[cause]
    kinds = {
        Cause.DENIED: DeniedError,
        Cause.ORGANIZATION: DeniedError,
        Cause.MISSING: MissingError,
        **dict.fromkeys((Cause.EXPIRED, Cause.CLOCK, Cause.REGION, Cause.CREDENTIALS), UsageError),
    }
    assert type(found) is kinds.get(cause, CloudError)


@pytest.mark.parametrize(
    "error",
    [
        UnauthorizedSSOTokenError(),
        SSOTokenLoadError(error_msg="Token for acme does not exist"),
        TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"),
    ],
)
def test_an_expired_sign_in_says_how_to_sign_in_again(error: Exception) -> None:
    found = explained(error)

    assert isinstance(found, UsageError)
    assert "sign-in has expired" in found.message
    assert "aws sso login" in found.hint


def test_a_word_that_is_no_region_is_the_workshop_files_mistake() -> None:
    assert "region in workshop.toml" in explained(InvalidRegionError(region_name="eu west")).hint


def test_evidence_and_commands_read_the_same_causes() -> None:
    for code, message, cause in CASES:
        assert AwsCallError("logs:FilterLogEvents", "a group", code, message).cause is cause
