"""No module imports itself, not even through others, under ``TYPE_CHECKING``, or inside a function."""

from __future__ import annotations

import graphlib

import grimp


def cycle_in(imports: dict[str, set[str]]) -> list[str]:
    """One cycle among modules, or an empty list."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_a_cycle_through_others_is_found() -> None:
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(cycle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}})) == {"b", "c"}


def test_modules_have_no_import_cycles() -> None:
    graph = grimp.build_graph("pocketaws", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 100
    assert cycle_in(imports) == []
