"""Users: their boundary (which moto drops), renaming, and calls that don't name a user.

Source: IAM API reference, "CreateUser", "UpdateUser", "PutUserPermissionsBoundary", "GetUser".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..gateway import protocol
from ..identity import credentials
from ..registry import before, operation

if TYPE_CHECKING:
    from ..gateway.call import Call

_BOUNDARY_KIND = "PermissionsBoundaryPolicy"


@operation("iam", "CreateUser")
def create_user(call: Call) -> dict[str, Any]:
    """Let moto create the user, and add the boundary."""
    answer = moto_state.run("iam", call.account, call.region, call.http)
    result = protocol.parse_answer("iam", "CreateUser", answer)
    boundary = call.params.get("PermissionsBoundary")
    if boundary is not None:
        _user(call).permissions_boundary_arn = boundary
        result["User"]["PermissionsBoundary"] = {
            "PermissionsBoundaryType": _BOUNDARY_KIND,
            "PermissionsBoundaryArn": boundary,
        }
    return result


@operation("iam", "UpdateUser")
def update_user(call: Call) -> None:
    """Give a user another name or path. The user keeps its ID, keys, groups, policies, and tags."""
    user = _user(call)
    backend = moto_state.backend("iam", call.account, "aws")
    name = call.params.get("NewUserName", user.name)
    taken = {other.lower() for other in backend.users} - {user.name.lower()}
    if name.lower() in taken:
        raise AwsError("EntityAlreadyExists", f"User with name {name} already exists.", 409)
    tags = backend.tagger.list_tags_for_resource(user.arn)["Tags"]
    backend.tagger.delete_all_tags_for_resource(user.arn)
    del backend.users[user.name]
    user.name, user.path = name, call.params.get("NewPath", user.path)
    backend.users[name] = user
    backend.tagger.tag_resource(user.arn, tags)
    for key in user.access_keys:
        key.user_name = name
    credentials.rename_user(call.world, call.account, call.params["UserName"], name)


@operation("iam", "PutUserPermissionsBoundary")
def put_boundary(call: Call) -> None:
    """Set a user's boundary."""
    _user(call).permissions_boundary_arn = call.params["PermissionsBoundary"]


@operation("iam", "DeleteUserPermissionsBoundary")
def delete_boundary(call: Call) -> None:
    """Remove a user's boundary."""
    user = _user(call)
    if user.permissions_boundary_arn is None:
        message = f"There is no permissions boundary attached to user {user.name}"
        raise AwsError("NoSuchEntity", message, 404)
    user.permissions_boundary_arn = None


@before("iam", "GetUser", "CreateAccessKey", "ListAccessKeys", "DeleteAccessKey", "UpdateAccessKey")
def need_a_name(call: Call) -> None:
    """Use the calling user if the call names none; other callers must give a name."""
    if not call.params.get("UserName") and call.caller.kind != "IAMUser":
        message = "Must specify userName when calling with non-User credentials"
        raise AwsError("ValidationError", message)


def _user(call: Call) -> Any:
    name = call.params["UserName"]
    user = moto_state.backend("iam", call.account, "aws").users.get(name)
    if user is None:
        raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", 404)
    return user
