"""The minimal conversation of the protocol, frame by frame, with a raw WebSocket."""

from __future__ import annotations

from sandbox_kit import Json, Raw, dialled, fetch_token, message

from livechat_customer.sandbox import Sandbox


def outline(frames: list[Json]) -> list[tuple[str, str, bool]]:
    """(type, action, whether it bears a request's id)."""
    return [(frame["type"], frame["action"], "request_id" in frame) for frame in frames]


async def test_minimal_conversation(sandbox: Sandbox) -> None:
    jane = sandbox.agent("Jane")
    token = await fetch_token(sandbox)
    async with dialled(sandbox) as raw:
        login = await raw.log_in(token)
        assert login["chats"] == []
        assert login["customer"]["id"] == token.customer_id

        request_id = await raw.send(
            "start_chat",
            {"continuous": True, "chat": {"thread": {"events": [message(custom_id="c-1")]}}},
        )
        answer, push = await raw.next(), await raw.next()
        started = answer["payload"]
        chat_id, thread_id = started["chat_id"], started["thread_id"]
        assert answer == {
            "request_id": request_id,
            "action": "start_chat",
            "type": "response",
            "success": True,
            "payload": started,
        }
        assert started["event_ids"] == [f"{thread_id}_1"]
        assert list(push) == ["version", "request_id", "action", "type", "payload"]
        assert (push["version"], push["request_id"]) == ("3.5", request_id)
        assert push["action"] == "incoming_chat"
        assert push["payload"]["requester_id"] == token.customer_id
        first = push["payload"]["chat"]["thread"]["events"][0]
        assert (first["id"], first["custom_id"]) == (f"{thread_id}_1", "c-1")
        assert first["author_id"] == token.customer_id

        jane.typing(chat_id)
        sent = jane.send_event(chat_id, "Good day")
        raw.frames.clear()
        typing, added, event = [await raw.next() for _ in range(3)]
        assert typing["payload"]["typing_indicator"]["is_typing"] is True
        assert added["action"] == "user_added_to_chat"
        assert added["payload"]["user"]["id"] == jane.id
        assert added["payload"]["reason"] == "assigned"
        assert event["payload"]["event"]["id"] == sent.event_id == f"{thread_id}_2"
        assert all("request_id" not in frame for frame in (typing, added, event))

        await raw.send("mark_events_as_seen", {"chat_id": chat_id, "seen_up_to": sent.created_at})
        answer, push = await raw.next(), await raw.next()
        assert answer["payload"] == {}
        assert push["payload"] == {
            "user_id": token.customer_id,
            "chat_id": chat_id,
            "seen_up_to": sent.created_at,
        }
        assert push["request_id"] == answer["request_id"]

        await raw.send("send_event", {"chat_id": chat_id, "event": message("Thanks")})
        answer, push = await raw.next(), await raw.next()
        assert answer["payload"]["event_id"] == push["payload"]["event"]["id"]
        assert push["request_id"] == answer["request_id"]

        assert await raw.ok("ping") == {}

        await raw.send("deactivate_chat", {"id": chat_id})
        frames = [await raw.next() for _ in range(3)]
        assert outline(frames) == [
            ("push", "incoming_event", False),
            ("push", "chat_deactivated", True),
            ("response", "deactivate_chat", True),
        ]
        assert frames[0]["payload"]["event"]["system_message_type"] == "manual_archived_customer"
        assert frames[1]["payload"] == {
            "chat_id": chat_id,
            "thread_id": thread_id,
            "user_id": token.customer_id,
        }

        await raw.send("resume_chat", {"chat": {"id": chat_id}})
        answer, push = await raw.next(), await raw.next()
        resumed = push["payload"]["chat"]["thread"]
        assert answer["payload"] == {"thread_id": resumed["id"]}
        assert resumed["previous_thread_id"] == thread_id
        assert resumed["active"] is True
        assert push["request_id"] == answer["request_id"]


async def test_two_devices_see_the_same_without_the_requests_id(sandbox: Sandbox) -> None:
    token = await fetch_token(sandbox)
    async with dialled(sandbox) as phone, dialled(sandbox) as laptop:
        for device in (phone, laptop):
            await device.log_in(token)
            await device.settled()
        chat = {"thread": {"events": [message()]}}
        started = await phone.ok("start_chat", {"chat": chat, "continuous": True})
        chat_id = started["chat_id"]
        await phone.ok("send_event", {"chat_id": chat_id, "event": message("more")})
        await laptop.ok("update_customer", {"name": "Ann"})
        await laptop.ok("deactivate_chat", {"id": chat_id})

        def pushed(frames: list[Json]) -> list[tuple[str, Json]]:
            return [(one["action"], one["payload"]) for one in frames if one["type"] == "push"]

        on_phone, on_laptop = await phone.settled(), await laptop.settled()
        assert pushed(on_phone) == pushed(on_laptop)
        assert [action for action, _ in pushed(on_phone)] == [
            "incoming_chat",
            "incoming_event",
            "customer_updated",
            "incoming_event",
            "chat_deactivated",
        ]
        assert bearing_ids(on_phone) == ["incoming_chat", "incoming_event"]
        assert bearing_ids(on_laptop) == ["customer_updated", "chat_deactivated"]


def bearing_ids(frames: list[Json]) -> list[str]:
    pushes = [frame for frame in frames if frame["type"] == "push"]
    return [frame["action"] for frame in pushes if "request_id" in frame]


async def test_another_customer_sees_nothing_of_it(sandbox: Sandbox, raw: Raw) -> None:
    stranger = await fetch_token(sandbox)
    async with dialled(sandbox) as other:
        await other.log_in(stranger)
        started = await raw.ok("start_chat", {"continuous": True})
        assert [action for action, _ in await other.pushes()] == []
        assert await other.refused("get_chat", {"chat_id": started["chat_id"]}) == "not_found"
