"""`on`, `once`, `observe`, `wait_for` and `consume`, typed for each event.

Written by `tools/typed_events.py` from the table of events: change that, not this.
"""

# ruff: noqa: ASYNC109

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

from reactivex import Observable
from reactivex.abc import DisposableBase

from livechat_customer.consume import Consumer, Since, Source
from livechat_customer.emitter import ERROR, Emitter, Handler
from livechat_customer.errors import (
    CustomerSDKError,
)
from livechat_customer.models.greetings import (
    Greeting,
)
from livechat_customer.models.payloads import (
    AvailabilityUpdated,
    ChatDeactivated,
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    ChatTransferred,
    Connected,
    ConnectionRecovered,
    ConnectionUnstable,
    CustomerPageUpdated,
    CustomerUpdated,
    Disconnected,
    Doubled,
    EventAdded,
    EventDeleted,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventsMarkedAsSeen,
    EventUpdated,
    GreetingAccepted,
    GreetingCanceled,
    IncomingChat,
    IncomingEvent,
    IncomingEventPreview,
    IncomingMulticast,
    IncomingRichMessagePostback,
    IncomingThinkingIndicator,
    IncomingTypingIndicator,
    IncomingWelcomeMessage,
    QueuePositionUpdated,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
    UnknownPush,
    UserAddedToChat,
    UserRemovedFromChat,
)
from livechat_customer.models.sync import (
    ResyncReport,
)
from livechat_customer.models.users import (
    Agent,
    Customer,
)

T = TypeVar("T")
On = Callable[[T], Any]
Deco = Callable[[On[T]], On[T]]


class TypedEvents:
    """Handlers of events. A name that is no event is a `ValueError` that names the nearest."""

    _emitter: Emitter
    _source: Source

    @overload
    def on(self, name: Literal["customer_id"], handler: On[str]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["customer_id"]) -> Deco[str]: ...
    @overload
    def on(self, name: Literal["connected"], handler: On[Connected]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["connected"]) -> Deco[Connected]: ...
    @overload
    def on(self, name: Literal["disconnected"], handler: On[Disconnected]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["disconnected"]) -> Deco[Disconnected]: ...
    @overload
    def on(
        self, name: Literal["connection_unstable"], handler: On[ConnectionUnstable]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["connection_unstable"]) -> Deco[ConnectionUnstable]: ...
    @overload
    def on(
        self, name: Literal["connection_recovered"], handler: On[ConnectionRecovered]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["connection_recovered"]) -> Deco[ConnectionRecovered]: ...
    @overload
    def on(self, name: Literal["user_data"], handler: On[Customer | Agent]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["user_data"]) -> Deco[Customer | Agent]: ...
    @overload
    def on(
        self, name: Literal["availability_updated"], handler: On[AvailabilityUpdated]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["availability_updated"]) -> Deco[AvailabilityUpdated]: ...
    @overload
    def on(
        self, name: Literal["chat_deactivated"], handler: On[ChatDeactivated]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["chat_deactivated"]) -> Deco[ChatDeactivated]: ...
    @overload
    def on(
        self, name: Literal["chat_properties_updated"], handler: On[ChatPropertiesUpdated]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["chat_properties_updated"]) -> Deco[ChatPropertiesUpdated]: ...
    @overload
    def on(
        self, name: Literal["chat_properties_deleted"], handler: On[ChatPropertiesDeleted]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["chat_properties_deleted"]) -> Deco[ChatPropertiesDeleted]: ...
    @overload
    def on(
        self, name: Literal["thread_properties_updated"], handler: On[ThreadPropertiesUpdated]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["thread_properties_updated"]) -> Deco[ThreadPropertiesUpdated]: ...
    @overload
    def on(
        self, name: Literal["thread_properties_deleted"], handler: On[ThreadPropertiesDeleted]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["thread_properties_deleted"]) -> Deco[ThreadPropertiesDeleted]: ...
    @overload
    def on(
        self, name: Literal["event_properties_updated"], handler: On[EventPropertiesUpdated]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["event_properties_updated"]) -> Deco[EventPropertiesUpdated]: ...
    @overload
    def on(
        self, name: Literal["event_properties_deleted"], handler: On[EventPropertiesDeleted]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["event_properties_deleted"]) -> Deco[EventPropertiesDeleted]: ...
    @overload
    def on(self, name: Literal["event_updated"], handler: On[EventUpdated]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["event_updated"]) -> Deco[EventUpdated]: ...
    @overload
    def on(
        self, name: Literal["events_marked_as_seen"], handler: On[EventsMarkedAsSeen]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["events_marked_as_seen"]) -> Deco[EventsMarkedAsSeen]: ...
    @overload
    def on(
        self, name: Literal["chat_transferred"], handler: On[ChatTransferred]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["chat_transferred"]) -> Deco[ChatTransferred]: ...
    @overload
    def on(
        self, name: Literal["customer_page_updated"], handler: On[CustomerPageUpdated]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["customer_page_updated"]) -> Deco[CustomerPageUpdated]: ...
    @overload
    def on(
        self, name: Literal["customer_updated"], handler: On[CustomerUpdated]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["customer_updated"]) -> Deco[CustomerUpdated]: ...
    @overload
    def on(
        self, name: Literal["greeting_accepted"], handler: On[GreetingAccepted]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["greeting_accepted"]) -> Deco[GreetingAccepted]: ...
    @overload
    def on(
        self, name: Literal["greeting_canceled"], handler: On[GreetingCanceled]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["greeting_canceled"]) -> Deco[GreetingCanceled]: ...
    @overload
    def on(self, name: Literal["incoming_greeting"], handler: On[Greeting]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["incoming_greeting"]) -> Deco[Greeting]: ...
    @overload
    def on(self, name: Literal["incoming_chat"], handler: On[IncomingChat]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["incoming_chat"]) -> Deco[IncomingChat]: ...
    @overload
    def on(self, name: Literal["incoming_event"], handler: On[IncomingEvent]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["incoming_event"]) -> Deco[IncomingEvent]: ...
    @overload
    def on(
        self, name: Literal["incoming_multicast"], handler: On[IncomingMulticast]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["incoming_multicast"]) -> Deco[IncomingMulticast]: ...
    @overload
    def on(
        self,
        name: Literal["incoming_rich_message_postback"],
        handler: On[IncomingRichMessagePostback],
    ) -> DisposableBase: ...
    @overload
    def on(
        self, name: Literal["incoming_rich_message_postback"]
    ) -> Deco[IncomingRichMessagePostback]: ...
    @overload
    def on(
        self, name: Literal["incoming_typing_indicator"], handler: On[IncomingTypingIndicator]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["incoming_typing_indicator"]) -> Deco[IncomingTypingIndicator]: ...
    @overload
    def on(
        self, name: Literal["queue_position_updated"], handler: On[QueuePositionUpdated]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["queue_position_updated"]) -> Deco[QueuePositionUpdated]: ...
    @overload
    def on(
        self, name: Literal["user_added_to_chat"], handler: On[UserAddedToChat]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["user_added_to_chat"]) -> Deco[UserAddedToChat]: ...
    @overload
    def on(
        self, name: Literal["user_removed_from_chat"], handler: On[UserRemovedFromChat]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["user_removed_from_chat"]) -> Deco[UserRemovedFromChat]: ...
    @overload
    def on(self, name: Literal["event_deleted"], handler: On[EventDeleted]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["event_deleted"]) -> Deco[EventDeleted]: ...
    @overload
    def on(
        self, name: Literal["incoming_event_preview"], handler: On[IncomingEventPreview]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["incoming_event_preview"]) -> Deco[IncomingEventPreview]: ...
    @overload
    def on(
        self, name: Literal["incoming_thinking_indicator"], handler: On[IncomingThinkingIndicator]
    ) -> DisposableBase: ...
    @overload
    def on(
        self, name: Literal["incoming_thinking_indicator"]
    ) -> Deco[IncomingThinkingIndicator]: ...
    @overload
    def on(
        self, name: Literal["incoming_welcome_message"], handler: On[IncomingWelcomeMessage]
    ) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["incoming_welcome_message"]) -> Deco[IncomingWelcomeMessage]: ...
    @overload
    def on(self, name: Literal["unknown_push"], handler: On[UnknownPush]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["unknown_push"]) -> Deco[UnknownPush]: ...
    @overload
    def on(self, name: Literal["event_added"], handler: On[EventAdded]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["event_added"]) -> Deco[EventAdded]: ...
    @overload
    def on(self, name: Literal["doubled"], handler: On[Doubled]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["doubled"]) -> Deco[Doubled]: ...
    @overload
    def on(self, name: Literal["resynced"], handler: On[ResyncReport]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["resynced"]) -> Deco[ResyncReport]: ...
    @overload
    def on(self, name: Literal["error"], handler: On[CustomerSDKError]) -> DisposableBase: ...
    @overload
    def on(self, name: Literal["error"]) -> Deco[CustomerSDKError]: ...
    def on(self, name: str, handler: Handler | None = None) -> Any:
        """Call `handler(payload)` at each event `name`; returns what takes it off again.

        Without `handler` it decorates: `@sdk.on("connected")`. Plain functions run in line, in
        the order of registration, after the views; coroutine functions as tasks, one call after
        the other.
        """
        if handler is not None:
            return self._emitter.on(name, handler, once=False)
        self._emitter.check(name)

        def decorate(function: Handler) -> Handler:
            self._emitter.on(name, function, once=False)
            return function

        return decorate

    @overload
    def once(self, name: Literal["customer_id"], handler: On[str]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["customer_id"]) -> Deco[str]: ...
    @overload
    def once(self, name: Literal["connected"], handler: On[Connected]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["connected"]) -> Deco[Connected]: ...
    @overload
    def once(self, name: Literal["disconnected"], handler: On[Disconnected]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["disconnected"]) -> Deco[Disconnected]: ...
    @overload
    def once(
        self, name: Literal["connection_unstable"], handler: On[ConnectionUnstable]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["connection_unstable"]) -> Deco[ConnectionUnstable]: ...
    @overload
    def once(
        self, name: Literal["connection_recovered"], handler: On[ConnectionRecovered]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["connection_recovered"]) -> Deco[ConnectionRecovered]: ...
    @overload
    def once(self, name: Literal["user_data"], handler: On[Customer | Agent]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["user_data"]) -> Deco[Customer | Agent]: ...
    @overload
    def once(
        self, name: Literal["availability_updated"], handler: On[AvailabilityUpdated]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["availability_updated"]) -> Deco[AvailabilityUpdated]: ...
    @overload
    def once(
        self, name: Literal["chat_deactivated"], handler: On[ChatDeactivated]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["chat_deactivated"]) -> Deco[ChatDeactivated]: ...
    @overload
    def once(
        self, name: Literal["chat_properties_updated"], handler: On[ChatPropertiesUpdated]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["chat_properties_updated"]) -> Deco[ChatPropertiesUpdated]: ...
    @overload
    def once(
        self, name: Literal["chat_properties_deleted"], handler: On[ChatPropertiesDeleted]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["chat_properties_deleted"]) -> Deco[ChatPropertiesDeleted]: ...
    @overload
    def once(
        self, name: Literal["thread_properties_updated"], handler: On[ThreadPropertiesUpdated]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["thread_properties_updated"]) -> Deco[ThreadPropertiesUpdated]: ...
    @overload
    def once(
        self, name: Literal["thread_properties_deleted"], handler: On[ThreadPropertiesDeleted]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["thread_properties_deleted"]) -> Deco[ThreadPropertiesDeleted]: ...
    @overload
    def once(
        self, name: Literal["event_properties_updated"], handler: On[EventPropertiesUpdated]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["event_properties_updated"]) -> Deco[EventPropertiesUpdated]: ...
    @overload
    def once(
        self, name: Literal["event_properties_deleted"], handler: On[EventPropertiesDeleted]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["event_properties_deleted"]) -> Deco[EventPropertiesDeleted]: ...
    @overload
    def once(self, name: Literal["event_updated"], handler: On[EventUpdated]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["event_updated"]) -> Deco[EventUpdated]: ...
    @overload
    def once(
        self, name: Literal["events_marked_as_seen"], handler: On[EventsMarkedAsSeen]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["events_marked_as_seen"]) -> Deco[EventsMarkedAsSeen]: ...
    @overload
    def once(
        self, name: Literal["chat_transferred"], handler: On[ChatTransferred]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["chat_transferred"]) -> Deco[ChatTransferred]: ...
    @overload
    def once(
        self, name: Literal["customer_page_updated"], handler: On[CustomerPageUpdated]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["customer_page_updated"]) -> Deco[CustomerPageUpdated]: ...
    @overload
    def once(
        self, name: Literal["customer_updated"], handler: On[CustomerUpdated]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["customer_updated"]) -> Deco[CustomerUpdated]: ...
    @overload
    def once(
        self, name: Literal["greeting_accepted"], handler: On[GreetingAccepted]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["greeting_accepted"]) -> Deco[GreetingAccepted]: ...
    @overload
    def once(
        self, name: Literal["greeting_canceled"], handler: On[GreetingCanceled]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["greeting_canceled"]) -> Deco[GreetingCanceled]: ...
    @overload
    def once(self, name: Literal["incoming_greeting"], handler: On[Greeting]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["incoming_greeting"]) -> Deco[Greeting]: ...
    @overload
    def once(self, name: Literal["incoming_chat"], handler: On[IncomingChat]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["incoming_chat"]) -> Deco[IncomingChat]: ...
    @overload
    def once(
        self, name: Literal["incoming_event"], handler: On[IncomingEvent]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["incoming_event"]) -> Deco[IncomingEvent]: ...
    @overload
    def once(
        self, name: Literal["incoming_multicast"], handler: On[IncomingMulticast]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["incoming_multicast"]) -> Deco[IncomingMulticast]: ...
    @overload
    def once(
        self,
        name: Literal["incoming_rich_message_postback"],
        handler: On[IncomingRichMessagePostback],
    ) -> DisposableBase: ...
    @overload
    def once(
        self, name: Literal["incoming_rich_message_postback"]
    ) -> Deco[IncomingRichMessagePostback]: ...
    @overload
    def once(
        self, name: Literal["incoming_typing_indicator"], handler: On[IncomingTypingIndicator]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["incoming_typing_indicator"]) -> Deco[IncomingTypingIndicator]: ...
    @overload
    def once(
        self, name: Literal["queue_position_updated"], handler: On[QueuePositionUpdated]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["queue_position_updated"]) -> Deco[QueuePositionUpdated]: ...
    @overload
    def once(
        self, name: Literal["user_added_to_chat"], handler: On[UserAddedToChat]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["user_added_to_chat"]) -> Deco[UserAddedToChat]: ...
    @overload
    def once(
        self, name: Literal["user_removed_from_chat"], handler: On[UserRemovedFromChat]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["user_removed_from_chat"]) -> Deco[UserRemovedFromChat]: ...
    @overload
    def once(self, name: Literal["event_deleted"], handler: On[EventDeleted]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["event_deleted"]) -> Deco[EventDeleted]: ...
    @overload
    def once(
        self, name: Literal["incoming_event_preview"], handler: On[IncomingEventPreview]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["incoming_event_preview"]) -> Deco[IncomingEventPreview]: ...
    @overload
    def once(
        self, name: Literal["incoming_thinking_indicator"], handler: On[IncomingThinkingIndicator]
    ) -> DisposableBase: ...
    @overload
    def once(
        self, name: Literal["incoming_thinking_indicator"]
    ) -> Deco[IncomingThinkingIndicator]: ...
    @overload
    def once(
        self, name: Literal["incoming_welcome_message"], handler: On[IncomingWelcomeMessage]
    ) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["incoming_welcome_message"]) -> Deco[IncomingWelcomeMessage]: ...
    @overload
    def once(self, name: Literal["unknown_push"], handler: On[UnknownPush]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["unknown_push"]) -> Deco[UnknownPush]: ...
    @overload
    def once(self, name: Literal["event_added"], handler: On[EventAdded]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["event_added"]) -> Deco[EventAdded]: ...
    @overload
    def once(self, name: Literal["doubled"], handler: On[Doubled]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["doubled"]) -> Deco[Doubled]: ...
    @overload
    def once(self, name: Literal["resynced"], handler: On[ResyncReport]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["resynced"]) -> Deco[ResyncReport]: ...
    @overload
    def once(self, name: Literal["error"], handler: On[CustomerSDKError]) -> DisposableBase: ...
    @overload
    def once(self, name: Literal["error"]) -> Deco[CustomerSDKError]: ...
    def once(self, name: str, handler: Handler | None = None) -> Any:
        """As `on`, for the next event only."""
        if handler is not None:
            return self._emitter.on(name, handler, once=True)
        self._emitter.check(name)

        def decorate(function: Handler) -> Handler:
            self._emitter.on(name, function, once=True)
            return function

        return decorate

    def off(self, name: str | None = None, handler: Handler | None = None) -> None:
        """Forget `handler` of `name`, all handlers of `name`, or all there are.

        Who observes or waits is left alone.
        """
        self._emitter.off(name, handler)

    @overload
    def observe(self, name: Literal["customer_id"]) -> Observable[str]: ...
    @overload
    def observe(self, name: Literal["connected"]) -> Observable[Connected]: ...
    @overload
    def observe(self, name: Literal["disconnected"]) -> Observable[Disconnected]: ...
    @overload
    def observe(self, name: Literal["connection_unstable"]) -> Observable[ConnectionUnstable]: ...
    @overload
    def observe(self, name: Literal["connection_recovered"]) -> Observable[ConnectionRecovered]: ...
    @overload
    def observe(self, name: Literal["user_data"]) -> Observable[Customer | Agent]: ...
    @overload
    def observe(self, name: Literal["availability_updated"]) -> Observable[AvailabilityUpdated]: ...
    @overload
    def observe(self, name: Literal["chat_deactivated"]) -> Observable[ChatDeactivated]: ...
    @overload
    def observe(
        self, name: Literal["chat_properties_updated"]
    ) -> Observable[ChatPropertiesUpdated]: ...
    @overload
    def observe(
        self, name: Literal["chat_properties_deleted"]
    ) -> Observable[ChatPropertiesDeleted]: ...
    @overload
    def observe(
        self, name: Literal["thread_properties_updated"]
    ) -> Observable[ThreadPropertiesUpdated]: ...
    @overload
    def observe(
        self, name: Literal["thread_properties_deleted"]
    ) -> Observable[ThreadPropertiesDeleted]: ...
    @overload
    def observe(
        self, name: Literal["event_properties_updated"]
    ) -> Observable[EventPropertiesUpdated]: ...
    @overload
    def observe(
        self, name: Literal["event_properties_deleted"]
    ) -> Observable[EventPropertiesDeleted]: ...
    @overload
    def observe(self, name: Literal["event_updated"]) -> Observable[EventUpdated]: ...
    @overload
    def observe(self, name: Literal["events_marked_as_seen"]) -> Observable[EventsMarkedAsSeen]: ...
    @overload
    def observe(self, name: Literal["chat_transferred"]) -> Observable[ChatTransferred]: ...
    @overload
    def observe(
        self, name: Literal["customer_page_updated"]
    ) -> Observable[CustomerPageUpdated]: ...
    @overload
    def observe(self, name: Literal["customer_updated"]) -> Observable[CustomerUpdated]: ...
    @overload
    def observe(self, name: Literal["greeting_accepted"]) -> Observable[GreetingAccepted]: ...
    @overload
    def observe(self, name: Literal["greeting_canceled"]) -> Observable[GreetingCanceled]: ...
    @overload
    def observe(self, name: Literal["incoming_greeting"]) -> Observable[Greeting]: ...
    @overload
    def observe(self, name: Literal["incoming_chat"]) -> Observable[IncomingChat]: ...
    @overload
    def observe(self, name: Literal["incoming_event"]) -> Observable[IncomingEvent]: ...
    @overload
    def observe(self, name: Literal["incoming_multicast"]) -> Observable[IncomingMulticast]: ...
    @overload
    def observe(
        self, name: Literal["incoming_rich_message_postback"]
    ) -> Observable[IncomingRichMessagePostback]: ...
    @overload
    def observe(
        self, name: Literal["incoming_typing_indicator"]
    ) -> Observable[IncomingTypingIndicator]: ...
    @overload
    def observe(
        self, name: Literal["queue_position_updated"]
    ) -> Observable[QueuePositionUpdated]: ...
    @overload
    def observe(self, name: Literal["user_added_to_chat"]) -> Observable[UserAddedToChat]: ...
    @overload
    def observe(
        self, name: Literal["user_removed_from_chat"]
    ) -> Observable[UserRemovedFromChat]: ...
    @overload
    def observe(self, name: Literal["event_deleted"]) -> Observable[EventDeleted]: ...
    @overload
    def observe(
        self, name: Literal["incoming_event_preview"]
    ) -> Observable[IncomingEventPreview]: ...
    @overload
    def observe(
        self, name: Literal["incoming_thinking_indicator"]
    ) -> Observable[IncomingThinkingIndicator]: ...
    @overload
    def observe(
        self, name: Literal["incoming_welcome_message"]
    ) -> Observable[IncomingWelcomeMessage]: ...
    @overload
    def observe(self, name: Literal["unknown_push"]) -> Observable[UnknownPush]: ...
    @overload
    def observe(self, name: Literal["event_added"]) -> Observable[EventAdded]: ...
    @overload
    def observe(self, name: Literal["doubled"]) -> Observable[Doubled]: ...
    @overload
    def observe(self, name: Literal["resynced"]) -> Observable[ResyncReport]: ...
    @overload
    def observe(self, name: Literal["error"]) -> Observable[CustomerSDKError]: ...
    def observe(self, name: str) -> Any:
        """The payloads of `name` as an observable; it neither replays nor completes."""
        return self._emitter.observe(name)

    @overload
    async def wait_for(
        self,
        name: Literal["customer_id"],
        predicate: Callable[[str], bool] | None = None,
        timeout: float | None = None,
    ) -> str: ...
    @overload
    async def wait_for(
        self,
        name: Literal["connected"],
        predicate: Callable[[Connected], bool] | None = None,
        timeout: float | None = None,
    ) -> Connected: ...
    @overload
    async def wait_for(
        self,
        name: Literal["disconnected"],
        predicate: Callable[[Disconnected], bool] | None = None,
        timeout: float | None = None,
    ) -> Disconnected: ...
    @overload
    async def wait_for(
        self,
        name: Literal["connection_unstable"],
        predicate: Callable[[ConnectionUnstable], bool] | None = None,
        timeout: float | None = None,
    ) -> ConnectionUnstable: ...
    @overload
    async def wait_for(
        self,
        name: Literal["connection_recovered"],
        predicate: Callable[[ConnectionRecovered], bool] | None = None,
        timeout: float | None = None,
    ) -> ConnectionRecovered: ...
    @overload
    async def wait_for(
        self,
        name: Literal["user_data"],
        predicate: Callable[[Customer | Agent], bool] | None = None,
        timeout: float | None = None,
    ) -> Customer | Agent: ...
    @overload
    async def wait_for(
        self,
        name: Literal["availability_updated"],
        predicate: Callable[[AvailabilityUpdated], bool] | None = None,
        timeout: float | None = None,
    ) -> AvailabilityUpdated: ...
    @overload
    async def wait_for(
        self,
        name: Literal["chat_deactivated"],
        predicate: Callable[[ChatDeactivated], bool] | None = None,
        timeout: float | None = None,
    ) -> ChatDeactivated: ...
    @overload
    async def wait_for(
        self,
        name: Literal["chat_properties_updated"],
        predicate: Callable[[ChatPropertiesUpdated], bool] | None = None,
        timeout: float | None = None,
    ) -> ChatPropertiesUpdated: ...
    @overload
    async def wait_for(
        self,
        name: Literal["chat_properties_deleted"],
        predicate: Callable[[ChatPropertiesDeleted], bool] | None = None,
        timeout: float | None = None,
    ) -> ChatPropertiesDeleted: ...
    @overload
    async def wait_for(
        self,
        name: Literal["thread_properties_updated"],
        predicate: Callable[[ThreadPropertiesUpdated], bool] | None = None,
        timeout: float | None = None,
    ) -> ThreadPropertiesUpdated: ...
    @overload
    async def wait_for(
        self,
        name: Literal["thread_properties_deleted"],
        predicate: Callable[[ThreadPropertiesDeleted], bool] | None = None,
        timeout: float | None = None,
    ) -> ThreadPropertiesDeleted: ...
    @overload
    async def wait_for(
        self,
        name: Literal["event_properties_updated"],
        predicate: Callable[[EventPropertiesUpdated], bool] | None = None,
        timeout: float | None = None,
    ) -> EventPropertiesUpdated: ...
    @overload
    async def wait_for(
        self,
        name: Literal["event_properties_deleted"],
        predicate: Callable[[EventPropertiesDeleted], bool] | None = None,
        timeout: float | None = None,
    ) -> EventPropertiesDeleted: ...
    @overload
    async def wait_for(
        self,
        name: Literal["event_updated"],
        predicate: Callable[[EventUpdated], bool] | None = None,
        timeout: float | None = None,
    ) -> EventUpdated: ...
    @overload
    async def wait_for(
        self,
        name: Literal["events_marked_as_seen"],
        predicate: Callable[[EventsMarkedAsSeen], bool] | None = None,
        timeout: float | None = None,
    ) -> EventsMarkedAsSeen: ...
    @overload
    async def wait_for(
        self,
        name: Literal["chat_transferred"],
        predicate: Callable[[ChatTransferred], bool] | None = None,
        timeout: float | None = None,
    ) -> ChatTransferred: ...
    @overload
    async def wait_for(
        self,
        name: Literal["customer_page_updated"],
        predicate: Callable[[CustomerPageUpdated], bool] | None = None,
        timeout: float | None = None,
    ) -> CustomerPageUpdated: ...
    @overload
    async def wait_for(
        self,
        name: Literal["customer_updated"],
        predicate: Callable[[CustomerUpdated], bool] | None = None,
        timeout: float | None = None,
    ) -> CustomerUpdated: ...
    @overload
    async def wait_for(
        self,
        name: Literal["greeting_accepted"],
        predicate: Callable[[GreetingAccepted], bool] | None = None,
        timeout: float | None = None,
    ) -> GreetingAccepted: ...
    @overload
    async def wait_for(
        self,
        name: Literal["greeting_canceled"],
        predicate: Callable[[GreetingCanceled], bool] | None = None,
        timeout: float | None = None,
    ) -> GreetingCanceled: ...
    @overload
    async def wait_for(
        self,
        name: Literal["incoming_greeting"],
        predicate: Callable[[Greeting], bool] | None = None,
        timeout: float | None = None,
    ) -> Greeting: ...
    @overload
    async def wait_for(
        self,
        name: Literal["incoming_chat"],
        predicate: Callable[[IncomingChat], bool] | None = None,
        timeout: float | None = None,
    ) -> IncomingChat: ...
    @overload
    async def wait_for(
        self,
        name: Literal["incoming_event"],
        predicate: Callable[[IncomingEvent], bool] | None = None,
        timeout: float | None = None,
    ) -> IncomingEvent: ...
    @overload
    async def wait_for(
        self,
        name: Literal["incoming_multicast"],
        predicate: Callable[[IncomingMulticast], bool] | None = None,
        timeout: float | None = None,
    ) -> IncomingMulticast: ...
    @overload
    async def wait_for(
        self,
        name: Literal["incoming_rich_message_postback"],
        predicate: Callable[[IncomingRichMessagePostback], bool] | None = None,
        timeout: float | None = None,
    ) -> IncomingRichMessagePostback: ...
    @overload
    async def wait_for(
        self,
        name: Literal["incoming_typing_indicator"],
        predicate: Callable[[IncomingTypingIndicator], bool] | None = None,
        timeout: float | None = None,
    ) -> IncomingTypingIndicator: ...
    @overload
    async def wait_for(
        self,
        name: Literal["queue_position_updated"],
        predicate: Callable[[QueuePositionUpdated], bool] | None = None,
        timeout: float | None = None,
    ) -> QueuePositionUpdated: ...
    @overload
    async def wait_for(
        self,
        name: Literal["user_added_to_chat"],
        predicate: Callable[[UserAddedToChat], bool] | None = None,
        timeout: float | None = None,
    ) -> UserAddedToChat: ...
    @overload
    async def wait_for(
        self,
        name: Literal["user_removed_from_chat"],
        predicate: Callable[[UserRemovedFromChat], bool] | None = None,
        timeout: float | None = None,
    ) -> UserRemovedFromChat: ...
    @overload
    async def wait_for(
        self,
        name: Literal["event_deleted"],
        predicate: Callable[[EventDeleted], bool] | None = None,
        timeout: float | None = None,
    ) -> EventDeleted: ...
    @overload
    async def wait_for(
        self,
        name: Literal["incoming_event_preview"],
        predicate: Callable[[IncomingEventPreview], bool] | None = None,
        timeout: float | None = None,
    ) -> IncomingEventPreview: ...
    @overload
    async def wait_for(
        self,
        name: Literal["incoming_thinking_indicator"],
        predicate: Callable[[IncomingThinkingIndicator], bool] | None = None,
        timeout: float | None = None,
    ) -> IncomingThinkingIndicator: ...
    @overload
    async def wait_for(
        self,
        name: Literal["incoming_welcome_message"],
        predicate: Callable[[IncomingWelcomeMessage], bool] | None = None,
        timeout: float | None = None,
    ) -> IncomingWelcomeMessage: ...
    @overload
    async def wait_for(
        self,
        name: Literal["unknown_push"],
        predicate: Callable[[UnknownPush], bool] | None = None,
        timeout: float | None = None,
    ) -> UnknownPush: ...
    @overload
    async def wait_for(
        self,
        name: Literal["event_added"],
        predicate: Callable[[EventAdded], bool] | None = None,
        timeout: float | None = None,
    ) -> EventAdded: ...
    @overload
    async def wait_for(
        self,
        name: Literal["doubled"],
        predicate: Callable[[Doubled], bool] | None = None,
        timeout: float | None = None,
    ) -> Doubled: ...
    @overload
    async def wait_for(
        self,
        name: Literal["resynced"],
        predicate: Callable[[ResyncReport], bool] | None = None,
        timeout: float | None = None,
    ) -> ResyncReport: ...
    @overload
    async def wait_for(
        self,
        name: Literal["error"],
        predicate: Callable[[CustomerSDKError], bool] | None = None,
        timeout: float | None = None,
    ) -> CustomerSDKError: ...
    async def wait_for(
        self,
        name: str,
        predicate: Callable[[Any], bool] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """The payload of the next `name` that `predicate` takes.

        Raises the built-in TimeoutError after `timeout` seconds, and SDKDestroyedError when the
        SDK ends first.
        """
        return await self._emitter.wait_for(name, predicate, timeout)

    @overload
    def consume(self, name: Literal["customer_id"], since: Since = 0) -> Consumer[str]: ...
    @overload
    def consume(self, name: Literal["connected"], since: Since = 0) -> Consumer[Connected]: ...
    @overload
    def consume(
        self, name: Literal["disconnected"], since: Since = 0
    ) -> Consumer[Disconnected]: ...
    @overload
    def consume(
        self, name: Literal["connection_unstable"], since: Since = 0
    ) -> Consumer[ConnectionUnstable]: ...
    @overload
    def consume(
        self, name: Literal["connection_recovered"], since: Since = 0
    ) -> Consumer[ConnectionRecovered]: ...
    @overload
    def consume(
        self, name: Literal["user_data"], since: Since = 0
    ) -> Consumer[Customer | Agent]: ...
    @overload
    def consume(
        self, name: Literal["availability_updated"], since: Since = 0
    ) -> Consumer[AvailabilityUpdated]: ...
    @overload
    def consume(
        self, name: Literal["chat_deactivated"], since: Since = 0
    ) -> Consumer[ChatDeactivated]: ...
    @overload
    def consume(
        self, name: Literal["chat_properties_updated"], since: Since = 0
    ) -> Consumer[ChatPropertiesUpdated]: ...
    @overload
    def consume(
        self, name: Literal["chat_properties_deleted"], since: Since = 0
    ) -> Consumer[ChatPropertiesDeleted]: ...
    @overload
    def consume(
        self, name: Literal["thread_properties_updated"], since: Since = 0
    ) -> Consumer[ThreadPropertiesUpdated]: ...
    @overload
    def consume(
        self, name: Literal["thread_properties_deleted"], since: Since = 0
    ) -> Consumer[ThreadPropertiesDeleted]: ...
    @overload
    def consume(
        self, name: Literal["event_properties_updated"], since: Since = 0
    ) -> Consumer[EventPropertiesUpdated]: ...
    @overload
    def consume(
        self, name: Literal["event_properties_deleted"], since: Since = 0
    ) -> Consumer[EventPropertiesDeleted]: ...
    @overload
    def consume(
        self, name: Literal["event_updated"], since: Since = 0
    ) -> Consumer[EventUpdated]: ...
    @overload
    def consume(
        self, name: Literal["events_marked_as_seen"], since: Since = 0
    ) -> Consumer[EventsMarkedAsSeen]: ...
    @overload
    def consume(
        self, name: Literal["chat_transferred"], since: Since = 0
    ) -> Consumer[ChatTransferred]: ...
    @overload
    def consume(
        self, name: Literal["customer_page_updated"], since: Since = 0
    ) -> Consumer[CustomerPageUpdated]: ...
    @overload
    def consume(
        self, name: Literal["customer_updated"], since: Since = 0
    ) -> Consumer[CustomerUpdated]: ...
    @overload
    def consume(
        self, name: Literal["greeting_accepted"], since: Since = 0
    ) -> Consumer[GreetingAccepted]: ...
    @overload
    def consume(
        self, name: Literal["greeting_canceled"], since: Since = 0
    ) -> Consumer[GreetingCanceled]: ...
    @overload
    def consume(
        self, name: Literal["incoming_greeting"], since: Since = 0
    ) -> Consumer[Greeting]: ...
    @overload
    def consume(
        self, name: Literal["incoming_chat"], since: Since = 0
    ) -> Consumer[IncomingChat]: ...
    @overload
    def consume(
        self, name: Literal["incoming_event"], since: Since = 0
    ) -> Consumer[IncomingEvent]: ...
    @overload
    def consume(
        self, name: Literal["incoming_multicast"], since: Since = 0
    ) -> Consumer[IncomingMulticast]: ...
    @overload
    def consume(
        self, name: Literal["incoming_rich_message_postback"], since: Since = 0
    ) -> Consumer[IncomingRichMessagePostback]: ...
    @overload
    def consume(
        self, name: Literal["incoming_typing_indicator"], since: Since = 0
    ) -> Consumer[IncomingTypingIndicator]: ...
    @overload
    def consume(
        self, name: Literal["queue_position_updated"], since: Since = 0
    ) -> Consumer[QueuePositionUpdated]: ...
    @overload
    def consume(
        self, name: Literal["user_added_to_chat"], since: Since = 0
    ) -> Consumer[UserAddedToChat]: ...
    @overload
    def consume(
        self, name: Literal["user_removed_from_chat"], since: Since = 0
    ) -> Consumer[UserRemovedFromChat]: ...
    @overload
    def consume(
        self, name: Literal["event_deleted"], since: Since = 0
    ) -> Consumer[EventDeleted]: ...
    @overload
    def consume(
        self, name: Literal["incoming_event_preview"], since: Since = 0
    ) -> Consumer[IncomingEventPreview]: ...
    @overload
    def consume(
        self, name: Literal["incoming_thinking_indicator"], since: Since = 0
    ) -> Consumer[IncomingThinkingIndicator]: ...
    @overload
    def consume(
        self, name: Literal["incoming_welcome_message"], since: Since = 0
    ) -> Consumer[IncomingWelcomeMessage]: ...
    @overload
    def consume(self, name: Literal["unknown_push"], since: Since = 0) -> Consumer[UnknownPush]: ...
    @overload
    def consume(self, name: Literal["event_added"], since: Since = 0) -> Consumer[EventAdded]: ...
    @overload
    def consume(self, name: Literal["doubled"], since: Since = 0) -> Consumer[Doubled]: ...
    @overload
    def consume(self, name: Literal["resynced"], since: Since = 0) -> Consumer[ResyncReport]: ...
    def consume(self, name: str, since: Since = 0) -> Any:
        """Every event `name` of the log after `since`, then those to come, each once.

        `async for item in sdk.consume(name, since=…)` gives what `on` would have told, as
        `Consumed(seq, payload, part)`; those of earlier runs, too. Keep the `seq` of what you have
        dealt with, or `(seq, part)`, and pass it as `since` the next time: nothing is lost
        between, however slow you are. It works without a connection and ends at `aclose()`.

        ValueError for a name that is no event and for `error`, which no record tells.
        Iterating raises NoConnectionError before `open()`, InvalidArgumentError where the log
        ends before `since`, IdentityMismatchError when another customer's log took its place.
        """
        self._emitter.check(name)
        if name == ERROR:
            raise ValueError(f"{name!r} is told by no record; use on({name!r}, …)")
        return Consumer[Any](self._source, name, since)
