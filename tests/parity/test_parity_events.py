"""Every event of the seed: what causes it, its payload, and what comes before and after it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from events_kit import Heard, scene
from front_kit import customer, until

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox
from livechat_customer.transport.config import SessionConfig

BUTTONS: dict[str, Any] = {
    "type": "rich_message",
    "template_id": "quick_replies",
    "elements": [
        {
            "title": "Which?",
            "buttons": [
                {
                    "type": "message",
                    "text": "Yes",
                    "postback_id": "yes",
                    "value": "yes",
                    "user_ids": [],
                }
            ],
        }
    ],
}


@pytest.mark.shows("event customer_id", "event connected", by="sandbox")
async def test_who_it_is_once_and_connected_each_time() -> None:
    async with (
        Sandbox() as sandbox,
        lc.init(**sandbox.options(), log=":memory:", random=lambda: 0.0) as sdk,
    ):
        heard = Heard(sdk)
        own = (await sdk.connect()).customer.id
        (_, connected) = heard.told[-1]
        assert [name for name, _ in heard.told] == ["customer_id", "connected"]
        assert heard.told[0][1] == own
        assert isinstance(connected, lc.Connected)
        assert (connected.customer.id, connected.availability) == (own, "online")
        assert connected.customer.statistics is not None
        assert connected.greeting is None
        _, unique_id = sandbox.show_greeting(own)
        await heard.until("incoming_greeting")
        heard.clear()

        sandbox.disconnect()
        again = await heard.until("connected")

        assert heard.names == ["disconnected", "connected"], "who it is is known"
        assert again.greeting is not None
        assert again.greeting.unique_id == unique_id


@pytest.mark.shows("event disconnected", by="fault")
async def test_disconnected_says_why_and_what_the_server_gave_beside_it() -> None:
    async with Sandbox() as sandbox, customer(sandbox) as sdk:
        heard = Heard(sdk)
        sandbox.disconnect(reason="internal_error", data={"hint": 1})
        told = await heard.until("disconnected")
        assert told == lc.Disconnected("internal_error", data={"hint": 1})
        await heard.until("connected")
        assert heard.names == ["disconnected", "connected"]


@pytest.mark.shows("event connection_unstable", "event connection_recovered", by="fault")
async def test_a_late_pong_and_the_next_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    import livechat_customer.assembly

    soon = partial(SessionConfig, ping_interval=0.05, unstable_after=0.05, dead_after=30.0)
    monkeypatch.setattr(livechat_customer.assembly, "SessionConfig", soon)
    async with Sandbox() as sandbox:
        late = sandbox.fault("delay", action="ping")
        async with customer(sandbox) as sdk:
            heard = Heard(sdk)
            assert await heard.until("connection_unstable") == lc.ConnectionUnstable()
            assert sdk.connection.value.unstable
            late.release()
            assert await heard.until("connection_recovered") == lc.ConnectionRecovered()
            assert not sdk.connection.value.unstable
            assert heard.names[:2] == ["connection_unstable", "connection_recovered"]


@pytest.mark.shows("event availability_updated", by="sandbox")
async def test_availability_is_that_of_ones_own_group() -> None:
    async with Sandbox() as sandbox:
        sandbox.set_availability(7, "online")
        async with customer(sandbox, group_id=7) as sdk:
            heard = Heard(sdk)
            sandbox.set_availability(0, "offline")
            sandbox.set_availability(7, "online_for_queue")
            sandbox.set_availability(7, "offline")
            await heard.until("availability_updated", 2)
            assert heard.told == [
                ("availability_updated", lc.AvailabilityUpdated("online", 7, "online_for_queue")),
                ("availability_updated", lc.AvailabilityUpdated("offline", 7, "offline")),
            ]
            assert sdk.availability.value.status == "offline"


@pytest.mark.shows("event incoming_chat", "event user_data", by="sandbox")
async def test_another_device_starts_a_chat() -> None:
    shared = lc.MemoryCredentials()
    async with (
        Sandbox() as sandbox,
        customer(sandbox, credentials=shared) as sdk,
        customer(sandbox, credentials=shared) as other,
    ):
        heard, own = Heard(sdk), Heard(other)
        started = await other.start_chat(
            chat={"thread": {"events": [{"type": "message", "text": "a"}]}}
        )
        told = await heard.until("incoming_chat")
        await sdk.get_customer()

        assert heard.names == ["user_data", "incoming_chat", "event_added"]
        assert isinstance(told, lc.IncomingChat)
        assert told.chat == started
        assert told.requester_id == started.users[0].id
        (user,) = heard.of("user_data")
        assert (user.id, user.type) == (started.users[0].id, "customer")
        assert user.present is None, "that is of a chat"
        assert own.names == ["user_data", "event_added"], "the caller has the chat"
        assert [item.id for item in sdk.chats.value] == [started.id]


@pytest.mark.shows("event user_data", by="sandbox")
async def test_users_come_before_the_answers_that_show_them() -> None:
    async with scene() as it:
        jane = it.sandbox.agent("Jane")
        jane.send_event(it.chat_id, "b")
        await it.heard.until("incoming_event")
        it.heard.clear()

        await it.sdk.get_chat(chat_id=it.chat_id)
        await it.sdk.list_chats()

        assert it.heard.names == ["user_data"] * 4, "each time anew"
        assert {user.id for user in it.heard.of("user_data")} == {it.own_id, jane.id}


@pytest.mark.shows("event incoming_event", "event event_added", by="sandbox")
async def test_an_agents_event() -> None:
    async with scene() as it:
        jane = it.sandbox.agent("Jane")
        jane.join(it.chat_id)
        seen_by_handler: list[str] = []

        def look(push: lc.IncomingEvent) -> None:
            shown = it.sdk.chats.value[0].last_event
            seen_by_handler.append(shown.id if shown is not None else "")

        it.sdk.on("incoming_event", look)
        sent = jane.send_event(it.chat_id, {"type": "message", "text": "b", "custom_id": "c"})
        told = await it.heard.until("incoming_event")

        assert isinstance(told, lc.IncomingEvent)
        assert (told.chat_id, told.thread_id) == (it.chat_id, it.thread_id)
        assert told.event == lc.Message(
            "b",
            id=sent.event_id,
            thread_id=it.thread_id,
            author_id=jane.id,
            created_at=sent.created_at,
            custom_id="c",
            recipients="all",
        )
        await it.settle()
        assert it.heard.names[-2:] == ["incoming_event", "event_added"]
        assert seen_by_handler == [sent.event_id], "the views are first"


@pytest.mark.shows("event incoming_event", by="sandbox")
async def test_another_devices_event_is_emitted_and_ones_own_is_not() -> None:
    async with scene() as it:
        await it.other.send_event(chat_id=it.chat_id, event=lc.Message("there"))
        await it.heard.until("incoming_event")
        await it.sdk.send_event(chat_id=it.chat_id, event=lc.Message("here"))
        assert [push.event.text for push in it.heard.of("incoming_event")] == ["there"]
        assert [added.source for added in it.heard.of("event_added")] == ["push", "own"]


@pytest.mark.shows("event event_updated", by="sandbox")
async def test_an_event_is_replaced() -> None:
    async with scene() as it:
        event_id = f"{it.thread_id}_1"
        new = {"type": "message", "text": "changed"}
        it.sandbox.agent("Jane").update_event(it.chat_id, it.thread_id, event_id, new)
        told = await it.heard.until("event_updated")
        assert isinstance(told, lc.EventUpdated)
        assert (told.chat_id, told.thread_id) == (it.chat_id, it.thread_id)
        assert isinstance(told.event, lc.Message)
        assert (told.event.id, told.event.text) == (event_id, "changed")
        assert it.heard.names == ["event_updated"], "it was there before"


@pytest.mark.shows("event chat_deactivated", by="sandbox")
async def test_a_chat_is_closed_by_an_agent_and_by_the_router() -> None:
    async with scene() as it:
        jane = it.sandbox.agent("Jane")
        jane.deactivate_chat(it.chat_id)
        told = await it.heard.until("chat_deactivated")
        assert told == lc.ChatDeactivated(it.chat_id, it.thread_id, jane.id)
        assert not it.sdk.chats.value[0].active
        resumed = await it.other.resume_chat(chat={"id": it.chat_id})
        it.sandbox.route(it.chat_id, "archive", "inactive")
        told = await it.heard.until("chat_deactivated", 2)
        assert resumed.thread is not None
        assert told == lc.ChatDeactivated(it.chat_id, resumed.thread.id, None)


@pytest.mark.shows("event chat_properties_updated", "event chat_properties_deleted", by="sandbox")
async def test_properties_of_a_chat() -> None:
    async with scene() as it:
        given = {"rating": {"comment": "good", "score": 1}}
        await it.other.update_chat_properties(id=it.chat_id, properties=given)
        assert await it.heard.until("chat_properties_updated") == lc.ChatPropertiesUpdated(
            it.chat_id, given
        )
        await it.other.delete_chat_properties(id=it.chat_id, properties={"rating": ["comment"]})
        assert await it.heard.until("chat_properties_deleted") == lc.ChatPropertiesDeleted(
            it.chat_id, {"rating": ("comment",)}
        )
        assert it.sdk.chats.value[0].properties["rating"] == {"score": 1}


@pytest.mark.shows(
    "event thread_properties_updated", "event thread_properties_deleted", by="sandbox"
)
async def test_properties_of_a_thread() -> None:
    async with scene() as it:
        place = {"chat_id": it.chat_id, "thread_id": it.thread_id}
        given = {"rating": {"comment": "good", "score": 1}}
        await it.other.update_thread_properties(**place, properties=given)
        told = await it.heard.until("thread_properties_updated")
        assert told == lc.ThreadPropertiesUpdated(it.chat_id, it.thread_id, given)
        await it.other.delete_thread_properties(**place, properties={"rating": ["comment"]})
        told = await it.heard.until("thread_properties_deleted")
        assert told == lc.ThreadPropertiesDeleted(
            it.chat_id, it.thread_id, {"rating": ("comment",)}
        )


@pytest.mark.shows("event event_properties_updated", "event event_properties_deleted", by="sandbox")
async def test_properties_of_an_event() -> None:
    async with scene() as it:
        ids = (it.chat_id, it.thread_id, f"{it.thread_id}_1")
        place = dict(zip(("chat_id", "thread_id", "event_id"), ids, strict=True))
        given = {"test": {"int_property": 1}}
        await it.other.update_event_properties(**place, properties=given)
        told = await it.heard.until("event_properties_updated")
        assert told == lc.EventPropertiesUpdated(*ids, given)
        await it.other.delete_event_properties(**place, properties={"test": ["int_property"]})
        told = await it.heard.until("event_properties_deleted")
        assert told == lc.EventPropertiesDeleted(*ids, {"test": ("int_property",)})


@pytest.mark.shows("event events_marked_as_seen", by="sandbox")
async def test_an_agent_has_seen_it() -> None:
    async with scene() as it:
        jane = it.sandbox.agent("Jane")
        jane.join(it.chat_id)
        seen = it.sandbox.chats[it.chat_id].threads[0].events[0]["created_at"]
        jane.mark_events_as_seen(it.chat_id, seen)
        told = await it.heard.until("events_marked_as_seen")
        assert told == lc.EventsMarkedAsSeen(it.chat_id, jane.id, seen)
        assert it.heard.names == ["user_data", "user_added_to_chat", "events_marked_as_seen"]


@pytest.mark.shows("event user_added_to_chat", "event user_removed_from_chat", by="sandbox")
async def test_an_agent_comes_and_goes() -> None:
    async with scene() as it:
        jane = it.sandbox.agent("Jane")
        jane.join(it.chat_id)
        told = await it.heard.until("user_added_to_chat")
        assert isinstance(told, lc.UserAddedToChat)
        assert (told.chat_id, told.thread_id, told.present) == (it.chat_id, it.thread_id, True)
        assert isinstance(told.user, lc.Agent)
        assert (told.user.id, told.user.name, told.user.present) == (jane.id, "Jane", True)
        assert told.reason == "assigned"
        assert it.heard.names == ["user_data", "user_added_to_chat"]
        (who,) = it.heard.of("user_data")
        assert (who.id, who.present) == (jane.id, None)

        jane.leave(it.chat_id)
        gone = await it.heard.until("user_removed_from_chat")
        assert gone == lc.UserRemovedFromChat(it.chat_id, jane.id, it.thread_id, "manual", jane.id)


@pytest.mark.shows("event chat_transferred", by="sandbox")
async def test_a_chat_is_transferred_by_hand_and_by_the_router() -> None:
    async with scene() as it:
        kim = it.sandbox.add_agent("Kim", groups=[3])
        jane = it.sandbox.agent("Jane")
        jane.join(it.chat_id)
        jane.transfer_chat(it.chat_id, agent_ids=[kim.id], group_ids=[3])
        told = await it.heard.until("chat_transferred")
        assert told == lc.ChatTransferred(
            it.chat_id, lc.Transfer((3,), (kim.id,)), it.thread_id, None, "manual", jane.id
        )

        it.sandbox.route(it.chat_id, "unassign", "signed_out")
        told = await it.heard.until("chat_transferred", 2)
        assert (told.reason, told.requester_id) == ("unassigned", None)
        assert told.queue is not None
        assert told.queue.position == 1
        assert told.queue.queued_at is not None


@pytest.mark.shows("event queue_position_updated", by="sandbox")
async def test_the_place_in_the_queue() -> None:
    async with scene() as it:
        it.sandbox.set_queue(it.chat_id, 2, 120)
        told = await it.heard.until("queue_position_updated")
        assert told == lc.QueuePositionUpdated(it.chat_id, it.thread_id, lc.Queue(2, 120))
        assert it.heard.names == ["queue_position_updated"]


@pytest.mark.shows("event queue_position_updated", by="push")
async def test_the_place_in_the_queue_as_older_servers_tell_it() -> None:
    async with scene() as it:
        given = {"lc2": {"queue_pos": 3, "queue_waiting_time": 45}}
        place = {"chat_id": it.chat_id, "thread_id": it.thread_id}
        it.sandbox.push("thread_properties_updated", {**place, "properties": given})
        it.sandbox.push("thread_properties_updated", {**place, "properties": {"lc2": {"a": 1}}})
        it.sandbox.push(
            "thread_properties_updated", {**place, "properties": {"lc2": {"queue_pos": None}}}
        )
        await it.heard.until("thread_properties_updated", 3)
        assert it.heard.names == [
            "queue_position_updated",
            "thread_properties_updated",
            "thread_properties_updated",
            "queue_position_updated",
            "thread_properties_updated",
        ]
        assert it.heard.of("queue_position_updated") == [
            lc.QueuePositionUpdated(it.chat_id, it.thread_id, lc.Queue(3, 45)),
            lc.QueuePositionUpdated(it.chat_id, it.thread_id, lc.Queue()),
        ]


@pytest.mark.shows("event incoming_typing_indicator", by="sandbox")
async def test_an_agent_types() -> None:
    async with scene() as it:
        jane = it.sandbox.agent("Jane")
        jane.typing(it.chat_id)
        told = await it.heard.until("incoming_typing_indicator")
        assert isinstance(told, lc.IncomingTypingIndicator)
        assert (told.chat_id, told.thread_id) == (it.chat_id, it.thread_id)
        indicator = told.typing_indicator
        assert (indicator.author_id, indicator.is_typing) == (jane.id, True)
        assert isinstance(indicator.timestamp, int)
        assert indicator.recipients == "all"
        jane.typing(it.chat_id, False)
        told = await it.heard.until("incoming_typing_indicator", 2)
        assert not told.typing_indicator.is_typing


@pytest.mark.shows("event incoming_rich_message_postback", by="sandbox")
async def test_a_button_is_pressed_on_another_device() -> None:
    async with scene() as it:
        sent = it.sandbox.agent("Jane").send_event(it.chat_id, BUTTONS)
        place = {"chat_id": it.chat_id, "thread_id": it.thread_id, "event_id": sent.event_id}
        await it.other.send_rich_message_postback(**place, postback={"id": "yes"})
        told = await it.heard.until("incoming_rich_message_postback")
        assert told == lc.IncomingRichMessagePostback(
            it.own_id, it.chat_id, it.thread_id, sent.event_id, lc.Postback("yes", toggled=True)
        )


@pytest.mark.shows(
    "event incoming_greeting", "event greeting_accepted", "event greeting_canceled", by="sandbox"
)
async def test_greetings() -> None:
    async with scene() as it:
        first, unique = it.sandbox.show_greeting(it.own_id)
        told = await it.heard.until("incoming_greeting")
        assert isinstance(told, lc.Greeting)
        assert (told.id, told.unique_id, told.subtype) == (first, unique, "greeting")
        assert told.event is not None
        assert told.event.thread_id is None
        assert told.agent is not None
        await it.other.accept_greeting(greeting_id=first, unique_id=unique)
        assert await it.heard.until("greeting_accepted") == lc.GreetingAccepted(unique)

        _, second = it.sandbox.show_greeting(it.own_id)
        assert await it.heard.until("greeting_canceled") == lc.GreetingCanceled(unique)
        await it.heard.until("incoming_greeting", 2)
        await it.other.cancel_greeting(unique_id=second)
        assert await it.heard.until("greeting_canceled", 2) == lc.GreetingCanceled(second)
        await until(it.sdk.greeting, lambda greeting: greeting is None)


@pytest.mark.shows("event customer_updated", by="sandbox")
async def test_the_customers_data_changes() -> None:
    async with scene() as it:
        await it.other.update_customer(name="Ann", session_fields={"plan": "pro"})
        told = await it.heard.until("customer_updated")
        assert told == lc.CustomerUpdated(it.own_id, "Ann", session_fields={"plan": "pro"})
        it.sandbox.agent("Jane").update_customer(it.own_id, email="ann@example.com")
        told = await it.heard.until("customer_updated", 2)
        assert told == lc.CustomerUpdated(it.own_id, email="ann@example.com")
        now = it.sdk.customer.value
        assert now is not None
        assert (now.name, now.email) == ("Ann", "ann@example.com")


@pytest.mark.shows("event customer_page_updated", by="push")
async def test_the_push_that_was_withdrawn() -> None:
    async with scene() as it:
        page = {"url": "https://a.example/", "title": "A", "opened_at": "2026-01-01T00:00:00Z"}
        it.sandbox.push("customer_page_updated", page)
        assert await it.heard.until("customer_page_updated") == lc.CustomerPageUpdated(**page)


@pytest.mark.shows("event incoming_multicast", by="sandbox")
async def test_multicasts() -> None:
    async with scene() as it:
        jane = it.sandbox.agent("Jane")
        jane.multicast({"sale": True}, it.own_id)
        it.sandbox.multicast(["all"])
        await it.heard.until("incoming_multicast", 2)
        assert it.heard.of("incoming_multicast") == [
            lc.IncomingMulticast({"sale": True}, jane.id),
            lc.IncomingMulticast(["all"]),
        ]


@pytest.mark.shows("event unknown_push", by="push")
async def test_a_push_that_nobody_knows() -> None:
    async with scene() as it:
        it.sandbox.push("something_new", {"a": [1, {"b": None}]})
        told = await it.heard.until("unknown_push")
        assert told == lc.UnknownPush("something_new", b'{"a":[1,{"b":null}]}')
        assert it.heard.names == ["unknown_push"]


@pytest.mark.shows("event event_deleted", by="sandbox")
async def test_an_event_is_deleted() -> None:
    async with scene(api_version="3.6") as it:
        event_id = f"{it.thread_id}_1"
        history = it.sdk.history(it.chat_id)
        await history.ready()
        it.sandbox.agent("Jane").delete_event(it.chat_id, it.thread_id, event_id)
        told = await it.heard.until("event_deleted")
        assert told == lc.EventDeleted(it.chat_id, it.thread_id, event_id)
        assert list(history.value or ()) == []


@pytest.mark.shows(
    "event incoming_event_preview", "event incoming_thinking_indicator", by="sandbox"
)
async def test_signs_of_an_event_to_come() -> None:
    async with scene(api_version="3.6") as it:
        jane = it.sandbox.agent("Jane")
        jane.join(it.chat_id)
        jane.think(it.chat_id, "Thinking", "of the answer", custom_id="c-1")
        told = await it.heard.until("incoming_thinking_indicator")
        assert isinstance(told, lc.IncomingThinkingIndicator)
        assert (told.chat_id, told.thread_id) == (it.chat_id, it.thread_id)
        assert (told.author_id, told.title, told.custom_id) == (jane.id, "Thinking", "c-1")
        assert (told.description, bool(told.sent_at)) == ("of the answer", True)

        jane.preview_event(it.chat_id, {"type": "message", "text": "4", "custom_id": "c-1"})
        shown = await it.heard.until("incoming_event_preview")
        assert isinstance(shown, lc.IncomingEventPreview)
        assert isinstance(shown.event, lc.Message)
        assert (shown.event.id, shown.event.text, shown.event.custom_id) == ("", "4", "c-1")
        assert "event_added" not in it.heard.names, "it is no event yet"

        jane.send_event(it.chat_id, {"type": "message", "text": "42", "custom_id": "c-1"})
        added = await it.heard.until("event_added")
        assert added.event.custom_id == "c-1"


@pytest.mark.shows("event incoming_welcome_message", by="sandbox")
async def test_the_welcome_message_that_was_asked_for() -> None:
    async with Sandbox() as sandbox, customer(sandbox, api_version="3.6") as sdk:
        sandbox.agent("Jane")
        sandbox.set_welcome_text("Welcome!")
        heard = Heard(sdk)
        asked = await sdk.request_welcome_message()
        told = await heard.until("incoming_welcome_message")
        assert isinstance(told, lc.IncomingWelcomeMessage)
        assert told.id == asked.id
        assert isinstance(told.event, lc.Message)
        assert (told.event.id, told.event.text) == ("", "Welcome!")
        assert heard.names == ["incoming_welcome_message"]
