from __future__ import annotations

import pytest

from livechat_customer.sandbox.action_table import ACTIONS, call_version, find, is_served
from livechat_customer.sandbox.api_errors import ApiError

BOTH = [
    "list_chats",
    "list_threads",
    "get_chat",
    "start_chat",
    "resume_chat",
    "deactivate_chat",
    "send_event",
    "send_rich_message_postback",
    "send_sneak_peek",
    "mark_events_as_seen",
    "update_customer",
    "set_customer_session_fields",
    "get_customer",
    "list_group_statuses",
    "get_form",
    "get_predicted_agent",
    "accept_greeting",
    "cancel_greeting",
    "get_url_info",
    "update_chat_properties",
    "delete_chat_properties",
    "update_thread_properties",
    "delete_thread_properties",
    "update_event_properties",
    "delete_event_properties",
]


NEWER = ["delete_event", "request_welcome_message", "send_greeting_button_clicked"]
RTM_ONLY = ["update_customer_page", "activate_customer_page", "deactivate_customer_page"]
WEB_ONLY = ["check_goals", "request_email_verification"]


@pytest.mark.parametrize("name", BOTH)
def test_most_actions_go_both_ways(name: str) -> None:
    for version in ("3.5", "3.6"):
        for web in (False, True):
            assert find(name, version, web=web) is ACTIONS[name]


def test_the_others() -> None:
    assert set(ACTIONS) - set(BOTH) == {*NEWER, *RTM_ONLY, *WEB_ONLY}
    for name in NEWER:
        for web in (False, True):
            assert find(name, "3.6", web=web)
    for name in RTM_ONLY:
        assert find(name, "3.6")
    for name in WEB_ONLY:
        assert find(name, "3.5", web=True)
    for name, version, web in (
        ("update_customer_page", "3.5", True),
        ("check_goals", "3.5", False),
        ("request_email_verification", "3.5", False),
        *((name, "3.5", web) for name in NEWER for web in (False, True)),
        *((name, "3.6", True) for name in RTM_ONLY),
        *((name, "3.6", False) for name in WEB_ONLY),
        ("activate_customer_page", "3.5", False),
        ("login", "3.5", True),
        ("nonsense", "3.6", False),
    ):
        with pytest.raises(ApiError) as refused:
            find(name, version, web=web)
        assert refused.value.type == "validation"


def test_only_closing_pushes_first() -> None:
    assert [name for name, one in ACTIONS.items() if one.pushes_first] == ["deactivate_chat"]


@pytest.mark.parametrize(
    ("asked", "connection", "used"),
    [(None, "3.5", "3.5"), ("3.5", "3.5", "3.5"), ("3.6", "3.5", "3.6"), (None, "3.6", "3.6")],
)
def test_a_call_runs_in_its_version(asked: str | None, connection: str, used: str) -> None:
    assert call_version(asked, connection) == used


@pytest.mark.parametrize(
    ("asked", "error"),
    [("3.5", "unsupported_version"), ("4", "unsupported_version"), (3.6, "validation")],
)
def test_never_in_a_lower_one(asked: object, error: str) -> None:
    with pytest.raises(ApiError) as refused:
        call_version(asked, "3.6")
    assert refused.value.type == error


def test_served_versions() -> None:
    assert [one for one in ("3.4", "3.5", "3.6", "3.7", "v3.5") if is_served(one)] == ["3.5", "3.6"]
