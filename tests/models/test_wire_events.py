"""Each event type, decoded and encoded again; unknown ones keep everything."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from models_kit import each, round_trip, samples

from livechat_customer.models.wire import events
from livechat_customer.models.wire.events import Event, UnknownEvent, event_type


@pytest.mark.parametrize(("kind", "sample"), each("events"))
def test_an_event_survives_the_round_trip(kind: str, sample: dict[str, Any]) -> None:
    assert round_trip(Event, sample) == sample
    decoded = msgspec.convert(sample, Event)
    assert event_type(decoded) == kind == decoded.type
    assert not isinstance(decoded, UnknownEvent)


def test_there_is_a_sample_of_each_type() -> None:
    known = {member.type for member in get_args(Event) if member is not UnknownEvent}
    assert set(samples("events")) == known
    assert len(known) == 8


def test_an_unknown_event_is_kept_in_our_own_encoding() -> None:
    event = UnknownEvent(id="a_1", type="poll", raw=b'{"id":"a_1","type":"poll"}', custom_id="c")
    stored = msgspec.json.encode(event)
    assert msgspec.json.decode(stored, type=Event) == event
    assert event_type(event) == "poll"


@pytest.mark.parametrize("kind", get_args(Event))
def test_events_can_be_told_apart_from_any_other_struct(kind: Any) -> None:
    config = kind.__struct_config__
    assert config.frozen
    assert not config.gc
    assert config.tag_field == "type"


def test_common_fields_are_the_same_everywhere() -> None:
    common = set(events.EventBase.__struct_fields__)
    for kind in get_args(Event):
        assert common <= set(kind.__struct_fields__)
