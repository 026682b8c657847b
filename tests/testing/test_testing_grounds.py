"""Each fault of the network, in process and over real sockets: the same thing happens."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from testing_kit import GROUNDS, MEMORY, TCP, Ground, ask_all, ground, opened

from livechat_customer.testing.plan import FixedPlan
from livechat_customer.testing.wire_faults import DOWN, KINDS, UP, Fault
from livechat_customer.transport.socket import OpenError, SocketClosed

ALL = ["login", "1", "2", "3"]
"""What comes where nothing goes wrong."""

PASSING: dict[str, tuple[Fault, list[str], int]] = {
    "nothing": (Fault(kind="delay", at=99), ALL, 4),
    "delay": (Fault(kind="delay", of="answer", at=2, seconds=0.01), ALL, 4),
    "delay up": (Fault(kind="delay", way=UP, at=2, seconds=0.01), ALL, 4),
    "delay opening": (Fault(kind="delay", at=0, seconds=0.01), ALL, 4),
    "lose": (Fault(kind="lose", of="get_customer"), ["login", "2", "3"], 4),
    "lose up": (Fault(kind="lose", way=UP, of="get_customer", at=2), ["login", "1", "3"], 3),
    "duplicate": (Fault(kind="duplicate", of="answer", at=2), ["login", "1", "1", "2", "3"], 4),
    "duplicate up": (Fault(kind="duplicate", way=UP, at=3), ["login", "1", "2", "2", "3"], 5),
    "reorder": (Fault(kind="reorder", of="answer", at=2), ["login", "2", "1", "3"], 4),
    "reorder up": (Fault(kind="reorder", way=UP, at=2), ["login", "2", "1", "3"], 4),
    "slow": (Fault(kind="slow", at=2, seconds=0.001), ALL, 4),
    "slow up": (Fault(kind="slow", way=UP, at=2, seconds=0.001), ALL, 4),
}
"""The connection lives on: (fault, answers in their order, requests the server got)."""


@pytest.mark.parametrize("kind", GROUNDS)
@pytest.mark.parametrize("name", PASSING)
async def test_what_comes_in_spite_of_it(kind: str, name: str) -> None:
    fault, came, heard = PASSING[name]
    async with ground(kind, FixedPlan(fault)) as place, opened(place) as client:
        await ask_all(client, place.token)
        assert await client.until("3") == came
        assert len(place.heard) == heard
        assert place.fired() == ([] if name == "nothing" else [(1, fault)])


CUTS: dict[str, tuple[Fault, list[str] | None, int | None]] = {
    "before": (Fault(kind="cut_before", of="answer", at=3), ["login", "1"], None),
    "after": (Fault(kind="cut_after", of="answer", at=3), ["login", "1", "2"], None),
    "before, up": (Fault(kind="cut_before", way=UP, of="get_customer", at=2), None, 2),
    "after, up": (Fault(kind="cut_after", way=UP, of="get_customer", at=2), None, 3),
}
"""(fault, answers that came, requests the server got); None where both can be."""


@pytest.mark.parametrize("kind", GROUNDS)
@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("name", CUTS)
async def test_a_cut(kind: str, reset: bool, name: str) -> None:
    fault, came, heard = CUTS[name]
    fault = Fault(kind=fault.kind, way=fault.way, of=fault.of, at=fault.at, reset=reset)
    async with ground(kind, FixedPlan(fault)) as place, opened(place) as client:
        with contextlib.suppress(SocketClosed):
            await ask_all(client, place.token)
        end = await client.end()
        assert (end.code, end.clean) == (1006, False)
        await place.sandbox.wait_until(lambda: not place.sandbox.connections)
        if came is not None:
            assert client.came == came
        if heard is not None:
            assert len(place.heard) == heard
        assert place.fired() == [(1, fault)]
        await works(place)


@pytest.mark.parametrize("kind", GROUNDS)
@pytest.mark.parametrize("fault", [Fault(kind="refuse"), Fault(kind="cut_before", at=0)], ids=str)
async def test_no_connection(kind: str, fault: Fault) -> None:
    async with ground(kind, FixedPlan(fault)) as place:
        with pytest.raises(OpenError) as raised:
            await place.open()
        assert not raised.value.final
        assert ("HTTP 403" in raised.value.message) is (fault.kind == "refuse")
        assert place.sandbox.connections == []
        await works(place)


@pytest.mark.parametrize("kind", GROUNDS)
@pytest.mark.parametrize("way", [UP, DOWN])
async def test_half_open(kind: str, way: str) -> None:
    """Neither end hears of the other any more, nor that it has gone."""
    fault = Fault(kind="half_open", way=way, of="get_customer")
    async with ground(kind, FixedPlan(fault)) as place:
        async with opened(place) as client:
            await client.ask("login", "login", token=f"Bearer {place.token}")
            await client.until("login")
            await client.ask("1", "get_customer")
            async with asyncio.timeout(10):
                while not place.fired():  # noqa: ASYNC110 - a fault sets no event
                    await asyncio.sleep(0)
        await works(place)
        assert client.came == ["login"]
        assert place.heard.count("get_customer") == (4 if way == DOWN else 3)
        # The server still believes in it.
        assert place.sandbox.connections[0].number == 1
        place.sandbox.disconnect()


@pytest.mark.parametrize("kind", GROUNDS)
async def test_a_goodbye_is_heard(kind: str) -> None:
    async with ground(kind) as place:
        async with opened(place) as client:
            await ask_all(client, place.token)
            await client.until("3")
            await client.socket.close(1000)
        await place.sandbox.wait_until(lambda: not place.sandbox.connections)
        async with opened(place) as client:
            await ask_all(client, place.token)
            await client.until("3")
            place.sandbox.disconnect(reason="inactivity_timeout")
            end = await client.end()
            assert client.came[-1] == "customer_disconnected"
            assert (end.code, end.clean) == (1000, True)
            with pytest.raises(SocketClosed):
                await client.ask("4", "ping")


@pytest.mark.parametrize("kind", GROUNDS)
async def test_who_does_not_read_makes_the_other_wait(kind: str) -> None:
    """A slow reader: frames pile up at the server, and it gives up on the connection."""
    fault = Fault(kind="slow", at=3, seconds=60.0)
    async with ground(kind, FixedPlan(fault)) as place, opened(place) as client:
        await ask_all(client, place.token)
        await place.sandbox.wait_until(lambda: len(place.heard) == 4)
        (connection,) = place.sandbox.connections
        for _ in range(40):
            place.sandbox.push("incoming_multicast", {"content": "x" * 1_000_000})
        await place.sandbox.wait_until(lambda: connection.unsent > 10_000_000)
        assert await client.next() == "login"
        assert await client.next() == "1"
        assert connection.unsent > 10_000_000
        for _ in range(40):
            place.sandbox.push("incoming_multicast", {"content": "x" * 1_000_000})
        # More than it keeps for one connection (limits.unsent).
        assert connection.ending


async def works(place: Ground) -> None:
    """The next connection is a good one."""
    async with opened(place) as client:
        await ask_all(client, place.token)
        assert await client.until("3") == ALL


def test_every_kind_is_shown() -> None:
    shown = {fault.kind for fault, _, _ in PASSING.values()}
    shown |= {fault.kind for fault, _, _ in CUTS.values()}
    # The others have tests of their own.
    assert set(KINDS) - shown == {"refuse", "half_open", "cut_at_byte"}
    assert {MEMORY, TCP} == set(GROUNDS)
