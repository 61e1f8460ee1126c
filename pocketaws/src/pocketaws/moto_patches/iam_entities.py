"""Corrections of mistakes in moto's IAM entities, applied to moto's classes.

- Unique IDs have the prefix of their kind (IAM user guide, "IAM identifiers", "Unique identifiers").
- Users keep their permissions boundary, and responses show it as they do for roles.
- Service-linked roles have the names that the services' own pages give.

Imported together with moto's IAM, when it's first needed.
"""

from __future__ import annotations

from typing import Any

import moto.iam.models as moto_iam
from moto.iam.responses import IamResponse
from moto.iam.utils import generate_access_key_id_from_account_id

from .service_roles import SERVICE_LINKED_ROLES

_ID_LENGTH = 21
_PREFIXES = {
    moto_iam.User: "AIDA",
    moto_iam.Group: "AGPA",
    moto_iam.InstanceProfile: "AIPA",
    moto_iam.ManagedPolicy: "ANPA",
}


def _with_prefix(kind: Any, prefix: str) -> None:
    original = kind.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.id = generate_access_key_id_from_account_id(self.account_id, prefix, _ID_LENGTH)

    kind.__init__ = init


for _kind, _prefix in _PREFIXES.items():
    _with_prefix(_kind, _prefix)

moto_iam.User.permissions_boundary_arn = None
moto_iam.User.permissions_boundary = moto_iam.Role.permissions_boundary
_TRANSFORMERS = IamResponse.RESPONSE_KEY_PATH_TO_TRANSFORMER
for _operation in ("GetUser", "CreateUser"):
    _TRANSFORMERS[f"{_operation}Response.User.PermissionsBoundary"] = _TRANSFORMERS[
        "GetRoleResponse.Role.PermissionsBoundary"
    ]
_TRANSFORMERS["ListUsersResponse.Users.User.PermissionsBoundary"] = _TRANSFORMERS[
    "ListRolesResponse.Roles.Role.PermissionsBoundary"
]

# moto would use the last part of the service's name.
for _service, (_name, _) in SERVICE_LINKED_ROLES.items():
    moto_iam.SERVICE_NAME_CONVERSION[_service.partition(".")[0]] = _name
