"""From the wire's events to the public ones, type by type.

The rules are those of the JavaScript SDK 4.0.2, with what the JavaScript SDK leaves out kept. `event` runs for
every event that anybody looks at: a message costs one dispatch and one construction.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from livechat_customer.models import events, forms
from livechat_customer.models.own import own
from livechat_customer.models.wire import events as wire_events
from livechat_customer.models.wire import forms as wire_forms

_THUMBNAIL: Final = 300
_HIGH_THUMBNAIL: Final = 600


def event(wire: wire_events.Event, thread_id: str | None) -> events.Event:
    """The public event; `thread_id` is that of the enclosing structure."""
    made: events.Event = _EVENTS[type(wire)](wire, thread_id)
    return made


def sent_event(given: Mapping[str, Any], thread_id: str | None) -> events.Event:
    """What was sent (`to_wire.event`), as an event; it has no id, author and time yet."""
    wire: wire_events.Event = msgspec.convert(given, wire_events.Event)
    return event(wire, thread_id)


def _message(wire: wire_events.Message, thread_id: str | None) -> events.Message:
    return events.Message(
        wire.text,
        _message_postback(wire.postback) if wire.postback else None,
        id=wire.id,
        thread_id=thread_id,
        author_id=wire.author_id,
        created_at=wire.created_at,
        custom_id=wire.custom_id,
        properties=own(wire.properties) if wire.properties else {},
        recipients=wire.recipients or wire.visibility,
    )


def _message_postback(wire: wire_events.MessagePostback) -> events.MessagePostback:
    return events.MessagePostback(
        id=wire.id,
        thread_id=wire.thread_id,
        event_id=wire.event_id,
        type=wire.type,
        value=wire.value,
        ecommerce=ecommerce(wire.ecommerce),
    )


def ecommerce(wire: wire_events.Ecommerce | None) -> events.Ecommerce | None:
    """What was chosen of a product."""
    if wire is None:
        return None
    return events.Ecommerce(wire.product_id, wire.option_id, wire.quantity)


def _common(wire: wire_events.EventBase, thread_id: str | None) -> dict[str, Any]:
    return {
        "id": wire.id,
        "thread_id": thread_id,
        "author_id": wire.author_id,
        "created_at": wire.created_at,
        "custom_id": wire.custom_id,
        "properties": own(wire.properties) if wire.properties else {},
        "recipients": wire.recipients or wire.visibility,
    }


def _system_common(wire: wire_events.EventBase, thread_id: str | None) -> dict[str, Any]:
    return _common(wire, thread_id) | {"author_id": events.SYSTEM_AUTHOR}


def _file(wire: wire_events.File, thread_id: str | None) -> events.File:
    return events.File(
        wire.url,
        wire.alternative_text,
        name=wire.name or "",
        content_type=wire.content_type or "",
        size=wire.size,
        width=wire.width,
        height=wire.height,
        thumbnails=_thumbnails(wire),
        **_common(wire, thread_id),
    )


def _thumbnails(wire: wire_events.File) -> events.Thumbnails | None:
    if not wire.width or not wire.height or wire.width < 0 or wire.height < 0:
        return None
    return events.Thumbnails(
        default=_thumbnail(wire.thumbnail_url, wire.width, wire.height, _THUMBNAIL),
        high=_thumbnail(wire.thumbnail2x_url, wire.width, wire.height, _HIGH_THUMBNAIL),
    )


def _thumbnail(url: str | None, width: int, height: int, limit: int) -> events.Thumbnail:
    """The picture scaled so that its bigger side fits `limit`; never enlarged, rounded up."""
    bigger = max(width, height)
    if bigger > limit:
        width, height = (-(-side * limit // bigger) for side in (width, height))
    return events.Thumbnail(url=url, width=width, height=height)


def _form(wire: wire_events.Form, thread_id: str | None) -> events.Form:
    return events.Form(
        wire.form_id,
        form_fields(wire.fields),
        form_type=wire.form_type,
        **_system_common(wire, thread_id),
    )


def form_fields(fields: Iterable[wire_forms.FormField]) -> tuple[forms.FormField, ...]:
    """The fields of a form; those without id (ticket forms) are numbered."""
    return tuple(
        forms.FormField(
            id=field.id or str(number),
            type=field.type,
            label=field.label or "",
            required=field.required or False,
            options=tuple(
                forms.FieldOption(option.id, option.label or "", option.group_id, option.checked)
                for option in field.options
            ),
            comment_label=field.comment_label,
            checked=field.checked,
        )
        for number, field in enumerate(fields)
    )


def _filled_form(wire: wire_events.FilledForm, thread_id: str | None) -> events.FilledForm:
    return events.FilledForm(
        wire.form_id,
        tuple(_filled_field(field) for field in wire.fields),
        form_type=wire.form_type,
        **_common(wire, thread_id),
    )


def _filled_field(wire: wire_forms.FilledField) -> forms.FilledField:
    answer = wire.answer
    return forms.FilledField(
        type=wire.type,
        id=wire.id,
        label=wire.label or "",
        answer=_answer(answer) if isinstance(answer, wire_forms.FieldAnswer) else answer,
        answers=tuple(_answer(one) for one in wire.answers),
    )


def _answer(wire: wire_forms.FieldAnswer) -> forms.FieldAnswer:
    return forms.FieldAnswer(wire.id, wire.label or "", wire.group_id)


def _rich_message(wire: wire_events.RichMessage, thread_id: str | None) -> events.RichMessage:
    return events.RichMessage(
        wire.template_id,
        tuple(_element(element) for element in wire.elements),
        **_common(wire, thread_id),
    )


def _element(wire: wire_events.Element) -> events.Element:
    return events.Element(
        title=wire.title,
        subtitle=wire.subtitle,
        image=_image(wire.image) if wire.image else None,
        buttons=tuple(_button(button) for button in wire.buttons),
        ecommerce=_element_ecommerce(wire.ecommerce) if wire.ecommerce else None,
    )


def _image(wire: wire_events.Image) -> events.Image:
    return events.Image(
        url=wire.url,
        name=wire.name,
        alternative_text=wire.alternative_text,
        content_type=wire.content_type,
        size=wire.size,
        width=wire.width,
        height=wire.height,
    )


def _button(wire: wire_events.Button) -> events.Button:
    return events.Button(
        text=wire.text,
        postback_id=wire.postback_id,
        user_ids=wire.user_ids,
        type=wire.type,
        value=wire.value,
        webview_height=wire.webview_height,
        target=wire.target,
        role=wire.role or "default",
    )


def _element_ecommerce(wire: wire_events.ElementEcommerce) -> events.ElementEcommerce:
    return events.ElementEcommerce(
        wire.product_id, wire.view_type, wire.label, own(wire.options), own(wire.addons)
    )


def _system_message(wire: wire_events.SystemMessage, thread_id: str | None) -> events.SystemMessage:
    return events.SystemMessage(
        wire.text, wire.system_message_type, own(wire.text_vars), **_system_common(wire, thread_id)
    )


def _custom(wire: wire_events.Custom, thread_id: str | None) -> events.Custom:
    return events.Custom(own(wire.content), **_common(wire, thread_id))


def _system(wire: wire_events.System, thread_id: str | None) -> events.System:
    return events.System(
        source=wire.source,
        subtype=wire.subtype,
        version=wire.version,
        details=wire.details,
        **_common(wire, thread_id),
    )


def _unknown(wire: wire_events.UnknownEvent, thread_id: str | None) -> events.UnknownEvent:
    return events.UnknownEvent(type=wire.type, raw=wire.raw, **_common(wire, thread_id))


_EVENTS: Final[dict[type[wire_events.EventBase], Callable[[Any, str | None], Any]]] = {
    wire_events.Message: _message,
    wire_events.File: _file,
    wire_events.Form: _form,
    wire_events.FilledForm: _filled_form,
    wire_events.RichMessage: _rich_message,
    wire_events.SystemMessage: _system_message,
    wire_events.Custom: _custom,
    wire_events.System: _system,
    wire_events.UnknownEvent: _unknown,
}
