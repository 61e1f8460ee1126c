"""``python -m tests.bench [NAME …]``: run all benchmarks, or only those given."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.bench


def main(wanted: list[str]) -> None:
    """Run the benchmarks one after the other."""
    names = [module.name for module in pkgutil.iter_modules(tests.bench.__path__)]
    for name in sorted(name for name in names if name.startswith("bench_")):
        if not wanted or name.removeprefix("bench_") in wanted:
            print(f"== {name.removeprefix('bench_')}", flush=True)
            importlib.import_module(f"tests.bench.{name}").main()


main(sys.argv[1:])
