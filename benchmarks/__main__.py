"""`python -m benchmarks [--json] [--smoke] [names…]`"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import platform
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, cast

import msgspec

import benchmarks
from benchmarks.harness import Figure, Result, Scale

NOT_BENCHMARKS = {"harness", "baselines"}
MODULES = {"import": "import_time"}
"""Where a benchmark's name can be no module's."""
SMOKE = Scale(smoke=True, rounds=1)


def names() -> list[str]:
    """All benchmarks: the modules of this package."""
    found = {module.name for module in pkgutil.iter_modules(benchmarks.__path__)} - NOT_BENCHMARKS
    named = {module: name for name, module in MODULES.items()}
    return sorted(named.get(name, name) for name in found if not name.startswith("_"))


def run(name: str, scale: Scale) -> Result:
    module = importlib.import_module(f"benchmarks.{MODULES.get(name, name)}")
    return cast("Callable[[Scale], Result]", module.run)(scale)


def line(name: str, figure: Figure, scale: Scale) -> str:
    judged = "smoke" if scale.smoke else {True: "ok", False: "miss", None: ""}[figure.ok]
    bound = "" if figure.floor is None else f"{'<=' if figure.at_most else '>='} {figure.floor:g}"
    return (
        f"{name:<16} {figure.label:<30} {figure.ratio:7.2f}  {bound:<8} {judged:<6} "
        f"{figure.ours:,.0f} : {figure.baseline:,.0f} {figure.unit}\n"
    )


def as_json(result: Result, scale: Scale, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(result)
    for plain, figure in zip(found["figures"], result.figures, strict=True):
        plain["ok"] = None if scale.smoke else figure.ok
    return {**found, "seconds": round(seconds, 1)}


def main(arguments: list[str]) -> int:
    known = names()
    parser = argparse.ArgumentParser("python -m benchmarks", description=benchmarks.__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(known))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, nothing judged")
    given = parser.parse_args(arguments)
    unknown = sorted(set(given.names) - set(known))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)} (there are: {', '.join(known)})")
    scale = SMOKE if given.smoke else Scale()
    results: list[dict[str, Any]] = []
    crashed: list[str] = []
    for name in given.names or known:
        started = time.perf_counter()
        try:
            result = run(name, scale)
        except Exception:  # noqa: BLE001 - the others still run
            traceback.print_exc()
            crashed.append(name)
            continue
        results.append(as_json(result, scale, time.perf_counter() - started))
        if not given.json:
            sys.stdout.writelines(line(name, figure, scale) for figure in result.figures)
            sys.stdout.flush()
    if given.json:
        machine = {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "cpus": os.cpu_count(),
            "system": platform.platform(),
        }
        whole = {"machine": machine, "results": results, "crashed": crashed}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
