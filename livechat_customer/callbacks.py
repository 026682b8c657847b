"""Calling what users gave us: what it raises and how long it takes hurts nobody else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

logger = logging.getLogger(__name__)

SLOW_S: Final = 0.05
"""A plain callback that takes longer is named in the log: it holds up the whole event loop."""

Report = Callable[[str, Exception], None]
"""Told who raised, and what. It logs: `guarded` does not."""


def guarded(where: str, failed: Report, callback: Callable[..., object], *given: Any) -> None:
    """`callback(*given)`; what it raises goes to `failed`, with `where`: who was called."""
    started = time.perf_counter()
    try:
        callback(*given)
    except Exception as error:  # noqa: BLE001 - user code
        failed(where, error)
    took = time.perf_counter() - started
    if took > SLOW_S:
        logger.warning("%s took %d ms; hand long work to a task", where, took * 1_000)
