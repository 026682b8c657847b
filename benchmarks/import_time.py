"""`import livechat_customer`, each time in a fresh process.

Baseline: importing all of its dependencies.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.harness import Result, Scale, alternate

OURS = "import livechat_customer"
ALL = (
    "import aiosqlite, alembic.command, filelock, httpx, msgspec, platformdirs, reactivex, "
    "sqlalchemy.ext.asyncio, websockets.asyncio.client"
)
CODE = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


def seconds(imports: str) -> float:
    """How long the imports take in a process that has done nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(imports)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def run(scale: Scale) -> Result:
    rounds = alternate(scale, lambda: 1_000 * seconds(OURS), lambda: 1_000 * seconds(ALL))
    return Result(
        "import",
        "import livechat_customer",
        "importing all of its dependencies",
        [rounds.cost("time", floor=0.5, unit="ms")],
    )
