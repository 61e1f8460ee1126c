"""Lists of what cannot be made here: metric and subscription filters, saved queries.

Consoles and other clients ask for them beside the groups. As none can be made, none is there.

Source: CloudWatch Logs API reference, "DescribeMetricFilters", "DescribeSubscriptionFilters",
"DescribeQueryDefinitions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .operation import logs_operation, named_group

if TYPE_CHECKING:
    from ..gateway.call import Call


@logs_operation("DescribeMetricFilters")
def describe_metric_filters(call: Call) -> dict[str, Any]:
    """No metric filters."""
    if "logGroupName" in call.params:
        named_group(call)
    return {"metricFilters": []}


@logs_operation("DescribeSubscriptionFilters")
def describe_subscription_filters(call: Call) -> dict[str, Any]:
    """No subscription filters."""
    named_group(call)
    return {"subscriptionFilters": []}


@logs_operation("DescribeQueryDefinitions")
def describe_query_definitions(_call: Call) -> dict[str, Any]:
    """No saved queries."""
    return {"queryDefinitions": []}
