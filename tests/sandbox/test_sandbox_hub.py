"""Who gets which push."""

from __future__ import annotations

from sandbox_kit import Raw, Token, logged_in

from livechat_customer.sandbox import Sandbox
from livechat_customer.sandbox.pushes import ALL, OTHERS, REQUESTER, Push


async def test_fan_out(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    async with logged_in(sandbox, token) as (other, _), logged_in(sandbox) as (stranger, _):
        requester = sandbox.connections[0]
        pushes = [
            Push("events_marked_as_seen", {"to": to}, to, with_request_id=with_id)
            for to in (ALL, OTHERS, REQUESTER)
            for with_id in (True, False)
        ]
        hub = sandbox._core.hub  # pyright: ignore[reportPrivateUsage]
        hub.deliver(token.customer_id, pushes, requester, "7")

        async def seen(one: Raw) -> list[tuple[str, str | None]]:
            frames = await one.settled()
            return [(frame["payload"]["to"], frame.get("request_id")) for frame in frames]

        assert await seen(raw) == [
            ("all", "7"),
            ("all", None),
            ("requester", "7"),
            ("requester", None),
        ]
        assert await seen(other) == [("all", None)] * 2 + [("others", None)] * 2
        assert await seen(stranger) == []
        hub.deliver(None, [Push("events_marked_as_seen", {"to": "everybody"})])
        for one in (raw, other, stranger):
            assert await seen(one) == [("everybody", None)]


async def test_who_is_leaving_gets_nothing_more(sandbox: Sandbox, raw: Raw, token: Token) -> None:
    sandbox.disconnect(token.customer_id, "internal_error")
    assert sandbox.push("x", {}) == 0
    assert sandbox.disconnect(token.customer_id, "internal_error") == 0
    _, frames = await raw.closed()
    assert [frame["action"] for frame in frames] == ["customer_disconnected"]
