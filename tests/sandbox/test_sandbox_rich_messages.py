from __future__ import annotations

from typing import Any

from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.rich_messages import read_elements, toggle


def button(postback_id: str, *user_ids: str) -> dict[str, Any]:
    return {"text": postback_id, "postback_id": postback_id, "user_ids": list(user_ids)}


def test_pressing_touches_every_button_of_that_postback() -> None:
    event = {
        "elements": [
            {"buttons": [button("yes"), button("no")]},
            {"buttons": [button("yes", "ann")]},
            {},
        ]
    }
    assert toggle(event, "yes", "ann", toggled=True)
    assert [one["user_ids"] for one in event["elements"][0]["buttons"]] == [["ann"], []]
    assert event["elements"][1]["buttons"][0]["user_ids"] == ["ann"]
    assert toggle(event, "yes", "ann", toggled=False)
    assert event["elements"][1]["buttons"][0]["user_ids"] == []
    assert not toggle(event, "maybe", "ann", toggled=True)
    assert not toggle({}, "yes", "ann", toggled=True)


def test_no_elements_differ_from_none() -> None:
    assert read_elements(Fields({})) is None
    assert read_elements(Fields({"elements": []})) == []
