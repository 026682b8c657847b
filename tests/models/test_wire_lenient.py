"""JSON that msgspec refuses."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from models_kit import json_values

from livechat_customer.models.wire import lenient


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (rb'{"a":"\ud83d!"}', {"a": "�!"}),
        (rb'{"\ude00":"\ud83d\ude00"}', {"�": "😀"}),
        (b'{"a":"\xff\xfe"}', {"a": "��"}),
        (b'["\xed\xa0\xbd"]', ["���"]),
        (b"[NaN, Infinity, -Infinity, 1e400, -1e400, 1.5]", [None, None, None, None, None, 1.5]),
        (b"[123456789012345678901234567890]", [123456789012345678901234567890]),
        (b"  true ", True),
        ("\ufeff{}".encode(), None),
        (b"", None),
        (b"{", None),
        (b"plain words", None),
        (b"[" + b"1" * 5000 + b"]", None),
        (b"[" * 100_000 + b"]" * 100_000, None),
    ],
    ids=range(13),
)
def test_what_can_be_read_is_read(data: bytes, value: Any) -> None:
    assert lenient.loads(data) == value


@given(json_values)
def test_what_was_read_can_be_written_and_read_by_msgspec(value: Any) -> None:
    read = lenient.loads(json.dumps(value).encode())
    written = lenient.dumps(read)
    # Beyond 64 bits msgspec reads integers as well.
    assert json.loads(written) == read
    assert isinstance(msgspec.json.decode(written, type=msgspec.Raw), msgspec.Raw)


def test_maps_and_lists_are_told_apart() -> None:
    assert lenient.is_map({})
    assert not lenient.is_map([])
    assert lenient.is_list([])
    assert not lenient.is_list(())
