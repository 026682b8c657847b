"""Rules every test is held to: it leaves nothing running, and nothing of ours blocks the loop."""

from __future__ import annotations

import asyncio
import gc
import inspect
import itertools
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    max_examples=50,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("soak", max_examples=2_000, deadline=None)
settings.register_profile("again", settings.get_profile("ci"), max_examples=5)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

ROOMS = [
    "livechat_customer",
    "livechat_customer.store",
    "livechat_customer.transport",
    "livechat_customer.projections",
    "livechat_customer.migrations",
]


def open_sockets() -> set[str]:
    """The process's open sockets, by the kernel's names."""
    found: set[str] = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


def gone(left: Callable[[], object], seconds: float = 2.0) -> bool:
    """Whether `left()` becomes empty: threads and sockets end a moment after they were closed."""
    end = time.monotonic() + seconds
    while left():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def pytest_collection_finish() -> None:
    """What is imported by now lives to the end: each test's `gc.collect()` need not look at it."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The loop's checks wrap every coroutine test from the outside: set up first, torn down last."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.insert(0, "clean_loop")


@pytest.fixture
async def clean_loop() -> AsyncIterator[None]:
    """Fails the test when it leaves a task behind or when our code blocks the event loop."""
    loop = asyncio.get_running_loop()
    reported: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, context: reported.append(context))
    before = asyncio.all_tasks()
    with blockbuster_ctx(ROOMS):
        yield
    # A task that was cancelled or has just finished needs a turn of the loop to be off the list.
    for _ in range(3):
        await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() - before if task is not asyncio.current_task()]
    gc.collect()
    assert not left, f"tasks left behind: {left}"
    assert not reported, f"errors that only the event loop saw: {reported}"


_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What no option places elsewhere goes to a folder of the test's own, never to the user's."""
    folder = tmp_path_factory.getbasetemp() / "data" / str(next(_numbers))
    os.environ["XDG_DATA_HOME"] = str(folder)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Fails the test when it leaves a thread or a socket behind."""
    threads, sockets = set(threading.enumerate()), open_sockets()
    yield

    def left_threads() -> list[threading.Thread]:
        # asyncio.to_thread's pool lives as long as its loop; its idle workers are no leak.
        return [
            thread
            for thread in threading.enumerate()
            if thread not in threads and not thread.name.startswith("asyncio_")
        ]

    assert gone(left_threads), f"threads left behind: {left_threads()}"
    assert gone(lambda: open_sockets() - sockets), "sockets left behind"
