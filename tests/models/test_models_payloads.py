"""The table of events and their payloads."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from livechat_customer import models
from livechat_customer.models import payloads
from livechat_customer.models.base import Model
from livechat_customer.models.wire.pushes import PUSHES


def test_each_push_has_an_event_but_those_that_are_not_for_users() -> None:
    silent = {
        "customer_disconnected",
        "customer_side_storage_updated",
        "groups_status_updated",
    }
    assert set(PUSHES) - set(payloads.EVENT_PAYLOADS) == silent


def test_the_events_that_no_push_has() -> None:
    assert set(payloads.EVENT_PAYLOADS) - set(PUSHES) == {
        "customer_id",
        "connected",
        "disconnected",
        "connection_unstable",
        "connection_recovered",
        "user_data",
        "availability_updated",
        "unknown_push",
        "event_added",
        "resynced",
        "doubled",
    }


@pytest.mark.parametrize("kind", payloads.EVENT_PAYLOADS.values(), ids=payloads.EVENT_PAYLOADS)
def test_payloads_are_strings_or_public_structs(kind: Any) -> None:
    for one in get_args(kind) or (kind,):
        assert one is str or issubclass(one, Model)
        assert one is str or getattr(models, one.__name__) is one


def test_absent_maps_are_fresh() -> None:
    one, other = payloads.ChatPropertiesUpdated("C"), payloads.ChatPropertiesUpdated("C")
    assert one == other
    assert one.properties is not other.properties
