"""Shared by the tests of the models: samples, records made of them, JSON out of the blue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from hypothesis import settings
from hypothesis import strategies as st

from livechat_customer.models.wire.base import is_tuple
from livechat_customer.models.wire.lenient import is_map
from livechat_customer.records import Record

SAMPLES: Final = Path(__file__).parent / "samples"


@cache
def samples(name: str) -> dict[str, list[dict[str, Any]]]:
    """Our samples of one family: by event type, structure or action."""
    found: dict[str, list[dict[str, Any]]] = json.loads((SAMPLES / f"{name}.json").read_text())
    return found


def each(name: str, prefix: str = "") -> list[tuple[str, dict[str, Any]]]:
    """All samples of a family whose key has the prefix."""
    return [
        (key, sample)
        for key, found in samples(name).items()
        if key.startswith(prefix)
        for sample in found
    ]


def sample(name: str, key: str, number: int = 0) -> dict[str, Any]:
    """A fresh copy of one sample."""
    found: dict[str, Any] = json.loads(json.dumps(samples(name)[key][number]))
    return found


def frame(action: str, payload: object, kind: str = "push", **more: object) -> bytes:
    """A frame as the server would send it."""
    body = {"action": action, "type": kind, "payload": payload} | more
    return json.dumps(body, allow_nan=True).encode("utf-8", "surrogatepass")


def record(payload: bytes, action: str = "incoming_event", kind: str = "push") -> Record:
    """A record that holds the frame."""
    return Record(
        seq=7,
        kind=kind,
        connection=1,
        action=action,
        request_id=None,
        ref=None,
        chat_id=None,
        thread_id=None,
        recorded_at=1_740_819_600_000_000,
        api_version="3.5",
        late=False,
        args=None,
        payload=payload,
    )


def push(action: str, payload: object) -> Record:
    """A push record."""
    return record(frame(action, payload), action)


def response(action: str, payload: object, success: bool = True) -> Record:
    """A response record."""
    return record(frame(action, payload, "response", success=success), action, "response")


def request(action: str, payload: object) -> Record:
    """A request record."""
    return record(
        json.dumps({"request_id": "1", "action": action, "payload": payload}).encode(),
        action,
        "request",
    )


def encoded(value: object) -> Any:
    """What msgspec writes for it, as JSON's builtins."""
    return json.loads(msgspec.json.encode(value))


def round_trip(kind: Any, given: object) -> Any:
    """`given` decoded as `kind` and encoded again."""
    return encoded(msgspec.json.decode(json.dumps(given).encode(), type=kind))


def structs_in(value: object) -> Iterator[msgspec.Struct]:
    """A struct and all structs inside it."""
    if isinstance(value, msgspec.Struct):
        yield value
        for name in value.__struct_fields__:
            yield from structs_in(getattr(value, name))
    elif is_tuple(value):
        for item in value:
            yield from structs_in(item)
    elif is_map(value):
        for item in value.values():
            yield from structs_in(item)


def more_examples(times: int) -> settings:
    """Settings with a multiple of the profile's examples, where one example is small."""
    profile = settings.default
    assert profile is not None
    return settings(max_examples=times * profile.max_examples)


texts: Final = st.text(st.characters(exclude_categories=()), max_size=8)
"""Any code points, half characters among them."""

json_values: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)

json_objects: Final = st.dictionaries(texts, json_values, max_size=5)
