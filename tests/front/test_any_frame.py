"""Whatever a server sends, nothing on a frame's way raises: decode, events, folds, views, digests."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from livechat_customer.models.push_events import push_events
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.hub import Hub
from livechat_customer.projections.root import RootFold
from livechat_customer.records import PUSH, RESPONSE, Record

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
JUNK = [None, 1, -1, 2.5, "", "x", "2025-13-45T99:99:99Z", [], {}, [1], {"a": 1}, True, 10**30]


def is_map(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def payloads() -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []
    for kind, name in ((PUSH, "pushes"), (RESPONSE, "responses")):
        table: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
        for action, given in table.items():
            found += [(kind, action, one) for one in (given if is_list(given) else [given])]
    return found


def damaged(value: Any, dice: random.Random) -> Any:
    """`value` with some of it replaced by what does not fit, some of it gone."""
    if dice.random() < 0.08:
        return dice.choice(JUNK)
    if is_map(value):
        return {key: damaged(one, dice) for key, one in value.items() if dice.random() > 0.05}
    if is_list(value):
        return [damaged(one, dice) for one in value]
    return value


def record(seq: int, kind: str, action: str, body: Any) -> Record:
    keys = body if is_map(body) else {}
    chat = keys.get("chat_id") or keys.get("id")
    frame: dict[str, Any] = {"action": action, "type": kind, "success": True, "payload": body}
    return Record(
        seq=seq,
        kind=kind,
        connection=1,
        action=action,
        request_id=None,
        ref=max(1, seq - 3),
        chat_id=chat if isinstance(chat, str) else None,
        thread_id=None,
        recorded_at=seq,
        api_version="3.5",
        late=seq % 7 == 0,
        args=None,
        payload=json.dumps(frame).encode(),
    )


@pytest.mark.parametrize("seed", range(25))
def test_damaged_frames_are_survived_and_fold_the_same_twice(seed: int) -> None:
    dice = random.Random(seed)
    items = payloads()
    dice.shuffle(items)
    records = [
        record(seq, kind, action, damaged(body, dice))
        for seq, (kind, action, body) in enumerate(items, 1)
    ]
    reports: list[str] = []
    seen: list[int] = []
    hub = Hub(
        RootFold(),
        seq=0,
        load=lambda loading: loading.done(),
        report=lambda where, error: reports.append(f"{where}: {error}"),
    )
    hub.chats.subscribe(lambda chats: seen.append(len(list(chats))))
    state, again = StateFold(), StateFold()
    for one in records:
        payload = payload_of(one)
        push_events(one, payload)
        state.apply(one, payload)
        hub.fold([(one, payload)])
        hub.publish(one.recorded_at)
        if one.chat_id is not None:
            list(hub.history(one.chat_id).value or ())
    for one in records:
        again.apply(one, payload_of(one))
    assert reports == []
    assert state.digest() == again.digest()
    assert state.shared_digest() == again.shared_digest()
    assert state.root.digest() == hub.root.digest()
