"""Each answer, decoded and encoded again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from models_kit import each, response, round_trip, samples

from livechat_customer.models.wire.base import Properties
from livechat_customer.models.wire.chats import Chat
from livechat_customer.models.wire.decode import payload_of
from livechat_customer.models.wire.requests import REQUESTS
from livechat_customer.models.wire.responses import (
    RESPONSES,
    GetChatResponse,
    GetCustomerResponse,
    Localization,
    LoginResponse,
)
from livechat_customer.models.wire.users import User

MAPS = {"get_localization", "list_license_properties", "list_group_properties"}


@pytest.mark.parametrize(("action", "sample"), each("responses"))
def test_an_answer_survives_the_round_trip(action: str, sample: dict[str, Any]) -> None:
    assert round_trip(RESPONSES[action], sample) == sample
    assert type(payload_of(response(action, sample))) is RESPONSES[action]


def test_each_action_has_an_answer() -> None:
    assert set(samples("responses")) == set(RESPONSES)
    assert set(REQUESTS) - set(RESPONSES) == MAPS


@pytest.mark.parametrize(
    ("kind", "sample"),
    [
        (Localization, {"Welcome": "Hello %name%"}),
        (Properties, {"chats": {"queue.enabled": True}, "test": {}}),
    ],
)
def test_the_answers_that_are_maps(kind: Any, sample: dict[str, Any]) -> None:
    assert round_trip(kind, sample) == sample


def test_the_private_part_of_a_login() -> None:
    answer = msgspec.convert(
        {"__priv_dynamic_config": {"customer_groups": {"monitoring": {"id": 4}}}}, LoginResponse
    )
    config = answer.dynamic_config
    assert config is not None
    assert config.online_groups_ids == ()
    assert config.customer_groups is not None
    assert config.customer_groups.monitoring is not None
    assert config.customer_groups.monitoring.id == 4


def test_flat_answers_are_the_structures_they_carry() -> None:
    assert issubclass(GetCustomerResponse, User)
    assert issubclass(GetChatResponse, Chat)
