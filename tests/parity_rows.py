"""What the JavaScript SDK has, row by row, and what stands beyond it: the coverage page's rows.

A test says `@pytest.mark.shows("method get_chat", by="sandbox")`; `tools/coverage_page.py` writes
`docs/coverage.md` from these marks, and a test keeps the page true and without an empty row.
"""

from __future__ import annotations

from typing import Final

WAYS: Final = {
    "sandbox": "against the sandbox, over real sockets, by what its customers and agents do",
    "push": "against the sandbox, with a push of `/_sandbox/push`",
    "fault": "against the sandbox, with one of its faults or `/_sandbox/disconnect`",
    "machine": "a table of the session machine's inputs and outputs",
    "frames": "hand-made frames, for what the sandbox cannot say",
    "foreign": "somebody else's client against the sandbox",
}
"""How a test shows its row."""


def _rows(kind: str, names: str) -> tuple[str, ...]:
    return tuple(f"{kind} {name}" for name in names.split())


SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "Methods": _rows(
        "method",
        """accept_greeting cancel_greeting cancel_rate connect deactivate_chat
        delete_chat_properties delete_event_properties delete_thread_properties destroy disconnect
        get_chat get_chat_history get_customer get_form get_predicted_agent get_url_info off on
        once list_chats list_group_statuses list_threads mark_events_as_seen rate_chat resume_chat
        send_event send_rich_message_postback set_customer_session_fields set_sneak_peek
        start_chat update_chat_properties update_customer update_customer_page
        update_event_properties update_thread_properties upload_file""",
    ),
    "Errors of single methods": (
        "refusal accept_greeting GREETING_NOT_FOUND",
        "refusal cancel_greeting GREETING_NOT_FOUND",
        "refusal cancel_rate MISSING_CHAT_THREAD",
        "refusal rate_chat MISSING_CHAT_THREAD",
        "refusal get_predicted_agent GROUP_OFFLINE",
        "refusal get_predicted_agent GROUP_UNAVAILABLE",
        "refusal resume_chat CHAT_ALREADY_ACTIVE",
        "refusal resume_chat GROUPS_OFFLINE",
        "refusal start_chat CHAT_LIMIT_REACHED",
        "refusal start_chat GROUPS_OFFLINE",
        "refusal update_customer CUSTOMER_SESSION_FIELDS_LIMIT_REACHED",
        "refusal upload_file TOO_BIG_FILE",
    ),
    "Events": _rows(
        "event",
        """availability_updated chat_deactivated chat_properties_deleted chat_properties_updated
        chat_transferred connected connection_recovered connection_unstable customer_id
        customer_page_updated customer_updated disconnected event_properties_deleted
        event_properties_updated event_updated events_marked_as_seen greeting_accepted
        greeting_canceled incoming_chat incoming_event incoming_greeting
        incoming_rich_message_postback incoming_typing_indicator queue_position_updated
        thread_properties_deleted thread_properties_updated user_added_to_chat user_data
        user_removed_from_chat""",
    ),
    "Disconnection reasons": _rows(
        "reason",
        """access_token_expired connection_lost customer_banned customer_temporarily_blocked
        identity_mismatch inactivity_timeout internal_error license_expired license_not_found
        misdirected_connection too_many_connections too_many_unauthorized_connections
        unsupported_version users_limit_reached""",
    ),
    "Errors": _rows(
        "error",
        """CONNECTION_LOST CUSTOMER_BANNED GROUP_NOT_FOUND INTERNAL PENDING_REQUESTS_LIMIT_REACHED
        REQUEST_TIMEOUT SERVICE_UNAVAILABLE VALIDATION""",
    ),
    "Recipes": ("recipe chat_transcript", "recipe hard_limit"),
    "Options": _rows(
        "option",
        """organization_id client_id auto_connect group_id unique_groups region redirect_uri
        customer_data_provider identity_provider page referrer""",
    ),
    "Beyond the JavaScript SDK: methods": _rows(
        "method",
        """check_goals request_email_verification delete_event send_greeting_button_clicked
        request_welcome_message list_license_properties list_group_properties
        get_dynamic_configuration get_configuration get_localization request
        auth.get_token auth.get_fresh_token auth.has_token auth.invalidate consume resync
        outbox.send_event outbox.mark_events_as_seen history.fill history.refresh""",
    ),
    "Beyond the JavaScript SDK: events": _rows(
        "event",
        """event_deleted incoming_event_preview incoming_thinking_indicator
        incoming_welcome_message incoming_multicast unknown_push event_added resynced doubled""",
    ),
    "Beyond the JavaScript SDK: disconnection reasons": _rows(
        "reason",
        """access_token_revoked connection_evicted connection_timeout logged_out_remotely
        product_version_changed service_temporarily_unavailable unknown""",
    ),
    "Identity": (
        "identity kept across restarts",
        "identity in a file of mode 0600",
        "identity per group",
        "identity by agent token",
        "identity transfer",
        "identity mismatch in a session",
        "identity mismatch at a start",
        "identity refresh is one flight",
        "identity refresh ahead of expiry",
        "identity token expires while connected",
    ),
    "Uploads": (
        "upload of bytes",
        "upload of a path",
        "upload of an open file",
        "upload progress",
        "upload cancelled",
        "upload refused by the server",
        "upload answered with HTML",
        "upload in another region",
        "upload as a file event",
    ),
    "State that travels with the login": (
        "login side storage",
        "login customer data",
        "login page",
        "login push subscriptions",
        "login api version 3.6",
    ),
}
"""The page's sections and their rows, in the page's order."""

ROWS: Final = frozenset(row for rows in SECTIONS.values() for row in rows)
