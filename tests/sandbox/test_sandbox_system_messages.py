from __future__ import annotations

import pytest

from livechat_customer.sandbox.system_messages import (
    FOR_AGENTS,
    TEMPLATES,
    profile_changed,
    system_message,
    variables_of,
)


def test_the_template_is_filled_in() -> None:
    assert system_message("manual_archived_customer", customer="Ann") == {
        "type": "system_message",
        "recipients": "all",
        "system_message_type": "manual_archived_customer",
        "text": "Ann archived the chat",
        "text_vars": {"customer": "Ann"},
    }


@pytest.mark.parametrize("kind", list(TEMPLATES))
def test_no_variable_is_left_open(kind: str) -> None:
    made = system_message(kind, **{name: name.upper() for name in variables_of(kind)})
    assert "%" not in made["text"]
    assert all(value in made["text"] for value in made["text_vars"].values())


def test_all_of_the_api_are_there() -> None:
    assert len(TEMPLATES) == 37
    assert set(TEMPLATES) >= FOR_AGENTS


def test_a_value_is_never_taken_for_a_template() -> None:
    made = system_message("rating.chat_commented", customer="%comment%", comment="100%")
    assert made["text"] == "%comment% left the following comment: 100%"


@pytest.mark.parametrize(
    ("name", "email", "text"),
    [
        ("Ann", None, "Jane has changed customer's name to Ann"),
        (None, "a@b.cd", "Jane has changed customer's email to a@b.cd"),
        ("Ann", "a@b.cd", "Jane has changed customer's name and email to Ann, a@b.cd"),
    ],
)
def test_a_changed_profile_is_for_agents(name: str | None, email: str | None, text: str) -> None:
    made = profile_changed("Jane", name, email)
    assert (made["text"], made["recipients"]) == (text, "agents")
