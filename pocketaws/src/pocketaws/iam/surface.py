"""The IAM operations that moto answers."""

from ..registry import moto_operations

moto_operations(
    "iam",
    """
    GetUser ListUsers DeleteUser PutUserPolicy GetUserPolicy ListUserPolicies DeleteUserPolicy
    AttachUserPolicy DetachUserPolicy ListAttachedUserPolicies TagUser UntagUser ListUserTags
    CreateAccessKey ListAccessKeys DeleteAccessKey UpdateAccessKey
    CreateGroup GetGroup ListGroups DeleteGroup ListGroupsForUser AddUserToGroup RemoveUserFromGroup
    PutGroupPolicy GetGroupPolicy ListGroupPolicies DeleteGroupPolicy
    AttachGroupPolicy DetachGroupPolicy ListAttachedGroupPolicies
    CreateRole GetRole ListRoles DeleteRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy
    TagRole UntagRole ListRoleTags
    PutRolePolicy GetRolePolicy ListRolePolicies DeleteRolePolicy
    AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies
    PutRolePermissionsBoundary DeleteRolePermissionsBoundary
    CreateInstanceProfile GetInstanceProfile ListInstanceProfiles DeleteInstanceProfile
    ListInstanceProfilesForRole AddRoleToInstanceProfile RemoveRoleFromInstanceProfile
    TagInstanceProfile UntagInstanceProfile
    CreateServiceLinkedRole
    CreatePolicy GetPolicy DeletePolicy ListEntitiesForPolicy
    CreatePolicyVersion GetPolicyVersion ListPolicyVersions DeletePolicyVersion SetDefaultPolicyVersion
    TagPolicy UntagPolicy ListPolicyTags
    CreateAccountAlias ListAccountAliases DeleteAccountAlias
    GetAccountSummary GetAccountAuthorizationDetails
    """,
)
