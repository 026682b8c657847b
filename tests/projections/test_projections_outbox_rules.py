"""What a refusal means for an entry."""

from __future__ import annotations

import pytest

from livechat_customer.projections.outbox_rules import Verdict, after_refusal, after_silence

DOUBT = Verdict("unknown")
LATER = Verdict("queued")
OTHERWISE = Verdict("queued", recheck=True)
WAITS = Verdict("waiting")
FAILS = Verdict("failed")

MESSAGES = ("send_event", "start_chat", "resume_chat")
MARK = "mark_events_as_seen"


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        ("request_timeout", DOUBT),
        ("internal", DOUBT),
        ("service_unavailable", LATER),
        ("too_many_requests", LATER),
        ("pending_requests_limit_reached", LATER),
        ("groups_offline", WAITS),
        ("validation", FAILS),
        ("not_found", FAILS),
        ("not_allowed", FAILS),
        ("chat_anonymized", FAILS),
        ("authentication", FAILS),
        ("something_new", FAILS),
    ],
)
@pytest.mark.parametrize("action", MESSAGES)
def test_an_error_means_the_same_however_a_message_was_sent(
    action: str, error: str, verdict: Verdict
) -> None:
    assert after_refusal(action, error) == verdict


@pytest.mark.parametrize(
    ("action", "error", "verdict"),
    [
        ("send_event", "chat_inactive", OTHERWISE),
        ("start_chat", "limit_reached", OTHERWISE),
        ("start_chat", "chat_limit_reached", OTHERWISE),
        ("start_chat", "chat_already_active", OTHERWISE),
        ("resume_chat", "chat_already_active", OTHERWISE),
        ("resume_chat", "limit_reached", OTHERWISE),
        ("send_event", "limit_reached", FAILS),
        ("send_event", "chat_already_active", FAILS),
        ("resume_chat", "chat_inactive", FAILS),
        ("start_chat", "chat_inactive", FAILS),
    ],
)
def test_a_chat_that_is_not_as_it_was_thought_is_read_first(
    action: str, error: str, verdict: Verdict
) -> None:
    assert after_refusal(action, error) == verdict


@pytest.mark.parametrize("error", ["request_timeout", "internal", "too_many_requests"])
def test_a_mark_is_simply_set_again(error: str) -> None:
    assert after_refusal(MARK, error) == LATER
    assert after_silence(MARK) == LATER


def test_only_silence_and_the_servers_own_failure_leave_a_doubt() -> None:
    assert [after_silence(action).in_doubt for action in MESSAGES] == [True] * 3
    assert not any(verdict.in_doubt for verdict in (LATER, OTHERWISE, WAITS, FAILS))
