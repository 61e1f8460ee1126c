"""What of IAM moto answers."""

from ..registry import moto_operations

moto_operations(
    "iam",
    """
    CreateUser GetUser ListUsers DeleteUser PutUserPolicy GetUserPolicy ListUserPolicies DeleteUserPolicy
    CreateAccessKey ListAccessKeys DeleteAccessKey UpdateAccessKey
    CreateRole GetRole ListRoles DeleteRole UpdateAssumeRolePolicy TagRole UntagRole ListRoleTags
    PutRolePolicy GetRolePolicy ListRolePolicies DeleteRolePolicy
    AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies
    CreateInstanceProfile GetInstanceProfile ListInstanceProfiles DeleteInstanceProfile
    ListInstanceProfilesForRole AddRoleToInstanceProfile RemoveRoleFromInstanceProfile
    CreateServiceLinkedRole GetPolicy GetPolicyVersion
    """,
)
