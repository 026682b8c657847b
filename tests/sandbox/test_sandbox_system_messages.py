from __future__ import annotations

import pytest

from livechat_customer.sandbox.system_messages import TEMPLATES, system_message


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
    names = ("agent", "customer", "initiator", "targets", "comment", "score", "email")
    made = system_message(kind, **{name: name.upper() for name in names})
    assert "%" not in made["text"]
