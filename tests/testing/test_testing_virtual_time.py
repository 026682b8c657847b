"""Time that jumps when nothing is to be done, and stands still while a thread works."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.store import open_log
from livechat_customer.testing import virtual_time
from livechat_customer.testing.virtual_time import (
    EPOCH,
    SECOND,
    StandstillError,
    VirtualLoop,
    VirtualTimeError,
    wall_clock,
)

DAY = 86_400.0


def test_a_year_passes_at_once() -> None:
    async def main() -> tuple[float, int]:
        started = wall_clock()
        await asyncio.sleep(365 * DAY)
        return asyncio.get_running_loop().time(), wall_clock() - started

    assert virtual_time.run(main()) == (365 * DAY, 365 * DAY * SECOND)


def test_both_clocks_begin_where_they_say() -> None:
    async def main() -> tuple[float, int]:
        return asyncio.get_running_loop().time(), wall_clock()

    assert virtual_time.run(main()) == (0.0, EPOCH)


def test_outside_of_it_the_clock_is_the_machines() -> None:
    before = time.time_ns() // 1_000
    assert before <= wall_clock() <= time.time_ns() // 1_000

    async def main() -> int:
        return wall_clock()

    assert before <= asyncio.run(main()) <= time.time_ns() // 1_000


@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_timers_fire_in_their_order(seconds: list[float]) -> None:
    async def main() -> list[float]:
        fired: list[float] = []

        async def wait(delay: float) -> None:
            await asyncio.sleep(delay)
            fired.append(delay)

        await asyncio.gather(*map(wait, seconds))
        return fired

    # Not nearer to each other than a timer's least.
    rounded = [round(one, 3) for one in virtual_time.run(main())]
    assert rounded == sorted(round(one, 3) for one in seconds)


def test_a_time_out_does_not_fire_while_a_thread_works() -> None:
    gate = threading.Event()

    async def main() -> tuple[bool, float]:
        async with asyncio.timeout(0.001):
            # One is let go by the other: all there is to wait for are threads.
            waiting = asyncio.to_thread(gate.wait, 10)
            passed, _ = await asyncio.gather(waiting, asyncio.to_thread(gate.set))
            return passed, asyncio.get_running_loop().time()

    assert virtual_time.run(main()) == (True, 0.0)


def test_a_time_out_fires_where_nobody_works() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(7):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert virtual_time.run(main()) == 7.0


def test_work_that_nobody_waits_for_any_more_is_waited_for() -> None:
    gate = threading.Event()

    async def main() -> str:
        waiting = asyncio.ensure_future(asyncio.to_thread(gate.wait, 10))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        gate.set()
        await asyncio.sleep(DAY)
        return "well"

    assert virtual_time.run(main()) == "well"


def test_a_timer_for_now_does_not_stop_the_clock() -> None:
    """Sums of floats are rounded: what looks at the clock and sets itself anew must get on."""

    async def main() -> int:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(1e6)
        over = asyncio.Event()
        end, turns = loop.time() + 1e-5, 0

        def look() -> None:
            nonlocal turns
            turns += 1
            if loop.time() < end:
                loop.call_later(0.0, look)
            else:
                over.set()

        look()
        await over.wait()
        return turns

    assert virtual_time.run(main()) < 50


def test_a_standstill_is_an_error() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(StandstillError, match="Every task waits"):
        virtual_time.run(main())


def test_sockets_are_refused() -> None:
    async def main() -> None:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            await asyncio.open_connection("127.0.0.1", port)

    with pytest.raises(VirtualTimeError, match="sockets"):
        virtual_time.run(main())


def test_a_log_in_a_file_is_refused(tmp_path: Path) -> None:
    """aiosqlite's thread is none of the loop's: its answer would always come too late."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        answered = loop.create_future()
        done = threading.Event()

        def answer() -> None:
            loop.call_soon_threadsafe(answered.set_result, None)
            done.set()

        threading.Thread(target=answer).start()
        done.wait(10)
        await answered

    with pytest.raises(VirtualTimeError, match="log in memory"):
        virtual_time.run(main())
    assert open_log(tmp_path / "x.db") is not None


def test_errors_come_out_and_nothing_is_left() -> None:
    async def main() -> None:
        await asyncio.to_thread(time.perf_counter)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        virtual_time.run(main())
    loop = VirtualLoop()
    loop.close()
    assert loop.is_closed()


def test_the_package_needs_no_pytest() -> None:
    script = (
        "import sys, livechat_customer.testing, livechat_customer.testing.memory, "
        "livechat_customer.testing.proxy, livechat_customer.testing.virtual_time\n"
        "assert 'pytest' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
