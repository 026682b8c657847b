"""What a page asks for beside its chats: goals, the e-mail address, what is known of a URL."""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox import goals, verification
from livechat_customer.sandbox.actions_customer import read_session_fields
from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.calls import Action, Call
from livechat_customer.sandbox.pages import url_info
from livechat_customer.sandbox.wire_json import JsonObject


def check_goals(call: Call) -> JsonObject:
    """For customers who are not connected: the page and the fields come with the request."""
    session_fields = call.fields.need("session_fields", read_session_fields(call.fields))
    group = call.fields.need("group_id", call.fields.integer("group_id"))
    url = call.fields.need("page_url", call.fields.string("page_url"))
    if group not in call.world.groups:
        raise ApiError("group_not_found")
    call.pushes += goals.reach(call.world, call.limits, call.customer, url, session_fields, group)
    return {}


def request_email_verification(call: Call) -> JsonObject:
    verification.request(call.world, call.customer, call.fields.url("callback_uri"))
    return {}


def get_url_info(call: Call) -> JsonObject:
    """Of the sandbox's own pages; nothing is fetched."""
    return url_info(call.world.tenant.pages, call.uploads.origin, call.fields.url("url"))


ACTIONS: Final = {
    "check_goals": Action(check_goals, rtm=False),
    "request_email_verification": Action(request_email_verification, rtm=False),
    "get_url_info": Action(get_url_info),
}
