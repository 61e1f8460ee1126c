"""Always-empty lists: metric filters, subscription filters, and saved queries.

Nobody can create these here, but consoles and other clients list them next to log groups.

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
    """Return no metric filters."""
    if "logGroupName" in call.params:
        named_group(call)
    return {"metricFilters": []}


@logs_operation("DescribeSubscriptionFilters")
def describe_subscription_filters(call: Call) -> dict[str, Any]:
    """Return no subscription filters."""
    named_group(call)
    return {"subscriptionFilters": []}


@logs_operation("DescribeQueryDefinitions")
def describe_query_definitions(_call: Call) -> dict[str, Any]:
    """Return no saved queries."""
    return {"queryDefinitions": []}
