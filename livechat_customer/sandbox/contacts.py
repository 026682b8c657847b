"""How a customer can be reached, besides name and e-mail (protocol: what 3.6 changed).

`omnichannel` goes in as `{fbmessenger: {id, …}, twilio: {phone_number}}` and comes out as lists
under other names, one entry for each account.
"""

from __future__ import annotations

from typing import Final

from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.wire_json import JsonObject

_ADDRESS: Final = ("address", "city", "country", "state", "postal_code")
_MESSENGER: Final = {
    "name": "Name",
    "first_name": "FirstName",
    "last_name": "LastName",
    "profile_pic": "ProfilePic",
    "gender": "Gender",
    "locale": "Locale",
}


def read_contacts(fields: Fields, omnichannel: JsonObject) -> JsonObject:
    """The given ones as answers show them; accounts are added to those in `omnichannel`."""
    found: JsonObject = {}
    fields.boolean("name_is_default")
    phone = fields.string("phone_number")
    if phone is not None:
        found["phone_number"] = phone
    address = fields.fields("address")
    if address is not None:
        lines = {name: address.string(name) for name in _ADDRESS}
        found["address"] = {name: line for name, line in lines.items() if line is not None}
    accounts = fields.fields("omnichannel")
    if accounts is not None:
        found["omnichannel"] = _merged(omnichannel, _read_accounts(accounts))
    return found


def _read_accounts(fields: Fields) -> JsonObject:
    found: JsonObject = {}
    messenger = fields.fields("fbmessenger")
    if messenger is not None:
        account: JsonObject = {"ID": messenger.need("id", messenger.string("id"))}
        texts = {shown: messenger.string(name) for name, shown in _MESSENGER.items()}
        account |= {shown: text for shown, text in texts.items() if text is not None}
        verified = messenger.boolean("is_verified_user")
        if verified is not None:
            account["IsVerifiedUser"] = verified
        found["fb_messenger"] = [account]
    twilio = fields.fields("twilio")
    if twilio is not None:
        number = twilio.need("phone_number", twilio.string("phone_number"))
        found["twilio"] = [{"PhoneNumber": number}]
    return found


def _merged(old: JsonObject, new: JsonObject) -> JsonObject:
    found = dict(old)
    for channel, accounts in new.items():
        key = "ID" if channel == "fb_messenger" else "PhoneNumber"
        replaced = {account[key] for account in accounts}
        kept = [account for account in old.get(channel, []) if account[key] not in replaced]
        found[channel] = [*kept, *accounts]
    return found
