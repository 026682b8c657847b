"""Named timers, and the watch for lost time."""

from __future__ import annotations

import asyncio

from livechat_customer.timers import AWAY_SECONDS, Timers


class Ears:
    def __init__(self) -> None:
        self.heard: list[str] = []
        self.wall = 0.0
        self.fired = asyncio.Event()
        self.timers = Timers(self._fired, self._away, lambda: self.wall)

    def _fired(self, name: str) -> None:
        self.heard.append(name)
        self.fired.set()

    def _away(self, seconds: float) -> None:
        self.heard.append(f"away {seconds > AWAY_SECONDS}")


async def test_a_timer_fires_once_and_setting_it_again_moves_it() -> None:
    ears, now = Ears(), asyncio.get_running_loop().time()
    ears.timers.set("ping", now + 3600)
    ears.timers.set("ping", now)
    assert len(ears.timers) == 1
    await ears.fired.wait()
    assert ears.heard == ["ping"]
    assert len(ears.timers) == 0


async def test_a_cancelled_timer_does_not_fire() -> None:
    ears, now = Ears(), asyncio.get_running_loop().time()
    ears.timers.set("ping", now)
    ears.timers.set("login", now)
    ears.timers.cancel("ping")
    ears.timers.cancel("never set")
    await ears.fired.wait()
    assert ears.heard == ["login"]
    ears.timers.set("ping", now + 3600)
    ears.timers.clear()
    assert len(ears.timers) == 0


async def test_a_wall_clock_that_jumped_tells_of_being_away_first() -> None:
    ears = Ears()
    ears.timers.set("ping", asyncio.get_running_loop().time())
    ears.wall += 600
    await ears.fired.wait()
    assert ears.heard == ["away True", "ping"]
