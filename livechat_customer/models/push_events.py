"""Which events a push raises, in the order of the JavaScript SDK 4.0.2, as pure functions.

`push_events` says what a frame means to `on` and `observe`; whether it is emitted at all (an
echo of our own request is not) is the pump's to decide. An event bears the name of its push,
`groups_status_updated` and unknown ones aside; some are preceded by others.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from livechat_customer import records
from livechat_customer.models import from_wire, payloads
from livechat_customer.models.base import Model
from livechat_customer.models.chats import Queue, Transfer
from livechat_customer.models.inputs import Postback
from livechat_customer.models.own import own
from livechat_customer.models.users import Customer, User
from livechat_customer.models.wire import decode, pushes
from livechat_customer.models.wire import users as wire_users
from livechat_customer.models.wire.base import ABSENT
from livechat_customer.records import Record

NamedPayload = tuple[str, Model]
"""Name of an event and its payload."""


def push_events(
    record: Record, payload: decode.Payload, *, own_group: int | None = None
) -> list[NamedPayload]:
    """The events of a `push` record, in the order they are to be emitted.

    `payload` is `payload_of(record)`. `own_group` is the group that decides the customer's
    availability (`from_wire.own_group` of the login); None: take the first group named.
    Empty for other records, for `customer_disconnected` (connection events come from the
    session's own facts) and for `customer_side_storage_updated`.
    """
    if record.kind != records.PUSH:
        return []
    kind = type(payload)
    make = _PAYLOADS.get(kind)
    if make is not None:
        named = (record.action, make(payload))
        before = _BEFORE.get(kind)
        return [*before(payload), named] if before else [named]
    if isinstance(payload, pushes.GroupsStatusUpdated):
        return list(_availability(payload, own_group))
    if isinstance(payload, decode.UnknownPayload):
        return list(_unknown(payload))
    return []


def user_data(users: Iterable[wire_users.User]) -> list[NamedPayload]:
    """One `user_data` for each user, in the server's order: who they are, apart from any chat
    (no `present`, no read mark, no statistics).

    For the answers of `get_chat` and `list_chats`, too, whose users no push announces.
    """
    first: dict[str, User] = {}
    for wire in users:
        if wire.id not in first:
            first[wire.id] = _apart(from_wire.user(wire))
    return [("user_data", user) for user in first.values()]


def _apart(user: User) -> User:
    if isinstance(user, Customer):
        return replace(user, present=None, seen_up_to=None, statistics=None)
    return replace(user, present=None, seen_up_to=None)


def _before_chat(push: pushes.IncomingChat) -> list[NamedPayload]:
    return user_data(push.chat.users)


def _before_user_added(push: pushes.UserAddedToChat) -> list[NamedPayload]:
    return user_data([push.user])


def _before_thread_properties(push: pushes.ThreadPropertiesUpdated) -> list[NamedPayload]:
    queue = legacy_queue(push)
    if queue is None:
        return []
    update = payloads.QueuePositionUpdated(push.chat_id, push.thread_id, queue)
    return [("queue_position_updated", update)]


def legacy_queue(push: pushes.ThreadPropertiesUpdated) -> Queue | None:
    """The place in the queue as older servers tell it, by the thread's properties of `lc2`.

    None unless `queue_pos` is named; a null there is a `Queue` without position.
    """
    lc2 = push.properties.get("lc2", {})
    if "queue_pos" not in lc2:
        return None
    return Queue(position=_int(lc2["queue_pos"]), wait_time=_int(lc2.get("queue_waiting_time")))


def _int(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _availability(push: pushes.GroupsStatusUpdated, own: int | None) -> Iterator[NamedPayload]:
    for group in push.groups:
        if own is None or group.id == own:
            word = from_wire.availability(group.status)
            update = payloads.AvailabilityUpdated(word, group.id, group.status)
            yield ("availability_updated", update)
            return


def _unknown(payload: decode.UnknownPayload) -> Iterator[NamedPayload]:
    # A known push that could not be used is reported by the log's warning only.
    if payload.action != records.UNPARSED and payload.action not in pushes.PUSHES:
        yield ("unknown_push", payloads.UnknownPush(payload.action, payload.raw))


def _incoming_event(push: pushes.IncomingEvent) -> payloads.IncomingEvent:
    event = from_wire.event(push.event, push.thread_id)
    return payloads.IncomingEvent(push.chat_id, event, push.thread_id)


def _event_updated(push: pushes.EventUpdated) -> payloads.EventUpdated:
    event = from_wire.event(push.event, push.thread_id)
    return payloads.EventUpdated(push.chat_id, push.thread_id, event)


def _preview(push: pushes.IncomingEventPreview) -> payloads.IncomingEventPreview:
    event = from_wire.event(push.event, push.thread_id)
    return payloads.IncomingEventPreview(push.chat_id, event, push.thread_id)


def _welcome(push: pushes.IncomingWelcomeMessage) -> payloads.IncomingWelcomeMessage:
    return payloads.IncomingWelcomeMessage(from_wire.event(push.event, None), push.id)


def _incoming_chat(push: pushes.IncomingChat) -> payloads.IncomingChat:
    origin = from_wire.transfer(push.chat.transferred_from)
    return payloads.IncomingChat(from_wire.chat(push.chat), push.requester_id, origin)


def _chat_transferred(push: pushes.ChatTransferred) -> payloads.ChatTransferred:
    return payloads.ChatTransferred(
        chat_id=push.chat_id,
        transferred_to=from_wire.transfer(push.transferred_to) or Transfer(),
        thread_id=push.thread_id,
        queue=from_wire.queue(push.queue),
        reason=push.reason,
        requester_id=push.requester_id,
    )


def _user_added(push: pushes.UserAddedToChat) -> payloads.UserAddedToChat:
    return payloads.UserAddedToChat(
        chat_id=push.chat_id,
        user=from_wire.user(push.user),
        present=push.user.present or False,
        thread_id=push.thread_id,
        reason=push.reason,
        requester_id=push.requester_id,
    )


def _postback(push: pushes.IncomingRichMessagePostback) -> payloads.IncomingRichMessagePostback:
    wire = push.postback
    postback = Postback(
        id=wire.id,
        toggled=wire.toggled or False,
        button_type=wire.button_type,
        button_value=wire.button_value,
        ecommerce=from_wire.ecommerce(wire.ecommerce),
    )
    return payloads.IncomingRichMessagePostback(
        push.user_id, push.chat_id, push.thread_id, push.event_id, postback
    )


def _customer_updated(push: pushes.CustomerUpdated) -> payloads.CustomerUpdated:
    fields = push.session_fields
    return payloads.CustomerUpdated(
        id=push.id,
        name=push.name,
        email=push.email,
        avatar=push.avatar,
        session_fields=None if fields is ABSENT else from_wire.session_fields(fields),
        email_verified=push.email_verified,
        phone_number=push.phone_number,
        address=from_wire.address(push.address),
        omnichannel=own(push.omnichannel),
    )


def _typing(push: pushes.IncomingTypingIndicator) -> payloads.IncomingTypingIndicator:
    wire = push.typing_indicator
    indicator = payloads.TypingIndicator(
        author_id=wire.author_id,
        is_typing=wire.is_typing or False,
        timestamp=wire.timestamp,
        recipients=wire.recipients or wire.visibility,
    )
    return payloads.IncomingTypingIndicator(push.chat_id, indicator, push.thread_id)


def _queue_position(push: pushes.QueuePositionUpdated) -> payloads.QueuePositionUpdated:
    queue = from_wire.queue(push.queue) or Queue()
    return payloads.QueuePositionUpdated(push.chat_id, push.thread_id, queue)


def _same(public: type[Model]) -> Callable[[Any], Model]:
    """For payloads that have the push's own fields."""
    names = public.__struct_fields__
    return lambda push: public(**{name: own(getattr(push, name)) for name in names})


_PAYLOADS: Final[dict[type[msgspec.Struct], Callable[[Any], Model]]] = {
    pushes.IncomingEvent: _incoming_event,
    pushes.EventUpdated: _event_updated,
    pushes.EventDeleted: _same(payloads.EventDeleted),
    pushes.IncomingChat: _incoming_chat,
    pushes.ChatDeactivated: _same(payloads.ChatDeactivated),
    pushes.ChatTransferred: _chat_transferred,
    pushes.UserAddedToChat: _user_added,
    pushes.UserRemovedFromChat: _same(payloads.UserRemovedFromChat),
    pushes.IncomingRichMessagePostback: _postback,
    pushes.ChatPropertiesUpdated: _same(payloads.ChatPropertiesUpdated),
    pushes.ChatPropertiesDeleted: _same(payloads.ChatPropertiesDeleted),
    pushes.ThreadPropertiesUpdated: _same(payloads.ThreadPropertiesUpdated),
    pushes.ThreadPropertiesDeleted: _same(payloads.ThreadPropertiesDeleted),
    pushes.EventPropertiesUpdated: _same(payloads.EventPropertiesUpdated),
    pushes.EventPropertiesDeleted: _same(payloads.EventPropertiesDeleted),
    pushes.CustomerUpdated: _customer_updated,
    pushes.CustomerPageUpdated: _same(payloads.CustomerPageUpdated),
    pushes.IncomingTypingIndicator: _typing,
    pushes.IncomingMulticast: _same(payloads.IncomingMulticast),
    pushes.EventsMarkedAsSeen: _same(payloads.EventsMarkedAsSeen),
    pushes.IncomingGreeting: from_wire.greeting,
    pushes.GreetingAccepted: _same(payloads.GreetingAccepted),
    pushes.GreetingCanceled: _same(payloads.GreetingCanceled),
    pushes.QueuePositionUpdated: _queue_position,
    pushes.IncomingEventPreview: _preview,
    pushes.IncomingThinkingIndicator: _same(payloads.IncomingThinkingIndicator),
    pushes.IncomingWelcomeMessage: _welcome,
}

_BEFORE: Final[dict[type[msgspec.Struct], Callable[[Any], list[NamedPayload]]]] = {
    pushes.IncomingChat: _before_chat,
    pushes.UserAddedToChat: _before_user_added,
    pushes.ThreadPropertiesUpdated: _before_thread_properties,
}
