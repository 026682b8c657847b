"""What the customer does on a device. Requests run beside the rest: their errors are expected."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from soak.device import Device
from soak.steps import Step
from soak.world import World

import livechat_customer as lc
from livechat_customer.projections.values import Gap

FOR_AGENTS = {"type": "message", "text": "for agents", "recipients": "agents"}


async def customer_act(world: World, step: Step) -> None:
    """The device that is meant does it, if it is on and there is what it is about."""
    device = world.devices[step.who % len(world.devices)]
    if device.sdk is None:
        return
    if step.kind in _ANYWHERE:
        _ANYWHERE[step.kind](world, device, step)
        return
    chat_id = world.chat_known_to(device)
    if chat_id is None:
        return
    if step.kind in _IN_A_CHAT:
        _IN_A_CHAT[step.kind](world, device, chat_id, step)
    else:
        device.start(_REQUESTS[step.kind](world, device, chat_id, step))


def _queue_message(world: World, device: Device, chat_id: str, step: Step) -> None:
    _queue(world, device, chat_id, step)


def _queue_anywhere(world: World, device: Device, step: Step) -> None:
    _queue(world, device, None, step)


def _queue(world: World, device: Device, chat_id: str | None, step: Step) -> None:
    text = world.next_text()
    events: list[dict[str, Any]] = [
        {"type": "message", "text": text},
        {"type": "message", "text": text},
        {"type": "custom", "content": {"text": text}},
        {"type": "message", "text": text, "custom_id": f"app {text}"},
        {"type": "system_message", "system_message_type": "x", "text": text, "recipients": "all"},
    ]
    event = events[step.a % len(events)]
    device.queue(chat_id, event, text, continuous=step.b % 4 != 0)


def _queue_seen(world: World, device: Device, chat_id: str, step: Step) -> None:
    known = world.events_known_to(device)
    if known:
        _, event = known[step.a % len(known)]
        device.live.outbox.mark_events_as_seen(chat_id, event["created_at"])


def _retry(world: World, device: Device, step: Step) -> None:
    entries = device.outbox
    if entries:
        device.live.outbox.handle(entries[step.a % len(entries)].custom_id).retry()


def _cancel(world: World, device: Device, step: Step) -> None:
    entries = device.outbox
    if entries:
        custom_id = entries[step.a % len(entries)].custom_id
        if device.live.outbox.handle(custom_id).cancel():
            for given in device.given:
                given.cancelled |= given.custom_id == custom_id


def _watch(world: World, device: Device, chat_id: str, step: Step) -> None:
    if device.mirror is None:
        device.watch(chat_id)
    else:
        device.unwatch()


def _rename(world: World, device: Device, step: Step) -> None:
    device.start(device.live.update_customer(name=f"Ann {step.a}"))


def _session_fields(world: World, device: Device, step: Step) -> None:
    fields = {f"f{step.a % 3}": str(step.b), "g": "1"}
    if step.a % 2:
        device.start(device.live.set_customer_session_fields(session_fields=fields))
    else:
        device.start(device.live.update_customer(session_fields=fields))


def _greet(world: World, device: Device, step: Step) -> None:
    greeting = device.live.greeting.value
    if greeting is None or greeting.id is None:
        return
    if step.a % 2:
        work = device.live.accept_greeting(greeting_id=greeting.id, unique_id=greeting.unique_id)
        device.start(work)
    else:
        device.start(device.live.cancel_greeting(unique_id=greeting.unique_id))


def _page(world: World, device: Device, step: Step) -> None:
    device.live.update_customer_page(url=f"https://shop.example/{step.a % 5}", title="Shop")


def _resync(world: World, device: Device, step: Step) -> None:
    device.start(device.live.resync(deep=bool(step.a % 2)))


def _start_chat(world: World, device: Device, step: Step) -> None:
    events = [{"type": "message", "text": "Hi!"}] if step.a % 2 else []
    device.start(device.live.start_chat(chat={"thread": {"events": events}}, continuous=True))


async def _resume_chat(world: World, device: Device, chat_id: str, step: Step) -> None:
    events = [{"type": "message", "text": "Again"}] if step.a % 2 else []
    await device.live.resume_chat(
        chat={"id": chat_id, "thread": {"events": events}},
        active=step.b % 5 != 0,
        continuous=True,
    )


async def _deactivate_chat(world: World, device: Device, chat_id: str, step: Step) -> None:
    await device.live.deactivate_chat(id=chat_id)


async def _send(world: World, device: Device, chat_id: str, step: Step) -> None:
    events: list[Any] = [
        lc.Message("directly"),
        lc.Message("directly", custom_id=f"own-{step.a}-{step.b}"),
        FOR_AGENTS,
        lc.SystemMessage(text="It began", system_message_type="began", recipients="all"),
    ]
    event = events[step.a % len(events)]
    if event is events[2] and not world.is_up_to_date(device):
        # It would move the customer's mark to an event of a thread that was never read.
        event = events[0]
    await device.live.send_event(chat_id=chat_id, event=event, attach_to_last_thread=step.b % 4 > 0)


async def _see(world: World, device: Device, chat_id: str, step: Step) -> None:
    known = world.events_known_to(device)
    if known:
        _, event = known[step.a % len(known)]
        seen_up_to = event["created_at"]
        await device.live.mark_events_as_seen(chat_id=chat_id, seen_up_to=seen_up_to)


async def _properties(world: World, device: Device, chat_id: str, step: Step) -> None:
    known = world.events_known_to(device)
    values = {"test": {"int_property": step.b, "string_property": str(step.a)}}
    names = {"test": ["int_property"]}
    sdk = device.live
    places: list[Coroutine[Any, Any, object]] = [
        sdk.update_chat_properties(id=chat_id, properties=values)
        if step.b % 3
        else sdk.delete_chat_properties(id=chat_id, properties=names)
    ]
    if known:
        thread, event = known[step.a % len(known)]
        place = {"chat_id": chat_id, "thread_id": thread.id}
        places += [
            sdk.update_thread_properties(**place, properties=values)
            if step.b % 3
            else sdk.delete_thread_properties(**place, properties=names),
            sdk.update_event_properties(**place, event_id=event["id"], properties=values)
            if step.b % 3
            else sdk.delete_event_properties(**place, event_id=event["id"], properties=names),
        ]
    chosen = places.pop(step.a % len(places))
    for other in places:
        other.close()
    await chosen


async def _postback(world: World, device: Device, chat_id: str, step: Step) -> None:
    rich = [it for it in world.events_known_to(device) if it[1]["type"] == "rich_message"]
    if rich:
        thread, event = rich[step.a % len(rich)]
        await device.live.send_rich_message_postback(
            chat_id=chat_id,
            thread_id=thread.id,
            event_id=event["id"],
            postback={"id": "pq"[step.b % 2], "toggled": step.b % 3 != 0},
        )


async def _delete_own(world: World, device: Device, chat_id: str, step: Step) -> None:
    """API 3.6 only."""
    own = [
        (thread, event)
        for thread, event in world.events_known_to(device)
        if event.get("author_id") == world.customer_id and world.may_be_deleted(event)
    ]
    if own and device.version == "3.6":
        thread, event = own[step.a % len(own)]
        world.deleted.add(event.get("custom_id", ""))
        place = {"chat_id": chat_id, "thread_id": thread.id, "event_id": event["id"]}
        await device.live.delete_event(**place)


async def _page_back(world: World, device: Device, chat_id: str, step: Step) -> None:
    pages = device.live.get_chat_history(chat_id=chat_id)
    for _ in range(1 + step.a % 3):
        if await pages.next() is None:
            return


async def _refresh(world: World, device: Device, chat_id: str, step: Step) -> None:
    await device.live.history(chat_id).refresh()


async def _fill(world: World, device: Device, chat_id: str, step: Step) -> None:
    history = device.live.history(chat_id)
    await history.ready()
    gaps = [item for item in history.value or () if isinstance(item, Gap)]
    if gaps:
        await history.fill(gaps[step.a % len(gaps)])


_ANYWHERE = {
    "queue_message_anywhere": _queue_anywhere,
    "retry": _retry,
    "cancel": _cancel,
    "rename": _rename,
    "session_fields": _session_fields,
    "greet": _greet,
    "page": _page,
    "resync": _resync,
    "start_chat": _start_chat,
}
_IN_A_CHAT = {
    "queue_message": _queue_message,
    "queue_seen": _queue_seen,
    "watch": _watch,
}
_REQUESTS = {
    "resume_chat": _resume_chat,
    "deactivate_chat": _deactivate_chat,
    "send": _send,
    "see": _see,
    "properties": _properties,
    "postback": _postback,
    "delete_own": _delete_own,
    "page_back": _page_back,
    "refresh": _refresh,
    "fill": _fill,
}
KINDS = frozenset({*_ANYWHERE, *_IN_A_CHAT, *_REQUESTS})
