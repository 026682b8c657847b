from __future__ import annotations

from typing import Any

import pytest

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.properties import (
    CATALOGUE,
    merge,
    read_names,
    read_values,
    readable,
    remove,
)

APP = "a" * 32


def write(location: str, **namespaces: Any) -> dict[str, dict[str, object]]:
    return read_values(Fields({"properties": namespaces}), location, APP)


@pytest.mark.parametrize("location", ["chat", "thread", "event"])
def test_the_test_namespace_is_open_everywhere(location: str) -> None:
    values = {
        "bool_property": True,
        "int_property": -(2**31),
        "string_property": "x",
        "tokenized_string_property": "a b",
    }
    assert write(location, test=values) == {"test": values}
    assert readable(location, {"test": values}) == {"test": values}


WRITES: list[tuple[str, dict[str, Any], str | None]] = [
    ("thread", {"rating": {"score": 1, "comment": "nice"}}, None),
    ("chat", {"rating": {"score": 0}}, None),
    ("thread", {"rating": {"score": 2}}, "validation"),
    ("thread", {"rating": {"score": True}}, "validation"),
    ("thread", {"rating": {"score": "1"}}, "validation"),
    ("thread", {"rating": {"stars": 5}}, "validation"),
    ("thread", {"nope": {"x": 1}}, "validation"),
    ("thread", {"test": {"int_property": 2**31}}, "validation"),
    ("thread", {APP: {"anything": 2**31}}, "validation"),
    ("thread", {"test": {"bool_property": 1}}, "validation"),
    ("thread", {"test": []}, "validation"),
    ("chat", {"routing": {"email_follow_up": True}}, None),
    ("chat", {"routing": {"continuous": True}}, "authorization"),
    ("thread", {"routing": {"pinned": True}}, "authorization"),
    ("thread", {"routing": {"ignore_bots": True}}, None),
    ("thread", {"routing": {"transcript_email": "a@b.example"}}, None),
    ("chat", {"routing": {"transcript_email": "a@b.example"}}, "authorization"),
    ("event", {"chats": {"formatting": "commonmark"}}, None),
    ("event", {"chats": {"formatting": "html"}}, "validation"),
    ("event", {"lc2": {"form_type": "prechat"}}, None),
    ("thread", {"lc2": {"greeting_id": 7, "greeting_unique_id": "U"}}, None),
    ("event", {"url_details": {"image_width": 3}}, None),
    ("event", {"source": {"client_id": "x"}}, "authorization"),
    ("chat", {APP: {"anything": 1, "goes": "here"}}, None),
    ("chat", {APP: {"but": []}}, "validation"),
    ("chat", {"b" * 32: {"another": 1}}, "validation"),
]


@pytest.mark.parametrize(("location", "namespaces", "refusal"), WRITES)
def test_what_customers_may_write(
    location: str, namespaces: dict[str, Any], refusal: str | None
) -> None:
    if refusal is None:
        assert write(location, **namespaces) == namespaces
        return
    with pytest.raises(ApiError) as refused:
        write(location, **namespaces)
    assert refused.value.type == refusal


def test_agents_write_what_customers_may_not() -> None:
    fields = Fields({"properties": {"routing": {"pinned": True}, "any": {"x": 1}}})
    assert read_values(fields, "thread", None) == fields.data["properties"]
    with pytest.raises(ApiError):
        read_values(Fields({"properties": {"routing": {"pinned": 1}}}), "thread", None)


def test_customers_do_not_read_everything() -> None:
    stored: dict[str, dict[str, object]] = {
        "routing": {"continuous": True, "ignore_bots": True, "pinned": True},
        "unheard": {"of": 1},
    }
    assert readable("thread", stored) == {"routing": {"continuous": True}, "unheard": {"of": 1}}
    assert readable("thread", {"routing": {"pinned": True}}) == {}


def test_merging_changes_only_what_is_named() -> None:
    stored: dict[str, dict[str, object]] = {"test": {"int_property": 1, "bool_property": True}}
    merge(stored, {"test": {"int_property": 2}, "rating": {}})
    assert stored == {"test": {"int_property": 2, "bool_property": True}}
    remove(stored, {"test": ["int_property", "gone"], "rating": ["score"]})
    assert stored == {"test": {"bool_property": True}}
    remove(stored, {"test": ["bool_property"]})
    assert stored == {}


def test_names_to_delete() -> None:
    given = {"properties": {"rating": ["score"], "test": []}}
    assert read_names(Fields(given), "thread", APP) == given["properties"]
    mistakes: list[dict[str, Any]] = [
        {},
        {"properties": []},
        {"properties": {"rating": {"score": 1}}},
        {"properties": {"rating": [1]}},
        {"properties": {"nope": ["x"]}},
    ]
    for wrong in mistakes:
        with pytest.raises(ApiError) as refused:
            read_names(Fields(wrong), "thread", APP)
        assert refused.value.type == "validation"


def test_every_domain_is_of_its_type() -> None:
    for namespace in CATALOGUE.values():
        for known in namespace.values():
            assert all(isinstance(value, known.type) for value in known.allowed)
