"""The operations that are emulated, and who needs each of them.

Nothing is emulated that nobody needs. An operation enters the emulator together with a line here, and leaves here
when nobody reaches it any more, so that neither happens unnoticed. Whatever isn't here answers ``NotImplemented``.
"""

from __future__ import annotations

import pytest

from pocketaws import registry

# What the labs are made of and taken apart with, what their servers and roles may call (the attendee's role allows
# what today's console pages ask for), and what the kit's verbs, guides, and solvers call.
KIT = {
    "athena": """
        BatchGetNamedQuery BatchGetQueryExecution CreateNamedQuery CreateWorkGroup DeleteNamedQuery
        DeleteWorkGroup GetDataCatalog GetDatabase GetNamedQuery GetQueryExecution GetQueryResults
        GetQueryRuntimeStatistics GetTableMetadata GetWorkGroup ListDataCatalogs ListDatabases ListNamedQueries
        ListQueryExecutions ListTableMetadata ListTagsForResource ListWorkGroups StartQueryExecution
        StopQueryExecution UntagResource
    """,
    "cloudformation": """
        CreateStack DeleteStack DescribeStackEvents DescribeStackResources DescribeStacks GetTemplate
        ListStackResources ListStacks SignalResource UpdateStack
    """,
    "cloudtrail": """
        CreateTrail DeleteTrail DescribeTrails GetTrail GetTrailStatus ListTags ListTrails LookupEvents
        PutEventSelectors StartLogging StopLogging
    """,
    "ec2": """
        AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupIngress CreateFlowLogs
        CreateInternetGateway CreateRoute CreateRouteTable CreateSecurityGroup CreateSubnet CreateVpc
        DeleteFlowLogs DeleteInternetGateway DeleteRoute DeleteRouteTable DeleteSecurityGroup DeleteSubnet
        DeleteTags DeleteVpc DescribeAvailabilityZones DescribeFlowLogs DescribeImages DescribeInstanceStatus
        DescribeInstanceTypeOfferings DescribeInstanceTypes DescribeInstances DescribeInternetGateways
        DescribeKeyPairs DescribeNetworkInterfaces DescribeRegions DescribeRouteTables
        DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets DescribeTags DescribeVolumes
        DescribeVpcs DetachInternetGateway DisassociateRouteTable ModifySubnetAttribute ModifyVpcAttribute
        RevokeSecurityGroupIngress RunInstances StartInstances StopInstances TerminateInstances
    """,
    "ec2-instance-connect": "SendSSHPublicKey",
    "events": """
        DeleteRule DescribeRule ListRules ListTagsForResource ListTargetsByRule PutRule PutTargets RemoveTargets
    """,
    "glue": """
        CreateDatabase CreatePartition CreateTable DeleteDatabase DeleteTable GetDatabase GetDatabases
        GetPartition GetPartitions GetTable GetTables
    """,
    "guardduty": """
        ArchiveFindings CreateDetector CreateThreatIntelSet DeleteDetector DeleteThreatIntelSet GetDetector
        GetFindings GetFindingsStatistics GetThreatIntelSet ListDetectors ListFilters ListFindings
        ListThreatIntelSets UpdateThreatIntelSet
    """,
    "iam": """
        AddRoleToInstanceProfile AttachRolePolicy AttachUserPolicy CreateAccessKey CreateInstanceProfile
        CreateRole CreateServiceLinkedRole CreateUser DeleteInstanceProfile DeleteRole DeleteRolePolicy
        DetachRolePolicy GetInstanceProfile GetRole ListAttachedRolePolicies ListInstanceProfiles
        ListRolePolicies ListRoleTags ListRoles ListUsers PutRolePolicy RemoveRoleFromInstanceProfile UntagRole
        UpdateAssumeRolePolicy
    """,
    "logs": """
        CreateLogGroup CreateLogStream DeleteLogGroup DescribeLogGroups DescribeLogStreams DescribeMetricFilters
        DescribeQueries DescribeQueryDefinitions DescribeSubscriptionFilters FilterLogEvents GetLogEvents
        GetLogGroupFields GetLogRecord GetQueryResults ListTagsForResource PutLogEvents PutRetentionPolicy
        StartQuery StopQuery
    """,
    "organizations": "CreateAccount CreateOrganization",
    "s3": """
        AbortMultipartUpload CreateBucket CreateMultipartUpload DeleteBucket DeleteBucketPolicy DeleteObject
        DeleteObjects GetBucketAcl GetBucketLocation GetBucketPolicy GetBucketTagging GetObject HeadBucket
        ListBuckets ListMultipartUploads ListObjectVersions ListObjectsV2 PutBucketEncryption
        PutBucketLifecycleConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketTagging
        PutBucketVersioning PutObject PutPublicAccessBlock
    """,
    "scheduler": """
        CreateSchedule CreateScheduleGroup DeleteSchedule DeleteScheduleGroup GetSchedule GetScheduleGroup
        ListScheduleGroups ListSchedules ListTagsForResource
    """,
    "sns": """
        CreateTopic DeleteTopic GetSubscriptionAttributes GetTopicAttributes ListSubscriptionsByTopic
        ListTagsForResource ListTopics Publish SetTopicAttributes Subscribe Unsubscribe
    """,
    "ssm": """
        DeleteParameter DeleteParameters DescribeInstanceInformation DescribeParameters GetCommandInvocation
        GetParameter GetParameterHistory GetParameters GetParametersByPath ListCommandInvocations PutParameter
        SendCommand StartSession
    """,
    "sts": "AssumeRole GetCallerIdentity",
}

# What other people's tools call on the way: the AWS CLI, Terraform's AWS provider (it refreshes every part of what it
# manages), the AWS SDKs, inventory and audit tools, and the stack in `test_foreign_stack.py`.
CLIENTS = {
    "athena": "TagResource UpdateWorkGroup",
    "cloudformation": """
        CancelUpdateStack CreateChangeSet DeleteChangeSet DescribeChangeSet DescribeStackResource
        ExecuteChangeSet ListChangeSets
    """,
    "cloudtrail": "AddTags GetEventSelectors ListPublicKeys RemoveTags UpdateTrail",
    "ec2": """
        AuthorizeSecurityGroupEgress CreateKeyPair CreateTags DeleteKeyPair DescribeInstanceAttribute
        DescribeVpcAttribute ImportKeyPair RebootInstances
        RevokeSecurityGroupEgress
    """,
    "events": "DescribeEventBus ListEventBuses TagResource UntagResource",
    "glue": "GetTags TagResource UntagResource UpdateDatabase UpdateTable",
    "guardduty": """
        GetAdministratorAccount ListIPSets ListMembers ListTagsForResource TagResource UntagResource
    """,
    "iam": """
        AddUserToGroup AttachGroupPolicy CreateAccountAlias CreateGroup CreatePolicy CreatePolicyVersion
        DeleteAccessKey DeleteAccountAlias DeleteGroup DeleteGroupPolicy DeletePolicy DeletePolicyVersion
        DeleteRolePermissionsBoundary DeleteUser DeleteUserPermissionsBoundary
        DeleteUserPolicy DetachGroupPolicy DetachUserPolicy GetAccountAuthorizationDetails GetAccountSummary
        GetGroup GetGroupPolicy GetPolicy GetPolicyVersion GetRolePolicy
        GetUser GetUserPolicy ListAccessKeys ListAccountAliases ListAttachedGroupPolicies
        ListAttachedUserPolicies ListEntitiesForPolicy ListGroupPolicies ListGroups ListGroupsForUser
        ListInstanceProfilesForRole ListPolicies ListPolicyTags ListPolicyVersions ListUserPolicies ListUserTags
        PutGroupPolicy PutRolePermissionsBoundary PutUserPermissionsBoundary PutUserPolicy RemoveUserFromGroup
        SetDefaultPolicyVersion TagInstanceProfile TagPolicy TagRole TagUser UntagInstanceProfile UntagPolicy
        UntagUser UpdateAccessKey UpdateRole UpdateRoleDescription UpdateUser
    """,
    "logs": "DeleteLogStream DeleteRetentionPolicy TagResource UntagResource",
    "organizations": """
        AttachPolicy CloseAccount CreateOrganizationalUnit CreatePolicy DeleteOrganizationalUnit DeletePolicy
        DescribeAccount DescribeCreateAccountStatus DescribeOrganization DescribeOrganizationalUnit
        DescribePolicy DetachPolicy DisablePolicyType EnablePolicyType ListAccounts ListAccountsForParent
        ListChildren ListOrganizationalUnitsForParent ListParents ListPolicies ListPoliciesForTarget ListRoots
        ListTagsForResource ListTargetsForPolicy MoveAccount TagResource UntagResource UpdateOrganizationalUnit
        UpdatePolicy
    """,
    "resourcegroupstaggingapi": "GetResources",
    "s3": """
        CompleteMultipartUpload CopyObject DeleteBucketCors DeleteBucketEncryption DeleteBucketLifecycle
        DeleteBucketOwnershipControls DeleteBucketTagging DeleteObjectTagging DeletePublicAccessBlock
        GetBucketAccelerateConfiguration GetBucketCors GetBucketEncryption GetBucketLifecycleConfiguration
        GetBucketLogging GetBucketNotificationConfiguration GetBucketOwnershipControls
        GetBucketReplication GetBucketVersioning GetBucketWebsite GetObjectAcl GetObjectAttributes
        GetObjectLockConfiguration GetObjectTagging GetPublicAccessBlock HeadObject ListObjects ListParts
        PutBucketAcl PutBucketCors PutBucketLogging PutObjectAcl PutObjectTagging UploadPart UploadPartCopy
    """,
    "scheduler": "TagResource UntagResource UpdateSchedule",
    "sns": "SetSubscriptionAttributes TagResource UntagResource",
    "ssm": "AddTagsToResource CancelCommand ListTagsForResource RemoveTagsFromResource",
}

# What open issues of the kit call for, and is here already: failed updates and termination protection, unconfirmed
# and forgotten subscriptions, suspended detectors, templates that are checked before they're used, a server's console
# for a support bundle, what attendees leave behind beside their lab and what removes it, what a server costs,
# and what would keep it from the internet.
ISSUES = {
    "account": "DisableRegion EnableRegion GetRegionOptStatus ListRegions",
    "cloudformation": "GetTemplateSummary UpdateTerminationProtection ValidateTemplate",
    "ec2": """
        AllocateAddress AssociateAddress AttachNetworkInterface AttachVolume CopyImage CopySnapshot CreateImage
        CreateNetworkInterface CreateSnapshot CreateVolume CreateVpcEndpoint DeleteNetworkInterface
        DeleteSnapshot DeleteVolume DeleteVpcEndpoints DeregisterImage DescribeAccountAttributes
        DescribeAddresses DescribeInstanceCreditSpecifications DescribeSnapshots
        DescribeVpcBlockPublicAccessOptions DescribeVpcEndpoints DetachNetworkInterface DetachVolume
        DisassociateAddress GetConsoleOutput ModifyVpcBlockPublicAccessOptions RegisterImage ReleaseAddress
    """,
    "guardduty": """
        CreateMembers DeleteMembers EnableOrganizationAdminAccount ListOrganizationAdminAccounts UpdateDetector
    """,
    "iam": "GetContextKeysForPrincipalPolicy SimulatePrincipalPolicy",
    "service-quotas": "GetAWSDefaultServiceQuota GetServiceQuota ListServiceQuotas",
    "sns": "ConfirmSubscription ListSubscriptions",
}

# What open issues call for and is still missing. Build one, and it moves to `ISSUES`.
AHEAD = {
    "logs": """
        DeleteQueryDefinition DeleteSubscriptionFilter PutQueryDefinition PutSubscriptionFilter
    """,
    # What would stop a workshop: rights, quotas, Regions, public access.
    "s3control": "GetPublicAccessBlock",
    "pricing": "GetProducts",
    # Logs that are streamed to other tools.
    "firehose": "CreateDeliveryStream DeleteDeliveryStream DescribeDeliveryStream PutRecordBatch",
}

registry.load()


def operations(table: dict[str, str]) -> set[str]:
    """``service:operation`` of every entry."""
    return {f"{service}:{name}" for service, names in table.items() for name in names.split()}


SURFACE = {f"{service}:{name}" for service, names in registry.surface().items() for name in names}


def test_every_emulated_operation_is_needed_by_somebody() -> None:
    needed = operations(KIT) | operations(CLIENTS) | operations(ISSUES)
    assert sorted(SURFACE - needed) == [], "say who needs it, or delete it"


def test_every_needed_operation_is_emulated() -> None:
    needed = operations(KIT) | operations(CLIENTS) | operations(ISSUES)
    assert sorted(needed - SURFACE) == []


def test_what_is_still_missing_is_not_there_yet() -> None:
    assert sorted(operations(AHEAD) & SURFACE) == [], "move it from AHEAD to ISSUES"


@pytest.mark.parametrize(
    "table", [KIT, CLIENTS, ISSUES, AHEAD], ids=["kit", "clients", "issues", "ahead"]
)
def test_a_table_reads_in_order_and_names_nothing_twice(table: dict[str, str]) -> None:
    for service, names in table.items():
        assert len(names.split()) == len(set(names.split())), service
        if table is not AHEAD:
            assert names.split() == sorted(names.split()), service


def test_an_operation_is_in_one_table_only() -> None:
    tables = [operations(table) for table in (KIT, CLIENTS, ISSUES, AHEAD)]
    assert sum(map(len, tables)) == len(set().union(*tables))
