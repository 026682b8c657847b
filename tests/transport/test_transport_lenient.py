"""Frames that the typed decoder refuses still give what can be read of them."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.transport.codec import decode_frame
from livechat_customer.transport.envelope import Envelope
from livechat_customer.transport.lenient import decode_leniently

EMOJI_HALF = (
    b'{"action":"incoming_event","type":"push","payload":{"chat_id":"C","reason":"\\ud83d"}}'
)


def test_a_lone_surrogate_loses_itself_only() -> None:
    envelope = decode_frame(EMOJI_HALF)

    assert (envelope.action, envelope.chat_id) == ("incoming_event", "C")
    assert envelope.payload.reason == "?"


@pytest.mark.parametrize(
    "frame",
    [
        b'{"action":"a","type":"push","request_id":7,"payload":{"chat_id":"C"}}',
        b'{"action":"a","type":"push","success":"yes","payload":{"chat_id":"C","thread_id":[]}}',
        b'{"action":"a","type":"push","payload":{"chat_id":"C","chat":"x","thread":5}}',
        b'{"action":"a","type":"push","payload":{"chat_id":"C","error":"x","reason":{}}}',
        b'{"action":"a","type":"push","version":3.5,"payload":{"chat_id":"C","id":1}}',
    ],
)
def test_a_key_of_another_type_loses_itself_only(frame: bytes) -> None:
    envelope = decode_frame(frame)

    assert (envelope.action, envelope.type, envelope.chat_id) == ("a", "push", "C")
    assert envelope.request_id is None
    assert not envelope.success


def test_nested_keys_are_kept() -> None:
    envelope = decode_frame(
        b'{"action":"a","type":"response","success":true,"request_id":"1","version":5,"payload":'
        b'{"chat":{"id":"C","thread":{"id":"T"}},"thread":{"id":"U"},'
        b'"error":{"type":"x","message":"y","data":{"z":1}},"data":{"region":"fra"}}}'
    )

    assert (envelope.chat_id, envelope.thread_id) == ("C", "T")
    assert envelope.success
    assert envelope.request_id == "1"
    error = envelope.payload.error
    assert error is not None
    assert (error.type, error.message, error.details) == ("x", "y", {"z": 1})
    assert bytes(envelope.payload.data) == b'{"region": "fra"}'


@pytest.mark.parametrize("payload", ["[]", "null", "5", '"x"'])
def test_a_payload_that_is_no_object(payload: str) -> None:
    envelope = decode_frame(f'{{"action":"a","type":"push","payload":{payload}}}')

    assert envelope.action == "a"
    assert envelope.chat_id is None


@pytest.mark.parametrize(
    "frame", [b"", b"no json", b"[1]", b'"x"', b"[" * 100_000, b"\xff\xfe", b'{"action":"a"']
)
def test_what_no_decoder_takes_is_unparsed(frame: bytes) -> None:
    envelope = decode_frame(frame)

    assert (envelope.action, envelope.kind) == ("unparsed", "push")


def test_a_frame_without_an_action() -> None:
    envelope = decode_frame(b'{"type":"response","success":false}')

    assert (envelope.action, envelope.kind) == ("", "response")


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_nothing_a_server_sends_raises(frame: bytes) -> None:
    decode_frame(frame)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
keys = st.sampled_from(
    ["action", "type", "request_id", "success", "version", "payload", "chat_id", "id", "chat"]
)


@given(st.dictionaries(keys, json_values | st.dictionaries(keys, json_values)))
def test_both_decoders_agree(frame: dict[str, object]) -> None:
    """Whatever the typed decoder takes, the lenient one reads the same way."""

    data = json.dumps(frame).encode()
    try:
        typed = msgspec.json.decode(data, type=Envelope)
    except msgspec.DecodeError:
        return
    lenient = decode_leniently(data)
    for name in ("action", "type", "request_id", "success", "version", "chat_id", "thread_id"):
        assert getattr(lenient, name) == getattr(typed, name)
