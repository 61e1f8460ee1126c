"""The operations of Systems Manager that moto answers."""

from ..registry import moto_operations

moto_operations(
    "ssm",
    """
    PutParameter GetParameter GetParameters GetParametersByPath GetParameterHistory DescribeParameters
    DeleteParameter DeleteParameters AddTagsToResource RemoveTagsFromResource ListTagsForResource
    """,
)
