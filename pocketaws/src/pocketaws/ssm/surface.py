"""The Systems Manager operations that moto implements."""

from ..registry import moto_operations

moto_operations(
    "ssm",
    """
    PutParameter GetParameter GetParameters GetParametersByPath GetParameterHistory DescribeParameters
    DeleteParameter DeleteParameters AddTagsToResource RemoveTagsFromResource ListTagsForResource
    """,
)
