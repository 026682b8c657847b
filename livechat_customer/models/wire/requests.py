"""Payloads of the requests (Customer Chat API 3.5 and 3.6, methods), as the log holds them.

Nothing is checked here: `models.to_wire` builds what is sent, these read it back. `REQUESTS` is
the table by action. Events carry no id yet; a logged `login` has its token replaced.
"""

from typing import Any, Final

import msgspec

from livechat_customer.models.wire.base import (
    ABSENT,
    Empty,
    Properties,
    PropertyNames,
    Wire,
)
from livechat_customer.models.wire.chats import Access
from livechat_customer.models.wire.events import Event
from livechat_customer.models.wire.pushes import Toggle
from livechat_customer.models.wire.users import Address


class CustomerFields(Wire, frozen=True):
    """The customer's data in `login` and `update_customer`; the last three are API 3.6."""

    name: str | None = None
    email: str | None = None
    avatar: str | None = None
    session_fields: tuple[dict[str, Any], ...] = ABSENT
    address: Address | None = None
    phone_number: str | None = None
    omnichannel: dict[str, Any] | None = None


class CustomerPage(Wire, frozen=True):
    """The page being viewed."""

    url: str | None = None
    title: str | None = None


class Application(Wire, frozen=True):
    """The program that logs in."""

    name: str | None = None
    version: str | None = None
    channel_type: str | None = None


class LoginRequest(Wire, frozen=True):
    """`login`."""

    token: str = ""
    customer: CustomerFields | None = None
    customer_page: CustomerPage | None = None
    customer_side_storage: dict[str, Any] | None = None
    is_mobile: bool | None = None
    group_id: int | None = None
    referrer: str | None = None
    application: Application | None = None
    pushes: dict[str, tuple[str, ...]] | None = None


class ListChatsRequest(Wire, frozen=True):
    """`list_chats`: `page_id` or the others."""

    limit: int | None = None
    sort_order: str | None = None
    page_id: str | None = None


class ListThreadsRequest(Wire, frozen=True):
    """`list_threads`: `page_id` or the others; `min_events_count` excludes `limit`."""

    chat_id: str
    sort_order: str | None = None
    limit: int | None = None
    min_events_count: int | None = None
    page_id: str | None = None


class GetChatRequest(Wire, frozen=True):
    """`get_chat`; without `thread_id` the newest thread."""

    chat_id: str
    thread_id: str | None = None


class InitialThread(Wire, frozen=True):
    """The thread to begin with."""

    events: tuple[Event, ...] = ABSENT
    properties: Properties | None = None


class InitialUser(Wire, frozen=True):
    """A user to begin with."""

    id: str
    type: str | None = None


class InitialChat(Wire, frozen=True):
    """The chat to start, or with `id` to resume."""

    id: str | None = None
    access: Access | None = None
    properties: Properties | None = None
    users: tuple[InitialUser, ...] = ABSENT
    thread: InitialThread | None = None


class StartChatRequest(Wire, frozen=True):
    """`start_chat`."""

    chat: InitialChat | None = None
    active: bool | None = None
    continuous: bool | None = None


class ResumeChatRequest(Wire, frozen=True):
    """`resume_chat`; `chat.id` names the chat."""

    chat: InitialChat
    active: bool | None = None
    continuous: bool | None = None


class DeactivateChatRequest(Wire, frozen=True):
    """`deactivate_chat`."""

    id: str


class SendEventRequest(Wire, frozen=True):
    """`send_event`."""

    chat_id: str
    event: Event
    attach_to_last_thread: bool | None = None


class SendRichMessagePostbackRequest(Wire, frozen=True):
    """`send_rich_message_postback`."""

    chat_id: str
    thread_id: str
    event_id: str
    postback: Toggle


class SendSneakPeekRequest(Wire, frozen=True):
    """`send_sneak_peek`; its text is not logged."""

    chat_id: str
    sneak_peek_text: str = ""


class UpdateChatPropertiesRequest(Wire, frozen=True):
    """`update_chat_properties`."""

    id: str
    properties: Properties | None = None


class DeleteChatPropertiesRequest(Wire, frozen=True):
    """`delete_chat_properties`."""

    id: str
    properties: PropertyNames | None = None


class UpdateThreadPropertiesRequest(Wire, frozen=True):
    """`update_thread_properties`."""

    chat_id: str
    thread_id: str
    properties: Properties | None = None


class DeleteThreadPropertiesRequest(Wire, frozen=True):
    """`delete_thread_properties`."""

    chat_id: str
    thread_id: str
    properties: PropertyNames | None = None


class UpdateEventPropertiesRequest(Wire, frozen=True):
    """`update_event_properties`."""

    chat_id: str
    thread_id: str
    event_id: str
    properties: Properties | None = None


class DeleteEventPropertiesRequest(Wire, frozen=True):
    """`delete_event_properties`."""

    chat_id: str
    thread_id: str
    event_id: str
    properties: PropertyNames | None = None


class UpdateCustomerRequest(CustomerFields, frozen=True):
    """`update_customer`: the fields to change, flat."""


class UpdateCustomerPageRequest(CustomerPage, frozen=True):
    """`update_customer_page`."""


class SetCustomerSessionFieldsRequest(Wire, frozen=True):
    """`set_customer_session_fields`."""

    session_fields: tuple[dict[str, Any], ...] = ABSENT


class ListGroupStatusesRequest(Wire, frozen=True):
    """`list_group_statuses`: `all` or `group_ids`."""

    all: bool | None = None
    group_ids: tuple[int, ...] = ABSENT


class GetFormRequest(Wire, frozen=True):
    """`get_form`: `type` is `prechat`, `postchat` or `ticket`."""

    group_id: int
    type: str = ""


class GetPredictedAgentRequest(Wire, frozen=True):
    """`get_predicted_agent`."""

    group_id: int | None = None


class GetUrlInfoRequest(Wire, frozen=True):
    """`get_url_info`."""

    url: str


class MarkEventsAsSeenRequest(Wire, frozen=True):
    """`mark_events_as_seen`; `seen_up_to` is an event's `created_at`."""

    chat_id: str
    seen_up_to: str


class AcceptGreetingRequest(Wire, frozen=True):
    """`accept_greeting`."""

    greeting_id: int
    unique_id: str


class CancelGreetingRequest(Wire, frozen=True):
    """`cancel_greeting`."""

    unique_id: str


class CheckGoalsRequest(Wire, frozen=True):
    """`check_goals` (Web)."""

    session_fields: tuple[dict[str, Any], ...] = ABSENT
    group_id: int | None = None
    page_url: str = ""


class RequestEmailVerificationRequest(Wire, frozen=True):
    """`request_email_verification` (Web)."""

    callback_uri: str


class GetDynamicConfigurationRequest(Wire, frozen=True):
    """`get_dynamic_configuration` (Web, query string)."""

    group_id: int | None = None
    url: str | None = None
    channel_type: str | None = None
    test: bool | None = None


class GetConfigurationRequest(Wire, frozen=True):
    """`get_configuration` (Web, query string)."""

    group_id: int
    version: str = ""


class GetLocalizationRequest(Wire, frozen=True):
    """`get_localization` (Web, query string)."""

    group_id: int
    language: str = ""
    version: str = ""


class ListLicensePropertiesRequest(Wire, frozen=True):
    """`list_license_properties` (Web, query string)."""

    namespace: str | None = None
    name: str | None = None


class ListGroupPropertiesRequest(Wire, frozen=True):
    """`list_group_properties` (Web, query string); `id` is the group."""

    id: int
    namespace: str | None = None
    name: str | None = None


class DeleteEventRequest(Wire, frozen=True):
    """`delete_event` (API 3.6)."""

    chat_id: str
    thread_id: str
    event_id: str


class RequestWelcomeMessageRequest(Wire, frozen=True):
    """`request_welcome_message` (API 3.6)."""

    id: str | None = None
    group_id: int | None = None


class SendGreetingButtonClickedRequest(Wire, frozen=True):
    """`send_greeting_button_clicked` (API 3.6)."""

    greeting_unique_id: str
    button_id: str


REQUESTS: Final[dict[str, type[msgspec.Struct]]] = {
    "ping": Empty,
    "login": LoginRequest,
    "list_chats": ListChatsRequest,
    "list_threads": ListThreadsRequest,
    "get_chat": GetChatRequest,
    "start_chat": StartChatRequest,
    "resume_chat": ResumeChatRequest,
    "deactivate_chat": DeactivateChatRequest,
    "send_event": SendEventRequest,
    "send_rich_message_postback": SendRichMessagePostbackRequest,
    "send_sneak_peek": SendSneakPeekRequest,
    "update_chat_properties": UpdateChatPropertiesRequest,
    "delete_chat_properties": DeleteChatPropertiesRequest,
    "update_thread_properties": UpdateThreadPropertiesRequest,
    "delete_thread_properties": DeleteThreadPropertiesRequest,
    "update_event_properties": UpdateEventPropertiesRequest,
    "delete_event_properties": DeleteEventPropertiesRequest,
    "update_customer": UpdateCustomerRequest,
    "update_customer_page": UpdateCustomerPageRequest,
    "set_customer_session_fields": SetCustomerSessionFieldsRequest,
    "get_customer": Empty,
    "list_group_statuses": ListGroupStatusesRequest,
    "get_form": GetFormRequest,
    "get_predicted_agent": GetPredictedAgentRequest,
    "get_url_info": GetUrlInfoRequest,
    "mark_events_as_seen": MarkEventsAsSeenRequest,
    "accept_greeting": AcceptGreetingRequest,
    "cancel_greeting": CancelGreetingRequest,
    "check_goals": CheckGoalsRequest,
    "upload_file": Empty,
    "request_email_verification": RequestEmailVerificationRequest,
    "get_dynamic_configuration": GetDynamicConfigurationRequest,
    "get_configuration": GetConfigurationRequest,
    "get_localization": GetLocalizationRequest,
    "list_license_properties": ListLicensePropertiesRequest,
    "list_group_properties": ListGroupPropertiesRequest,
    "delete_event": DeleteEventRequest,
    "request_welcome_message": RequestWelcomeMessageRequest,
    "send_greeting_button_clicked": SendGreetingButtonClickedRequest,
    "activate_customer_page": Empty,
    "deactivate_customer_page": Empty,
}
"""The payload struct of each request; `upload_file` travels as multipart."""
