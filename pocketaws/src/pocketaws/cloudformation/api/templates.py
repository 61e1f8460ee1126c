"""Validates and describes templates.

Source: CloudFormation API reference, "GetTemplate", "GetTemplateSummary", "ValidateTemplate".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...registry import operation
from .. import template as templates
from .. import validation, yaml_text
from ..template import Template, invalid
from . import requests
from .change_sets import find_change_set

if TYPE_CHECKING:
    from ...gateway.call import Call


@operation("cloudformation", "GetTemplate")
def get_template(call: Call) -> dict[str, Any]:
    """Return a stack's template as the client sent it."""
    stack = requests.find_stack(call)
    body = stack.definition.template_body
    if call.params.get("ChangeSetName"):
        body = find_change_set(call)[1].definition.template_body
    if not body:
        raise invalid(f"Template does not exist for stack {stack.name}")
    return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}


@operation("cloudformation", "ValidateTemplate")
def validate_template(call: Call) -> dict[str, Any]:
    """Validate a template and describe its parameters and capabilities."""
    template = requests.template_of(call)
    return {
        "Parameters": [
            {k: v for k, v in entry.items() if k not in {"ParameterType", "ParameterConstraints"}}
            for entry in _parameters(template)
        ],
        **_description(template),
        **_capabilities(template),
    }


@operation("cloudformation", "GetTemplateSummary")
def get_template_summary(call: Call) -> dict[str, Any]:
    """Summarize a template, or a stack's template: its parameters, resources, and capabilities."""
    if call.params.get("StackName"):
        template = templates.parse(requests.find_stack(call).definition.template_body)
    else:
        template = requests.template_of(call)
    version = yaml_text.load(template.text).get("AWSTemplateFormatVersion")
    answer = {
        "Parameters": _parameters(template),
        **_description(template),
        **_capabilities(template),
        "ResourceTypes": list(dict.fromkeys(each.type for each in template.resources.values())),
    }
    if version:
        answer["Version"] = version
    if template.metadata is not None:
        answer["Metadata"] = json.dumps(template.metadata)
    return answer


def _parameters(template: Template) -> list[dict[str, Any]]:
    found = []
    for name, declared in template.parameters.items():
        entry: dict[str, Any] = {"ParameterKey": name}
        if "Default" in declared:
            default = declared["Default"]
            entry["DefaultValue"] = (
                str(default).lower() if isinstance(default, bool) else str(default)
            )
        entry["ParameterType"] = declared["Type"]
        entry["NoEcho"] = str(declared.get("NoEcho", False)).lower() == "true"
        if declared.get("Description"):
            entry["Description"] = declared["Description"]
        values = [str(value) for value in declared.get("AllowedValues", [])]
        entry["ParameterConstraints"] = {"AllowedValues": values} if values else {}
        found.append(entry)
    return found


def _description(template: Template) -> dict[str, str]:
    return {} if template.description is None else {"Description": template.description}


def _capabilities(template: Template) -> dict[str, Any]:
    needed = validation.capabilities_needed(template)
    if not needed:
        return {}
    types = dict.fromkeys(
        template.resources[name].type for name in validation.iam_resources(template)
    )
    return {
        "Capabilities": needed,
        "CapabilitiesReason": f"The following resource(s) require capabilities: [{', '.join(types)}]",
    }
