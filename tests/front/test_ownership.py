"""What handlers and callers get is theirs: whatever they do to it, the state stays as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from front_kit import customer, spoil, until
from models_kit import samples

import livechat_customer as lc
from livechat_customer.announcements import Announcements
from livechat_customer.calls import Calls
from livechat_customer.dispatch import Dispatch
from livechat_customer.emitter import Emitter
from livechat_customer.models.payloads import EVENT_PAYLOADS
from livechat_customer.page import CurrentPage
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.seen import SeenFold
from livechat_customer.records import CONNECTED, DISCONNECTED, LIFECYCLE, PUSH, RESPONSE, Record
from livechat_customer.sandbox import Sandbox
from livechat_customer.waiters import ConnectWaiters

DEEP: Final = {"ns": {"name": {"deep": ["er"]}}}
MAPS: Final[dict[str, Any]] = {
    "custom": {"content": DEEP},
    "system_message": {"text_vars": DEEP},
    "rich_message": {
        "elements": [{"ecommerce": {"product_id": "p", "options": [DEEP], "addons": [[1]]}}]
    },
}
ERROR: Final = {"code": "LICENSE_EXPIRED", "message": "Pay.", "data": DEEP}


def rich(value: Any) -> Any:
    """A sample with a map wherever the API has one."""
    if isinstance(value, list):
        return [rich(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {key: rich(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    kind = found.get("type")
    if "created_at" in found or "events" in found:
        found.setdefault("properties", DEEP)
    if kind in MAPS:
        found |= MAPS[kind]
    if kind == "customer":
        found |= {"session_fields": [{"plan": "pro"}, {"cart": DEEP}], "omnichannel": DEEP}
    return found


def records() -> list[Record]:
    """A session that holds every push and every answer there is."""
    found: list[Record] = []

    def add(kind: str, action: str, body: Any) -> None:
        payload: Any = body
        if kind != LIFECYCLE:
            payload = {"action": action, "type": kind, "success": True, "payload": rich(body)}
        chat = body.get("chat_id") or body.get("id")
        seq = len(found) + 1
        found.append(
            Record(
                seq=seq,
                kind=kind,
                connection=1,
                action=action,
                request_id=None,
                ref=seq,
                chat_id=chat if isinstance(chat, str) else None,
                thread_id=body.get("thread_id"),
                recorded_at=seq,
                api_version="3.6",
                late=False,
                args=None,
                payload=json.dumps(payload).encode(),
            )
        )

    answers = [(action, one) for action, given in samples("responses").items() for one in given]
    for action, one in answers:
        if isinstance(one, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
            add(RESPONSE, action, one)
            if action == "login":
                add(LIFECYCLE, CONNECTED, {"number": 1})
    for action, given in samples("pushes").items():
        for one in given:
            add(PUSH, action, one)
    ended = {"reason": "license_expired", "will": "pause", "was_connected": True}
    add(LIFECYCLE, DISCONNECTED, ended | {"data": DEEP, "error": ERROR})
    return found


async def lived(handler: Callable[[Any], None]) -> tuple[str, bytes, list[Any]]:
    """The state after a session of which `handler` was told everything."""
    hub = Hub(
        RootFold(),
        seq=0,
        load=lambda loading: loading.done(),
        report=lambda where, error: pytest.fail(f"{where}: {error}"),
    )
    emitter, waiters = Emitter(EVENT_PAYLOADS), ConnectWaiters()
    for name in EVENT_PAYLOADS:
        emitter.on(name, handler)
    dispatch = Dispatch(
        hub,
        hub.publish,
        Calls(),
        emitter,
        waiters,
        Announcements(emitter.wanted, SeenFold()),
        CurrentPage(None, lambda _: None),
        lambda _: None,
        lambda _record, _payload: None,
        lambda _: None,
    )
    session = records()
    views = [hub.history(chat) for chat in sorted({it.chat_id for it in session if it.chat_id})]
    connecting = waiters.wait()
    refused = None
    for record in session:
        dispatch([record])
        if connecting.done() and refused is None:
            handler(connecting.result())
            refused = waiters.wait()
    assert refused is not None
    error = refused.exception()
    assert isinstance(error, lc.LoginError)
    handler(error.data)
    shown = [list(view.value or ()) for view in views]
    return hub.root.digest(), hub.root.encode(), [shown, hub.connection.value]


async def test_handlers_that_change_their_payloads_change_no_state() -> None:
    spoilt: list[int] = []

    def spoils(payload: object) -> None:
        spoilt.append(spoil(payload))

    def looks(payload: object) -> None: ...

    assert await lived(spoils) == await lived(looks)
    assert sum(spoilt) > 80


async def test_callers_that_change_their_results_change_no_state(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    count = 0
    told: list[lc.Record] = []
    rated = {"rating": {"comment": "good"}}
    fields = {"properties": rated, "custom_id": "c"}
    async with Sandbox() as sandbox, customer(sandbox, log=path) as sdk:
        sdk.records.subscribe(told.append)
        count += spoil(await sdk.connect())
        await sdk.update_customer(name="Ann", session_fields={"plan": "pro"})
        event: Any = {"type": "custom", "content": DEEP} | fields
        new: Any = {"properties": rated, "thread": {"properties": rated, "events": [event]}}
        chat = await sdk.start_chat(chat=new)
        history = sdk.history(chat.id)
        await history.ready()
        count += spoil(chat)
        count += spoil(await sdk.send_event(chat_id=chat.id, event=event))
        count += spoil(await sdk.get_customer())
        count += spoil(await sdk.get_chat(chat_id=chat.id))
        count += spoil(await sdk.list_chats())
        count += spoil(await sdk.list_threads(chat_id=chat.id))
        count += spoil(await sdk.request("get_chat", {"chat_id": chat.id}))
        await until(history, lambda items: len(list(items or ())) == 2)
        seq, digest, shown = told[-1].seq, sdk.root_digest(), list(history.value or ())
        assert count > 20
    async with lc.replay(path) as again:
        await again.run_to(seq)
        history = again.history(chat.id)
        await history.ready()
        assert again.root_digest() == digest
        assert list(history.value or ()) == shown
