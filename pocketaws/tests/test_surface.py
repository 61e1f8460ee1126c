"""Everything emulated has a document that it's based on, and a test with a real client."""

from __future__ import annotations

import ast
import itertools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore import xform_name

from pocketaws import registry

from . import surface_page

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
FILES = sorted(TESTS.glob("*.py"))

registry.load()
SURFACE = registry.surface()
SERVICES_OF_METHOD: dict[str, set[str]] = defaultdict(set)
for _service, _names in SURFACE.items():
    for _name in _names:
        SERVICES_OF_METHOD[xform_name(_name)].add(_service)


def test_the_generated_pages_match_the_code() -> None:
    for name, page in (
        ("operations.md", surface_page.operations_page()),
        ("sources.md", surface_page.sources_page()),
    ):
        assert (DOCS / name).read_text(encoding="utf-8") == page, "run 'make docs'"


def test_everything_names_its_source() -> None:
    assert surface_page.without_source() == []


@pytest.mark.parametrize("service", SURFACE)
def test_each_operation_is_called_by_a_real_client_in_some_test(service: str) -> None:
    called = {method for of, method in CALLS if of == service}
    assert [name for name in SURFACE[service] if xform_name(name) not in called] == []


def test_calls_are_attributed_to_their_service() -> None:
    found = set(calls("""
def glue(member): return member("glue")
def test(member, glue):
    api = member("logs")
    api.tag_resource(x=1)
    glue.get_database(Name="d")
    member("sns", region_name="x").list_topics()
    member("ec2").get_paginator("describe_instances")
    unknown.tag_resource(x=1)
    unknown.create_vpc(x=1)
    run("aws", "s3api", "get-bucket-acl", "--bucket", "b")
    run("aws s3api head-bucket --bucket b")
"""))  # fmt: skip
    assert found == {
        ("logs", "tag_resource"), ("glue", "get_database"), ("sns", "list_topics"),
        ("ec2", "describe_instances"), ("ec2", "create_vpc"), ("s3", "get_bucket_acl"),
        ("s3", "head_bucket"),
    }  # fmt: skip


def calls(text: str) -> Iterator[tuple[str, str]]:
    """Return ``(service, boto3 method)`` for every call in a test file.

    A client is a call whose first argument is a service's name, or a name assigned or returned from
    such a call. A method that only one service has identifies its service.
    """
    tree = ast.parse(text)
    known = dict(_named_clients(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _command_line(node)
            first = _text(node.args[0]) if node.args else None
            if isinstance(node.func, ast.Attribute) and node.func.attr == "get_paginator" and first:
                yield from _method(first, node.func.value, known)
        if isinstance(node, ast.Attribute):
            yield from _method(node.attr, node.value, known)


def _method(method: str, client: ast.expr, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    services = SERVICES_OF_METHOD.get(method, set())
    service = _service(client, known)
    if service is None and len(services) == 1:
        service = next(iter(services))
    if service in services:
        yield str(service), method


def _named_clients(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node.targets[0], node.value):
                service = _service(value, {})
                if service and isinstance(target, ast.Name):
                    yield target.id, service
        if isinstance(node, ast.FunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    service = _service(inner.value, {})
                    if service:
                        yield node.name, service


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def _service(client: ast.expr, known: dict[str, str]) -> str | None:
    if isinstance(client, ast.Name):
        return known.get(client.id)
    if isinstance(client, ast.Attribute):
        return known.get(client.attr)
    if isinstance(client, ast.Call):
        for argument in client.args:
            if _text(argument) in SURFACE:
                return _text(argument)
    return None


def _command_line(node: ast.Call) -> Iterator[tuple[str, str]]:
    """Return the AWS CLI's calls: ``service`` and ``a-command`` in one or in adjacent strings."""
    words = [word for argument in node.args for word in (_text(argument) or "-").split()]
    for service, command in itertools.pairwise(words):
        api = {"s3api": "s3"}.get(service, service)
        method = command.replace("-", "_")
        if api in SERVICES_OF_METHOD.get(method, ()):
            yield api, method


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


CALLS = {call for path in FILES for call in calls(path.read_text(encoding="utf-8"))}
