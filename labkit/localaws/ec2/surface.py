"""What of EC2 moto answers."""

from ..registry import moto_operations

moto_operations(
    "ec2",
    """
    CreateVpc DeleteVpc DescribeVpcs ModifyVpcAttribute DescribeVpcAttribute
    CreateSubnet DeleteSubnet DescribeSubnets ModifySubnetAttribute
    CreateInternetGateway AttachInternetGateway DetachInternetGateway DeleteInternetGateway DescribeInternetGateways
    CreateRouteTable DeleteRouteTable DescribeRouteTables CreateRoute DeleteRoute AssociateRouteTable DisassociateRouteTable
    CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroups DescribeSecurityGroupRules
    AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress
    RunInstances DescribeInstances DescribeInstanceStatus DescribeInstanceAttribute StopInstances StartInstances RebootInstances TerminateInstances
    DescribeNetworkInterfaces DescribeVolumes DescribeImages DescribeAvailabilityZones DescribeRegions
    DescribeInstanceTypeOfferings DescribeInstanceTypes
    CreateFlowLogs DeleteFlowLogs DescribeFlowLogs
    CreateTags DeleteTags DescribeTags
    """,
)
