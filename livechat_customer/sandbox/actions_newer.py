"""What API 3.6 brought: welcome messages, buttons of greetings, the page's focus."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.actions_reading import predicted_agent
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.calls import Action, Call
from livechat_customer.sandbox.pushes import Push
from livechat_customer.sandbox.welcome import welcome_message
from livechat_customer.sandbox.wire_json import JsonObject


def request_welcome_message(call: Call) -> JsonObject:
    """Who would answer; `incoming_welcome_message` follows, under the same id."""
    welcome_id = call.fields.string("id")
    agent, queued = predicted_agent(call)
    shown = welcome_message(call.world, call.customer, agent["id"], welcome_id)
    call.pushes.append(Push("incoming_welcome_message", shown))
    return {"id": shown["id"], "predicted_agent": agent, "queue": queued}


def send_greeting_button_clicked(call: Call) -> JsonObject:
    """`button_id` is the postback id of one of the greeting's buttons."""
    unique_id = call.fields.need("greeting_unique_id", call.fields.string("greeting_unique_id"))
    button_id = call.fields.need("button_id", call.fields.string("button_id"))
    for greeting in call.customer.greetings:
        if greeting.unique_id != unique_id or greeting.canceled:
            continue
        elements = greeting.body["event"].get("elements", [])
        buttons = [button for element in elements for button in element.get("buttons", [])]
        if not any(button["postback_id"] == button_id for button in buttons):
            raise ApiError("not_found", "Button not found")
        greeting.clicked.append(button_id)
        return {}
    raise ApiError("greeting_not_found")


def focus_customer_page(_: Call) -> JsonObject:
    """The page's tab came to the front, or went from it: of no consequence here."""
    return {}


ACTIONS: Final = {
    "request_welcome_message": Action(request_welcome_message, since="3.6", online=True),
    "send_greeting_button_clicked": Action(send_greeting_button_clicked, since="3.6"),
    "activate_customer_page": Action(focus_customer_page, since="3.6", web=False),
    "deactivate_customer_page": Action(focus_customer_page, since="3.6", web=False),
}
