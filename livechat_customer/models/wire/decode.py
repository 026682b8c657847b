"""From a record's bytes to its typed payload: the one place where frames are decoded.

The hot path is one msgspec pass over the frame with the decoder of its action. Only when that
fails is the frame taken apart: what does not fit is replaced by its `Unknown…` shape or left out
(`repair`), bytes that msgspec refuses are read by `json` (`lenient`). Nothing here raises on bad
input, and no message holds content.
"""

import logging
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec

from livechat_customer import records
from livechat_customer.models.wire import lenient
from livechat_customer.models.wire.base import Wire
from livechat_customer.models.wire.pushes import PUSHES
from livechat_customer.models.wire.repair import repaired
from livechat_customer.models.wire.requests import REQUESTS
from livechat_customer.models.wire.responses import RESPONSES
from livechat_customer.records import Record

logger = logging.getLogger(__name__)

P = TypeVar("P")


class ErrorAnswer(Wire, frozen=True):
    """A response with `success: false`; `type` is the machine code, `message` varies."""

    type: str = ""
    message: str = ""
    data: dict[str, Any] | None = None


class UnknownPayload(Wire, frozen=True):
    """A payload no struct takes: an unknown action, or one that lacks what it needs.

    `raw` is the payload's JSON; of a frame that could not be read, the frame's bytes.
    """

    action: str
    raw: bytes


Payload = msgspec.Struct
"""What `payload_of` gives: a struct of `pushes`, `responses` or `requests`, an `ErrorAnswer`, or
an `UnknownPayload`."""


class _Frame(msgspec.Struct, Generic[P], frozen=True, gc=False):
    payload: P


class _Answer(msgspec.Struct, Generic[P], frozen=True, gc=False):
    payload: P
    success: bool = False


class _RawFrame(msgspec.Struct, frozen=True, gc=False):
    payload: msgspec.Raw = msgspec.Raw(b"{}")
    success: bool = False


_PAYLOADS: Final[dict[str, dict[str, type[msgspec.Struct]]]] = {
    records.PUSH: PUSHES,
    records.RESPONSE: RESPONSES,
    records.REQUEST: REQUESTS,
}

_Decode = Callable[[bytes], Any]
_decoders: Final[dict[str, dict[str, _Decode]]] = {kind: {} for kind in _PAYLOADS}
_pushes: Final = _decoders[records.PUSH]

_REFUSED: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def payload_of(record: Record) -> Payload:
    """The typed payload of a `push`, `response` or `request` record. Never raises.

    Other kinds hold no frame: see `json_of`.
    """
    kind = record.kind
    decoders = _pushes if kind == "push" else _decoders.get(kind)
    if decoders is None:
        return UnknownPayload(record.action, record.payload)
    decode = decoders.get(record.action)
    if decode is None:
        decode = _decoder(kind, record.action)
        if decode is None:
            return _unknown(record)
    try:
        frame = decode(record.payload)
    except _REFUSED:
        return _salvage(record)
    if kind == "response" and not frame.success:
        return _salvage(record)
    payload: Payload = frame.payload
    return payload


def _decoder(kind: str, action: str) -> _Decode | None:
    struct = _PAYLOADS[kind].get(action)
    if struct is None:
        return None
    frame: Any = _Answer if kind == records.RESPONSE else _Frame
    decode: _Decode = msgspec.json.Decoder(frame[struct]).decode
    _decoders[kind][action] = decode
    return decode


def _unknown(record: Record) -> Payload:
    """The payload of an action that has no struct; failures of it are still typed."""
    try:
        frame = msgspec.json.decode(record.payload, type=_RawFrame)
    except _REFUSED:
        return _salvage(record)
    if record.kind == records.RESPONSE and not frame.success:
        return _salvage(record)
    return UnknownPayload(record.action, bytes(frame.payload))


def _salvage(record: Record) -> Payload:
    """The slow way, for frames that do not fit and for failures."""
    frame = lenient.loads(record.payload)
    if not lenient.is_map(frame):
        _warn(record, "its bytes could not be read")
        return UnknownPayload(record.action, record.payload)
    body: Any = frame.get("payload")
    if body is None:
        body = {}
    if record.kind == records.RESPONSE and frame.get("success") is not True:
        return _error_answer(body)
    struct = _PAYLOADS[record.kind].get(record.action)
    if struct is None:
        return UnknownPayload(record.action, lenient.dumps(body))
    payload, faults = repaired(body, struct)
    if faults:
        _warn(record, f"it did not fit at {', '.join(faults[:5])}")
    if payload is None:
        return UnknownPayload(record.action, lenient.dumps(body))
    return payload


def _error_answer(body: Any) -> ErrorAnswer:
    error = body.get("error") if lenient.is_map(body) else None
    answer, _ = repaired(error, ErrorAnswer)
    return answer or ErrorAnswer()


def _warn(record: Record, what: str) -> None:
    logger.warning("record %d, a %s: %s; it is kept as it came", record.seq, record.kind, what)


def decode_as(struct: type[P], data: bytes) -> P:
    """`data`, the JSON of one structure, as `struct`, repaired where it does not fit.

    msgspec.ValidationError when nothing of it can be used.
    """
    try:
        return msgspec.json.decode(data, type=struct)
    except _REFUSED:
        value, _ = repaired(lenient.loads(data), struct)
    if value is None:
        raise msgspec.ValidationError(f"the JSON is no {getattr(struct, '__name__', struct)}")
    return value


def json_of(record: Record) -> dict[str, Any]:
    """The payload of a `lifecycle`, `command` or `http` record, or the whole frame of another.

    A JSON object; `{}` when the bytes hold none. Never raises.
    """
    try:
        value: Any = msgspec.json.decode(record.payload)
    except _REFUSED:
        value = lenient.loads(record.payload)
    return value if lenient.is_map(value) else {}


def frame_payload(record: Record) -> dict[str, Any]:
    """The payload of a frame (`push`, `response`, `request`) as plain JSON, as `json_of`."""
    value = json_of(record).get("payload")
    return value if lenient.is_map(value) else {}
