"""From the wire's configuration structs to the public ones."""

from typing import Any

from livechat_customer.models.configuration import (
    Configuration,
    DynamicConfiguration,
    WidgetButton,
)
from livechat_customer.models.events_from_wire import form_fields
from livechat_customer.models.forms import FormTemplate
from livechat_customer.models.wire import forms as wire_forms
from livechat_customer.models.wire import responses
from livechat_customer.models.wire.repair import repaired


def dynamic_configuration(
    wire: responses.GetDynamicConfigurationResponse,
) -> DynamicConfiguration:
    """API 3.6 has most of it under `livechat`, 3.5 at the top: what is there counts."""
    inner = wire
    if wire.livechat is not None:
        found, _ = repaired(wire.livechat, responses.GetDynamicConfigurationResponse)
        inner = found or wire
    limit = _first(wire.client_limit_exceeded, inner.client_limit_exceeded)
    return DynamicConfiguration(
        organization_id=_first(wire.organization_id, inner.organization_id),
        group_id=_first(wire.group_id, inner.group_id),
        client_limit_exceeded=limit or False,
        domain_allowed=_first(wire.domain_allowed, inner.domain_allowed),
        online_group_ids=tuple(wire.online_group_ids or inner.online_group_ids),
        config_version=_first(wire.config_version, inner.config_version),
        localization_version=_first(wire.localization_version, inner.localization_version),
        language=_first(wire.language, inner.language),
        default_widget=wire.default_widget,
        livechat_active=wire.livechat_active,
    )


def configuration(wire: responses.GetConfigurationResponse) -> Configuration:
    """The static settings; forms as `get_form` gives them."""
    properties = wire.properties or responses.ConfigurationProperties()
    return Configuration(
        buttons=tuple(
            WidgetButton(one.id, one.type, one.online_value, one.offline_value)
            for one in wire.buttons
        ),
        ticket_form=_form(wire.ticket_form),
        prechat_form=_form(wire.prechat_form),
        integrations=wire.integrations or {},
        group_properties=properties.group or {},
        license_properties=properties.license or {},
    )


def _form(wire: wire_forms.FormTemplate | None) -> FormTemplate | None:
    return None if wire is None else FormTemplate(id=wire.id, fields=form_fields(wire.fields))


def _first(outer: Any, inner: Any) -> Any:
    return inner if outer is None else outer
