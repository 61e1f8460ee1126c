"""The EC2 operations that moto answers."""

from ..registry import moto_operations

_NAMES = """
    CreateVpc DeleteVpc DescribeVpcs ModifyVpcAttribute DescribeVpcAttribute
    CreateSubnet DeleteSubnet DescribeSubnets ModifySubnetAttribute
    CreateInternetGateway AttachInternetGateway DetachInternetGateway DeleteInternetGateway DescribeInternetGateways
    CreateRouteTable DeleteRouteTable DescribeRouteTables CreateRoute DeleteRoute AssociateRouteTable DisassociateRouteTable
    CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroups DescribeSecurityGroupRules
    AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress
    DescribeInstances DescribeInstanceStatus DescribeInstanceAttribute
    DescribeNetworkInterfaces DescribeVolumes DescribeImages DescribeAvailabilityZones
    DescribeInstanceTypeOfferings DescribeInstanceTypes
    CreateFlowLogs DeleteFlowLogs DescribeFlowLogs
    CreateKeyPair ImportKeyPair DescribeKeyPairs DeleteKeyPair
    CreateTags DeleteTags
    CreateVolume AttachVolume DeleteVolume DeleteSnapshot
    DescribeAddresses DescribeVpcEndpoints
    CreateNetworkInterface AttachNetworkInterface DetachNetworkInterface DeleteNetworkInterface
"""
DESCRIBES = (
    *(name for name in _NAMES.split() if name.startswith("Describe")),
    "DescribeTags",
    "DescribeSnapshots",
)

moto_operations("ec2", _NAMES)
