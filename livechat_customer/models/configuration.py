"""Settings of a group, as the configuration actions of the Web API give them (Customer Chat API
3.5, configuration)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from livechat_customer.models.base import Model, Properties
from livechat_customer.models.forms import FormTemplate


class DynamicConfiguration(Model, frozen=True):
    """Result of `get_dynamic_configuration`: what changes often.

    `config_version` is the `version` that `get_configuration` takes, `localization_version` and
    `language` are what `get_localization` takes. `online_group_ids` is empty when all groups are
    offline. `client_limit_exceeded`: no more customers can log in. `default_widget` and
    `livechat_active` are API 3.6's.
    """

    organization_id: str | None = None
    group_id: int | None = None
    client_limit_exceeded: bool = False
    domain_allowed: bool | None = None
    online_group_ids: tuple[int, ...] = ()
    config_version: str | None = None
    localization_version: str | None = None
    language: str | None = None
    default_widget: str | None = None
    livechat_active: bool | None = None


class WidgetButton(Model, frozen=True):
    """A chat button: `type` is `image` (then the values are URLs) or `text`."""

    id: str
    type: str
    online_value: str | None = None
    offline_value: str | None = None


class Configuration(Model, frozen=True):
    """Result of `get_configuration`: what stays the same for a version."""

    buttons: tuple[WidgetButton, ...] = ()
    ticket_form: FormTemplate | None = None
    prechat_form: FormTemplate | None = None
    integrations: Mapping[str, Any] = msgspec.field(default_factory=dict[str, Any])
    group_properties: Properties = msgspec.field(default_factory=dict[str, Any])
    license_properties: Properties = msgspec.field(default_factory=dict[str, Any])
