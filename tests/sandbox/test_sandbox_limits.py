from __future__ import annotations

from livechat_customer.sandbox.limits import Limits


def test_the_apis_numbers() -> None:
    limits = Limits()
    assert limits.login_window == limits.idle == 30
    assert limits.server_ping <= 15
    assert limits.request_timeout == 15
    assert limits.pending_requests == 10
    assert limits.text == 16 * 1024
    assert limits.upload == 10 * 1024 * 1024
    assert limits.session_fields == 100
    assert limits.chats_per_customer == 1
    assert limits.token_lifetime == 28_800
