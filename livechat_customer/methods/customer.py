"""The customer's own data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livechat_customer.errors import CustomerSessionFieldsLimitReachedError, InvalidArgumentError
from livechat_customer.methods.base import Base, read
from livechat_customer.models import (
    Address,
    Customer,
    Success,
    from_wire,
    to_wire,
)
from livechat_customer.models.wire import responses
from livechat_customer.page import CurrentPage


class CustomerMethods(Base):
    """What is asked of and done with the customer."""

    _page: CurrentPage

    async def get_customer(self) -> Customer:
        """The customer, with `statistics` (Customer Chat API 3.5, get_customer)."""
        answer = await self._ask("get_customer", {})
        return from_wire.customer(read(answer.response, responses.GetCustomerResponse))

    async def update_customer(
        self,
        *,
        name: str | None = None,
        email: str | None = None,
        avatar: str | None = None,
        session_fields: Mapping[str, str] | None = None,
        address: Address | Mapping[str, str] | None = None,
        phone_number: str | None = None,
        omnichannel: Mapping[str, Any] | None = None,
    ) -> Success:
        """Change what is given; session fields are merged into those there are.

        `avatar` is a URL. Raises `InvalidArgumentError` when nothing is given, and
        `CustomerSessionFieldsLimitReachedError` when there would be more than 100 session fields
        in all (its `code` is the server's: `LIMIT_REACHED`, of older ones
        `CUSTOMER_SESSION_FIELDS_LIMIT_REACHED`). Customer Chat API 3.5, update_customer; the last
        three are 3.6.
        """
        given = {
            "name": name,
            "email": email,
            "avatar": avatar,
            "session_fields": session_fields,
            "address": address,
            "phone_number": phone_number,
            "omnichannel": omnichannel,
        }
        payload = to_wire.update_customer(given)
        return await self._do(
            "update_customer", payload, limit=CustomerSessionFieldsLimitReachedError
        )

    async def set_customer_session_fields(self, *, session_fields: Mapping[str, str]) -> Success:
        """Replace the session fields, at most 100; they live as long as the customer's session.

        Raises `CustomerSessionFieldsLimitReachedError` (Customer Chat API 3.5,
        set_customer_session_fields).
        """
        payload = {"session_fields": to_wire.session_fields(session_fields)}
        return await self._do(
            "set_customer_session_fields", payload, limit=CustomerSessionFieldsLimitReachedError
        )

    def update_customer_page(self, *, url: str | None = None, title: str | None = None) -> None:
        """Say which page the customer is on; what is not given stays as it was.

        Returns at once. The whole page is sent now when connected, and with each login from now
        on; nothing without a `url`, which the server demands. A refusal is only logged. Greetings
        may follow (Customer Chat API 3.5, update_customer_page). Raises `InvalidArgumentError`
        when neither is given.
        """
        changed = to_wire.page({"url": url, "title": title})
        if not changed:
            raise InvalidArgumentError("url", "or title must be given.")
        self._page.update(changed)
