"""Payloads of the answers (Customer Chat API 3.5 and 3.6, methods).

`RESPONSES` is the table by action; acknowledgements are `Empty`. Two Web answers are flat maps
and no structs: `Localization` and `Properties`.
"""

from typing import Any, Final

import msgspec

from livechat_customer.models.wire.base import ABSENT, Empty, Properties, Wire
from livechat_customer.models.wire.chats import Chat, ChatSummary, Thread
from livechat_customer.models.wire.forms import FormTemplate
from livechat_customer.models.wire.greetings import Greeting
from livechat_customer.models.wire.pushes import GroupStatus
from livechat_customer.models.wire.users import User


class LoginChat(Wire, frozen=True):
    """A chat as `login` names it."""

    chat_id: str
    has_unread_events: bool | None = None
    has_active_thread: bool | None = None


class GroupConfig(Wire, frozen=True):
    """The group of a purpose and where its settings lie."""

    id: int | None = None
    static_config_url: str | None = None
    language_config_url: str | None = None


class CustomerGroups(Wire, frozen=True):
    """The customer's groups; `monitoring` decides availability."""

    monitoring: GroupConfig | None = None
    chats: GroupConfig | None = None


class DynamicConfig(Wire, frozen=True):
    """Private part of the login answer; availability comes from it.

    Online means: `online_groups_ids` holds `customer_groups.monitoring.id`. The list is absent
    when all groups are offline.
    """

    online_groups_ids: tuple[int, ...] = ABSENT
    customer_groups: CustomerGroups | None = None
    organization_id: str | None = None
    static_config_version: str | None = None
    customer_data: dict[str, Any] | None = None


class LoginResponse(Wire, frozen=True):
    """The customer's state as of the login."""

    customer: User | None = None
    has_active_thread: bool | None = None
    chats: tuple[LoginChat, ...] = ABSENT
    greeting: Greeting | None = None
    customer_id: str | None = None
    """Older duplicate of `customer.id`."""
    dynamic_config: DynamicConfig | None = msgspec.field(default=None, name="__priv_dynamic_config")


class ListChatsResponse(Wire, frozen=True):
    """A page of chats; `total_chats` is an estimate."""

    chats_summary: tuple[ChatSummary, ...] = ABSENT
    total_chats: int | None = None
    next_page_id: str | None = None
    previous_page_id: str | None = None


class ListThreadsResponse(Wire, frozen=True):
    """A page of threads; `found_threads` counts all of them."""

    threads: tuple[Thread, ...] = ABSENT
    found_threads: int | None = None
    next_page_id: str | None = None
    previous_page_id: str | None = None


class GetChatResponse(Chat, frozen=True):
    """A chat with the thread asked for."""


class StartChatResponse(Wire, frozen=True):
    """Ids of what was made; `event_ids` only of the initial events sent."""

    chat_id: str
    thread_id: str
    event_ids: tuple[str, ...] = ABSENT


class ResumeChatResponse(Wire, frozen=True):
    """Ids of what was made; `event_ids` only of the initial events sent."""

    thread_id: str
    event_ids: tuple[str, ...] = ABSENT


class SendEventResponse(Wire, frozen=True):
    """Id of the event."""

    event_id: str


class GetCustomerResponse(User, frozen=True):
    """The customer, flat."""


class UpdateCustomerPageResponse(Wire, frozen=True):
    """API 3.6: the groups, if the customer's assignment changed; else nothing."""

    groups: tuple[GroupStatus, ...] = ABSENT


class ListGroupStatusesResponse(Wire, frozen=True):
    """Status by group id; JSON writes the ids as strings."""

    groups_status: dict[str, str] | None = None


class GetFormResponse(Wire, frozen=True):
    """The form, if enabled."""

    enabled: bool | None = None
    form: FormTemplate | None = None


class GetPredictedAgentResponse(Wire, frozen=True):
    """Who would take the chat; `queue`: it would wait."""

    agent: User | None = None
    queue: bool | None = None


class GetUrlInfoResponse(Wire, frozen=True):
    """What is known of a page; image sizes in pixels."""

    url: str = ""
    title: str | None = None
    description: str | None = None
    image_url: str | None = None
    image_original_url: str | None = None
    image_width: int | None = None
    image_height: int | None = None


class UploadFileResponse(Wire, frozen=True):
    """The URL to put into a `file` event within 24 h."""

    url: str


class GetDynamicConfigurationResponse(Wire, frozen=True):
    """Settings of a group; API 3.6 moved most of it under `livechat`."""

    group_id: int | None = None
    organization_id: str | None = None
    client_limit_exceeded: bool | None = None
    domain_allowed: bool | None = None
    online_group_ids: tuple[int, ...] = ABSENT
    config_version: str | None = None
    localization_version: str | None = None
    language: str | None = None
    livechat: dict[str, Any] | None = None
    default_widget: str | None = None
    livechat_active: bool | None = None


class WidgetButton(Wire, frozen=True):
    """A chat button; its values are texts or image URLs."""

    id: str = ""
    type: str = ""
    online_value: str | None = None
    offline_value: str | None = None


class ConfigurationProperties(Wire, frozen=True):
    """Properties of the group and of the license."""

    group: Properties | None = None
    license: Properties | None = None


class GetConfigurationResponse(Wire, frozen=True):
    """Static settings of a group."""

    buttons: tuple[WidgetButton, ...] = ABSENT
    ticket_form: FormTemplate | None = None
    prechat_form: FormTemplate | None = None
    integrations: dict[str, Any] | None = None
    properties: ConfigurationProperties | None = None


Localization = dict[str, str]
"""Answer of `get_localization`: text by phrase key, with `%var%` placeholders."""


class RequestWelcomeMessageResponse(Wire, frozen=True):
    """Id of the welcome message that a push will bring (API 3.6)."""

    id: str | None = None
    predicted_agent: User | None = None
    queue: bool | None = None


RESPONSES: Final[dict[str, type[msgspec.Struct]]] = {
    "ping": Empty,
    "login": LoginResponse,
    "list_chats": ListChatsResponse,
    "list_threads": ListThreadsResponse,
    "get_chat": GetChatResponse,
    "start_chat": StartChatResponse,
    "resume_chat": ResumeChatResponse,
    "deactivate_chat": Empty,
    "send_event": SendEventResponse,
    "send_rich_message_postback": Empty,
    "send_sneak_peek": Empty,
    "update_chat_properties": Empty,
    "delete_chat_properties": Empty,
    "update_thread_properties": Empty,
    "delete_thread_properties": Empty,
    "update_event_properties": Empty,
    "delete_event_properties": Empty,
    "update_customer": Empty,
    "update_customer_page": UpdateCustomerPageResponse,
    "set_customer_session_fields": Empty,
    "get_customer": GetCustomerResponse,
    "list_group_statuses": ListGroupStatusesResponse,
    "get_form": GetFormResponse,
    "get_predicted_agent": GetPredictedAgentResponse,
    "get_url_info": GetUrlInfoResponse,
    "mark_events_as_seen": Empty,
    "accept_greeting": Empty,
    "cancel_greeting": Empty,
    "check_goals": Empty,
    "upload_file": UploadFileResponse,
    "request_email_verification": Empty,
    "get_dynamic_configuration": GetDynamicConfigurationResponse,
    "get_configuration": GetConfigurationResponse,
    "delete_event": Empty,
    "request_welcome_message": RequestWelcomeMessageResponse,
    "send_greeting_button_clicked": Empty,
    "activate_customer_page": Empty,
    "deactivate_customer_page": Empty,
}
"""The payload struct of each answer; `get_localization` and the property lists are maps."""
