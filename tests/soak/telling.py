"""What a failure says: where everybody stood, and what differs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby, islice, zip_longest
from typing import Any, cast

from soak.device import Device
from soak.world import World

from livechat_customer.hydrate import whole_state
from livechat_customer.models import Event
from livechat_customer.models.canonical import canonical_json
from livechat_customer.projections.digests import shared_document as client_document
from livechat_customer.sandbox.digest import shared_document as server_document
from livechat_customer.sandbox.structures import visible


class Broken(AssertionError):
    """Something that must hold does not."""


async def described(world: World) -> str:
    """Where everybody stands."""
    chat = world.chat
    threads = [] if chat is None else chat.threads
    counts = {thread.id: sum(map(visible, thread.events)) for thread in threads}
    lines = [f"server: {counts}, active {chat is not None and chat.open_thread is not None}"]
    for device in world.devices:
        lines.append(f"device {device.number}:")
        if device.sdk is None:
            lines.append("  off")
            continue
        lines += [f"  {device.sdk.connection.value}", f"  {device.sdk.sync.value}"]
        lines.append(f"  {len(device.tasks)} requests under way")
        for entry in device.outbox:
            lines.append(f"  {entry.custom_id} {entry.chat_id} {entry.state} {entry.error}")
        if chat is not None:
            view = device.sdk.history(chat.id)
            await view.ready()
            lines.append(f"  history: {shape(view.value or ())}")
    return "\n".join(lines)


async def differences(world: World, device: Device) -> str:
    """Where the client's document is not the server's."""
    sdk = device.live
    (info,) = await sdk.log.streams()
    state = await whole_state(await sdk.log.follow(info.key), info.last_seq)
    customer = world.sandbox.customers[world.customer_id]
    theirs = server_document(world.ground.world, customer, device.version)
    mine = json.loads(canonical_json(client_document(state.root, state.chats)))
    server = json.loads(canonical_json(theirs))
    return "\n".join(islice(_differences("", mine, server), 12))


def _differences(place: str, mine: Any, server: Any) -> Iterator[str]:
    if isinstance(mine, dict) and isinstance(server, dict):
        one, other = cast("dict[str, Any]", mine), cast("dict[str, Any]", server)
        for key in sorted({*one, *other}):
            yield from _differences(f"{place}/{key}", one.get(key), other.get(key))
    elif isinstance(mine, list | tuple) and isinstance(server, list | tuple):
        pairs = zip_longest(cast("list[Any]", mine), cast("list[Any]", server))
        for number, (left, right) in enumerate(pairs):
            yield from _differences(f"{place}/{number}", left, right)
    elif mine != server:
        yield f"  {place}: {mine} instead of {server}"


def shape(items: Iterable[object]) -> list[str]:
    """The threads with the number of their events, and what stands between them."""
    found: list[str] = []
    for name, group in groupby(items, _place):
        found.append(f"{name} {len(list(group))}")
    return found


def _place(item: object) -> str:
    return str(item.thread_id) if isinstance(item, Event) else type(item).__name__
