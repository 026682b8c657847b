"""The elements of a rich message (protocol: rich_message), and pressing one of their buttons."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.api_errors import invalid
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.wire_json import JsonObject

MOST_ELEMENTS: Final = 10
MOST_BUTTONS: Final = 13

_BUTTON_TYPES: Final = ("message", "url", "phone", "webview", "cancel")
_HEIGHTS: Final = ("compact", "tall", "full")
_TARGETS: Final = ("new", "current")
_ROLES: Final = ("default", "primary", "danger")
_VIEW_TYPES: Final = ("tags", "swatch", "images", "select")
_IMAGE_TEXTS: Final = ("name", "content_type", "alternative_text")
_IMAGE_NUMBERS: Final = ("size", "width", "height")


def read_elements(message: Fields, *, products: bool = False) -> list[JsonObject] | None:
    """The checked `elements` of the rich message; None when there are none.

    `products`: whether elements may offer one to choose (API 3.6).
    """
    elements = message.objects("elements")
    if elements is None:
        return None
    if len(elements) > MOST_ELEMENTS:
        raise invalid(message.at("elements"), f"must have at most {MOST_ELEMENTS} items")
    return [_read_element(element, products) for element in elements]


def read_choice(postback: Fields) -> JsonObject:
    """What the customer chose of a product: `{}` or `{"ecommerce": {…}}` (API 3.6)."""
    chosen = postback.fields("ecommerce")
    if chosen is None:
        return {}
    optional = {
        "option_id": chosen.string("option_id"),
        "quantity": chosen.integer("quantity"),
    }
    found: JsonObject = {"product_id": chosen.need("product_id", chosen.string("product_id"))}
    found |= {name: value for name, value in optional.items() if value is not None}
    return {"ecommerce": found}


def toggle(event: JsonObject, postback_id: str, user_id: str, *, toggled: bool) -> bool:
    """Adds the user to every button of that postback, or takes the user off.

    False when the message has no such button.
    """
    found = False
    for element in event.get("elements", []):
        for button in element.get("buttons", []):
            if button["postback_id"] != postback_id:
                continue
            found = True
            others = [other for other in button["user_ids"] if other != user_id]
            button["user_ids"] = [*others, user_id] if toggled else others
    return found


def _read_element(element: Fields, products: bool) -> JsonObject:
    found: JsonObject = {}
    for name in ("title", "subtitle"):
        text = element.string(name)
        if text is not None:
            found[name] = text
    image = element.fields("image")
    if image is not None:
        found["image"] = _read_image(image)
    buttons = element.objects("buttons")
    if buttons is not None:
        if len(buttons) > MOST_BUTTONS:
            raise invalid(element.at("buttons"), f"must have at most {MOST_BUTTONS} items")
        found["buttons"] = [_read_button(button) for button in buttons]
    product = element.fields("ecommerce") if products else None
    if product is not None:
        found["ecommerce"] = _read_product(product)
    return found


def _read_product(product: Fields) -> JsonObject:
    """Options and add-ons are not specified any further."""
    found: JsonObject = {"product_id": product.need("product_id", product.string("product_id"))}
    optional = {
        "view_type": product.one_of("view_type", _VIEW_TYPES),
        "label": product.string("label"),
        "options": product.array("options"),
        "addons": product.array("addons"),
    }
    return found | {name: value for name, value in optional.items() if value is not None}


def _read_image(image: Fields) -> JsonObject:
    found: JsonObject = {"url": image.need("url", image.string("url"))}
    values = {name: image.string(name) for name in _IMAGE_TEXTS} | {
        name: image.integer(name) for name in _IMAGE_NUMBERS
    }
    return found | {name: value for name, value in values.items() if value is not None}


def _read_button(button: Fields) -> JsonObject:
    kind = button.one_of("type", _BUTTON_TYPES)
    found: JsonObject = {
        "text": button.need("text", button.string("text")),
        "postback_id": button.need("postback_id", button.string("postback_id")),
        "user_ids": button.need("user_ids", button.strings("user_ids")),
    }
    value = button.string("value")
    if kind not in (None, "cancel"):
        button.need("value", value)
    optional = {
        "type": kind,
        "value": value,
        "webview_height": button.one_of("webview_height", _HEIGHTS),
        "target": button.one_of("target", _TARGETS),
        "role": button.one_of("role", _ROLES),
    }
    if kind == "webview":
        button.need("webview_height", optional["webview_height"])
    return found | {name: given for name, given in optional.items() if given is not None}
