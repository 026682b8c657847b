"""What must hold at a quiet point."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from msgspec import structs
from soak.device import Device
from soak.telling import Broken, described, differences
from soak.world import World

import livechat_customer as lc
from livechat_customer.models import Event
from livechat_customer.models.events import SYSTEM_AUTHOR
from livechat_customer.models.times import parse_us
from livechat_customer.projections.values import Gap, PendingEvent


@dataclass
class Findings:
    """What does not hold, all of it: one finding often explains another."""

    said: list[str] = field(default_factory=list[str])

    def check(self, holds: object, what: str) -> None:
        if not holds:
            self.said.append(what)


async def check_quiet(world: World) -> None:
    """Raises Broken, with everything that does not hold."""
    findings = Findings()
    for device in world.devices:
        await check_device(world, device, findings)
    if findings.said:
        raise Broken("\n".join([*findings.said, await described(world)]))


async def check_device(world: World, device: Device, findings: Findings) -> None:
    sdk, name = device.live, f"device {device.number}"
    for error in device.surprises:
        findings.check(False, f"{name}: {error!r}")
    device.surprises.clear()
    digest = await sdk.shared_digest()
    expected = world.sandbox.digest(world.customer_id, device.version)
    if digest != expected:
        what = await differences(world, device)
        findings.check(False, f"{name}: the digest is not the server's\n{what}")
    chat_id = world.chat_known_to(device)
    if chat_id is None:
        findings.check(world.chat is None, f"{name}: does not know the chat")
    else:
        # As long as somebody holds the view it is kept up.
        view = sdk.history(chat_id)
        await view.ready()
        await check_history(world, device, chat_id, findings)
        check_unread(world, device, chat_id, findings)
    check_messages(world, device, findings)
    await check_consumed(device, findings)
    await check_replay(device, chat_id, findings)
    twice = [key for key, count in device.told.items() if count > 1]
    findings.check(not twice, f"{name}: event_added told {twice} more than once")
    findings.check(not device.doubled, f"{name}: doubled {device.doubled}")


async def check_history(world: World, device: Device, chat_id: str, findings: Findings) -> None:
    """The history has nothing that the server never had, nothing twice, and where it shows no gap
    there is none."""
    name, sdk = f"device {device.number}", device.live
    history = sdk.history(chat_id).value
    assert history is not None
    assert not history.loading
    items = list(history)
    mirror = device.mirror
    if mirror is not None and mirror.chat_id == chat_id:
        findings.check(list(mirror.items) == items, f"{name}: the changes don't lead to the value")
    ids = [item.id for item in items if isinstance(item, Event)]
    twice = [key for key, count in Counter(ids).items() if count > 1]
    findings.check(not twice, f"{name}: shows {twice} more than once")
    unknown = [key for key in ids if key not in world.ever]
    findings.check(not unknown, f"{name}: shows {unknown}, which never was")
    order = [(parse_us(i.created_at), i.id) for i in items if isinstance(i, Event)]
    moments = [moment for moment, _ in order]
    findings.check(moments == sorted(moments), f"{name}: the history is out of order")
    pending = [i for i, item in enumerate(items) if isinstance(item, PendingEvent)]
    findings.check(
        pending == list(range(len(items) - len(pending), len(items))),
        f"{name}: pending messages are not the last ones",
    )
    chat = world.chat
    assert chat is not None
    findings.check(chat.id == chat_id, f"{name}: knows another chat")
    if not device.crashes:
        untold = [key for key in ids if key not in device.told]
        findings.check(not untold, f"{name}: event_added never told of {untold}")
    await check_threads(world, device, chat_id, items, findings)


async def check_threads(
    world: World, device: Device, chat_id: str, items: list[Any], findings: Findings
) -> None:
    """Between threads with no gap between them none is missing, and none lacks an event."""
    name, sdk = f"device {device.number}", device.live
    chat = world.chat
    assert chat is not None
    shown: dict[str, set[str]] = {}
    gaps: set[tuple[str, str]] = set()
    for item in items:
        if isinstance(item, Gap):
            gaps.add((item.after, item.before))
        elif isinstance(item, Event):
            assert item.thread_id is not None
            shown.setdefault(item.thread_id, set()).add(item.id)
    server = [thread.id for thread in chat.threads]
    # A thread that is known by its name alone has no place in the history yet.
    views = {tid: sdk.thread(chat_id, tid) for tid in server}
    for each in views.values():
        await each.ready()
    threads = {tid: each.value for tid, each in views.items()}
    known = [
        tid
        for tid, it in threads.items()
        if tid in shown or (it is not None and it.info.created_at)
    ]
    place = {tid: number for number, tid in enumerate(server)}
    for older, newer in pairwise(known):
        between = server[place[older] + 1 : place[newer]]
        # One that is known by its name, and by what was changed or deleted in it, shows nothing.
        apart = sum(threads[tid] is None for tid in between)
        said = any(
            place[older] <= place[after] and place[before] <= place[newer] for after, before in gaps
        )
        findings.check(
            not apart or said,
            f"{name}: {apart} threads missing from {older} to {newer}, with no gap but {gaps}",
        )
    history = sdk.history(chat_id).value
    assert history is not None
    if history.start_reached:
        findings.check(known[:1] == server[:1], f"{name}: a false beginning of the history")
    newest = chat.threads[-1]
    findings.check(known[-1:] == [newest.id], f"{name}: the newest thread is missing")
    for thread in chat.threads:
        view = threads[thread.id]
        if view is None or view.info.as_of is None or view.info.partial:
            continue
        there = {event["id"] for event in thread.events if world.told_to(device, event)}
        here = {event.id for event in view}
        may_be = {event["id"] for event in thread.events if world.shown(event)}
        missing, more = sorted(there - here), sorted(here - may_be)
        if thread is newest or thread.active or view.info.settled:
            findings.check(not missing, f"{name}: {missing} missing in thread {thread.id}")
        if thread is newest:
            findings.check(not more, f"{name}: {more} in thread {thread.id} should be gone")
        gone = here - shown.get(thread.id, set())
        findings.check(not gone, f"{name}: the thread has {sorted(gone)}, the history has not")


def check_unread(world: World, device: Device, chat_id: str, findings: Findings) -> None:
    """All that the history shows of others above the customer's mark counts as unread; of threads
    that were not read (lately) there may be one or the other event, since deleted or not."""
    chat, item = world.chat, device.live.chat(chat_id).value
    history = device.live.history(chat_id).value
    assert chat is not None
    assert item is not None
    mark = chat.members[world.customer_id].events_seen_up_to or ""
    nobody = (None, SYSTEM_AUTHOR, world.customer_id)
    least = {
        event.id
        for event in history or ()
        if isinstance(event, Event) and event.author_id not in nobody and event.created_at > mark
    }
    most = least | {
        key for key, (author, at) in world.ever.items() if author not in nobody and at > mark
    }
    findings.check(
        len(least) <= item.unread <= len(most),
        f"device {device.number}: {item.unread} unread of {least} to {most}",
    )


def check_messages(world: World, device: Device, findings: Findings) -> None:
    """Each message that was given to the outbox is at the server once, and in order."""
    name = f"device {device.number}"
    places: dict[str, list[int]] = {}
    chat = world.chat
    events = [e for thread in chat.threads for e in thread.events] if chat is not None else []
    for place, event in enumerate(events):
        places.setdefault(event.get("custom_id", ""), []).append(place)
    held = {entry.custom_id: entry for entry in device.outbox}
    reached: list[int] = []
    for given in device.given:
        found = places.get(given.custom_id, [])
        entry = held.get(given.custom_id)
        findings.check(len(found) < 2, f"{name}: {given.text!r} is at the server twice")
        if found and not (given.cancelled or given.unsure):
            # What was cancelled in doubt no longer holds up the others, and may still arrive.
            reached.append(found[0])
        if entry is not None:
            findings.check(not found, f"{name}: {given.text!r} is sent and {entry.state}")
            findings.check(
                not given.cancelled, f"{name}: {given.text!r} is cancelled and {entry.state}"
            )
        elif given.refused:
            findings.check(not found, f"{name}: {given.text!r} was refused and sent")
        elif not (
            found
            or given.cancelled
            or given.unsure
            or given.lost
            or given.custom_id in world.deleted
        ):
            findings.check(False, f"{name}: {given.text!r} ({given.custom_id}) is lost")
    findings.check(reached == sorted(reached), f"{name}: messages out of order: {reached}")


async def check_consumed(device: Device, findings: Findings) -> None:
    """Who reads the log from its beginning hears of every event once, and of all that handlers
    were told of."""
    consumed: Counter[str] = Counter()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(device.ground.seconds(10.0)):
            async for item in device.live.consume("event_added", since=0):
                consumed[item.payload.event.id] += 1
    name = f"device {device.number}"
    twice = [key for key, count in consumed.items() if count > 1]
    findings.check(not twice, f"{name}: a consumer hears of {twice} more than once")
    missed = sorted(device.told.keys() - consumed.keys())
    findings.check(not missed, f"{name}: a consumer does not hear of {missed}")
    if not device.crashes:
        more = sorted(consumed.keys() - device.told.keys())
        findings.check(not more, f"{name}: event_added never told of {more}")


async def check_replay(device: Device, chat_id: str | None, findings: Findings) -> None:
    """The log gives the same state again."""
    name, sdk = f"device {device.number}", device.live
    async with lc.replay(sdk.log) as replay:
        await replay.run()
        same = replay.root_digest() == sdk.root_digest()
        findings.check(same, f"{name}: a replay of the log gives another root state")
        same = await replay.state_digest() == await sdk.state_digest()
        findings.check(same, f"{name}: a replay of the log gives another state")
        # Who is typing right now is not kept over a restart.
        chats = [
            [structs.replace(chat, typing=()) for chat in view.value]
            for view in (replay.chats, sdk.chats)
        ]
        findings.check(chats[0] == chats[1], f"{name}: the replayed chats differ")
        findings.check(
            list(replay.outbox.value) == list(sdk.outbox.value),
            f"{name}: the replayed outbox differs",
        )
        if chat_id is not None:
            again, live = replay.history(chat_id), sdk.history(chat_id)
            await again.ready()
            await live.ready()
            assert again.value is not None
            assert live.value is not None
            findings.check(
                list(again.value) == list(live.value), f"{name}: the replayed history differs"
            )
