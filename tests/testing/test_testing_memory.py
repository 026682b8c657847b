"""A sandbox in process: the same server, reached without a socket."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from front_kit import texts, until
from resync_kit import client, in_virtual_time

import livechat_customer as lc
from livechat_customer.records import Record
from livechat_customer.testing import virtual_time
from livechat_customer.testing.memory import Device, MemorySandbox
from livechat_customer.testing.plan import RandomPlan
from livechat_customer.transport.socket import OpenError

CHAT: dict[str, Any] = {"thread": {"events": [{"type": "message", "text": "Hello"}]}}


@in_virtual_time
async def test_a_conversation() -> None:
    async with MemorySandbox() as sandbox, client(sandbox.device()) as sdk:
        chat = await sdk.start_chat(chat=CHAT, continuous=True)
        sandbox.agent("Jane").send_event(chat.id, "Hi!")
        history = sdk.history(chat.id)
        await until(history, lambda items: texts(items) == ["Hello", "Hi!"])
        assert await sdk.shared_digest() == sandbox.digest((await sdk.get_customer()).id)


@in_virtual_time
async def test_devices_of_one_customer() -> None:
    async with MemorySandbox() as sandbox:
        phone = sandbox.device("phone")
        laptop = sandbox.device("laptop", identity=phone.identity)
        assert sandbox.device("phone") is phone
        async with client(phone) as one, client(laptop) as other, client(sandbox.device()) as third:
            who = [(await sdk.get_customer()).id for sdk in (one, other, third)]
            assert who[0] == who[1] == phone.identity.customer_id
            assert who[2] != who[0]


@in_virtual_time
async def test_no_network() -> None:
    async with MemorySandbox() as sandbox:
        device = sandbox.device()
        async with client(device) as sdk:
            device.go_offline()
            await until(sdk.connection, lambda it: it.status != "connected")
            await asyncio.sleep(60)
            assert sandbox.connections == []
            with pytest.raises(lc.NoConnectionError):
                await sdk.get_customer()
            device.go_online()
            await until(sdk.connection, lambda it: it.status == "connected", 60)
            assert len(sandbox.connections) == 1


@in_virtual_time
async def test_a_network_that_falls_silent() -> None:
    """The client notices by its pings, the server by its clock, both much later."""
    async with MemorySandbox() as sandbox:
        device = sandbox.device()
        async with client(device) as sdk:
            device.go_offline(silently=True)
            await asyncio.sleep(4)
            assert sdk.connection.value.status == "connected"
            assert len(sandbox.connections) == 1
            await asyncio.sleep(60)
            assert sdk.connection.value.status != "connected"
            assert sandbox.connections == []
            device.go_online()
            await sdk.connect()


@in_virtual_time
async def test_a_cut() -> None:
    async with MemorySandbox() as sandbox:
        device = sandbox.device()
        async with client(device) as sdk:
            device.cut()
            await until(sdk.connection, lambda it: it.status != "connected")
            await until(sdk.connection, lambda it: it.status == "connected", 60)
            assert (device.opened, device.fired) == (2, [])


@in_virtual_time
async def test_the_sandboxs_own_faults() -> None:
    """Tokens, refusals, silence and late effects are the server's, and work here, too."""
    async with MemorySandbox() as sandbox:
        sandbox.fault("refuse", action="token")
        sandbox.fault("refuse")
        async with client(sandbox.device()) as sdk:
            assert sandbox.device().opened == 2
            sandbox.fault("half_open", action="get_customer")
            with pytest.raises(lc.OutcomeUnknownError):
                await sdk.get_customer()
            await sdk.connect()
            number = sdk.connection.value.number
            sandbox.fault("expire_token")
            await until(
                sdk.connection, lambda it: it.status == "connected" and it.number > number, 60
            )
            sandbox.fault("error", action="token", error="invalid_grant", count=None)
            sandbox.fault("expire_token")
            destroyed = await until(sdk.connection, lambda it: it.status == "destroyed", 600)
            assert destroyed.last_error is not None


@in_virtual_time
async def test_who_gives_up_while_opening_leaves_nothing() -> None:
    async with MemorySandbox() as sandbox:
        device = sandbox.device()
        url = "ws://127.0.0.1:9/v3.5/customer/rtm/ws?organization_id=x"
        opening = asyncio.ensure_future(device.open_socket(url, {}))
        await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await sandbox.wait_until(lambda: not sandbox.connections)
        with pytest.raises(OpenError, match="403"):
            await device.open_socket(url.replace("ws?", "nowhere?"), {})


async def lived(seed: int) -> tuple[list[Record], str, float, int]:
    """A client's life on a bad network: its records, the plan, how long it took, connections."""
    plan = RandomPlan(seed, rate=3.0, kinds=["refuse", "cut_before", "cut_after", "half_open"])
    async with MemorySandbox(seed=seed) as sandbox:
        device = sandbox.device(plan=plan)
        records: list[Record] = []
        async with lc.init(**device.options(), log=":memory:") as sdk:
            sdk.records.subscribe(records.append)
            handle = sdk.outbox.send_event(None, lc.Message(text="Hello"))
            async with asyncio.timeout(3_600):
                await handle
            for number in range(3):
                sandbox.agent("Jane").send_event(next(iter(sandbox.chats)), str(number))
                await asyncio.sleep(40)
        return records, str(plan), asyncio.get_running_loop().time(), device.opened


def without_order(made: Callable[[int], Awaitable[Any]], seed: int) -> Any:
    async def main() -> Any:
        return await made(seed)

    return virtual_time.run(main())


@pytest.mark.parametrize("seed", [1, 6])
def test_a_seed_is_a_life(seed: int) -> None:
    """The same records with the same times, to the last byte."""
    first = without_order(lived, seed)
    gc.collect()
    assert without_order(lived, seed) == first
    assert first[3] > 1
    assert without_order(lived, seed + 100)[0] != first[0]


@in_virtual_time
async def test_after_the_block_nothing_is_left() -> None:
    before = asyncio.all_tasks()
    async with MemorySandbox() as sandbox:
        device = sandbox.device()
        sdk = await lc.init(**device.options(), log=":memory:").open()
        await sdk.connect()
        sandbox.fault("half_open", action="get_customer")
        asking = asyncio.ensure_future(sdk.get_customer())
        await sandbox.wait_until(lambda: any(one.silent for one in sandbox.connections))
    await sdk.aclose()
    await asyncio.gather(asking, return_exceptions=True)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert isinstance(device, Device)
