"""What the session machine asks the world for: a socket, a token, the payload of a login."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from livechat_customer.errors import CustomerSDKError
from livechat_customer.models import to_wire
from livechat_customer.options import Options
from livechat_customer.transport.auth import TokenSource
from livechat_customer.transport.login import login_payload
from livechat_customer.transport.socket import Socket, open_socket
from livechat_customer.transport.token import Token
from livechat_customer.transport.urls import Urls


class Connector:
    """Opens sockets and gets tokens, as the options say."""

    def __init__(
        self,
        options: Options,
        urls: Urls,
        tokens: TokenSource,
        side_storage: Callable[[], Mapping[str, str]],
        page: Callable[[], Mapping[str, Any] | None],
    ) -> None:
        self._options = options
        self._urls = urls
        self._tokens = tokens
        self._side_storage = side_storage
        self._page = page

    async def open_socket(self, region: str | None) -> Socket:
        """A connected WebSocket. Raises `OpenError`."""
        options = self._options
        url, headers = self._urls.rtm(region), self._urls.headers(region)
        if options.open_socket is not None:
            return await options.open_socket(url, headers)
        return await open_socket(
            url,
            headers,
            open_timeout=options.timeouts.connect,
            close_timeout=options.timeouts.close,
            proxy=options.proxy,
            context=options.tls,
        )

    async def token(self, fresh: bool) -> Token:
        """Raises AuthError."""
        return await (self._tokens.fresh_token() if fresh else self._tokens.token())

    async def login_payload(self, token: Token) -> bytes:
        """The login request's payload, with what the app's `customer_data_provider` gives.

        Raises CustomerSDKError, without what the provider raised: it may hold personal data.
        """
        options = self._options
        # The provider is the app's and may take its time: the rest is read when it is done.
        customer = await self._customer_data()
        return login_payload(
            token,
            customer=customer,
            page=self._page(),
            side_storage=self._side_storage(),
            mobile=options.mobile,
            group_id=options.group_id,
            referrer=options.referrer,
            pushes=options.pushes,
        )

    async def aclose(self) -> None:
        """Stop what is under way."""
        await self._tokens.aclose()

    async def _customer_data(self) -> Mapping[str, Any] | None:
        provider = self._options.customer_data_provider
        if provider is None:
            return None
        try:
            given = provider()
            data = await given if inspect.isawaitable(given) else given
        except Exception as error:
            raise CustomerSDKError(
                f"customer_data_provider raised {type(error).__name__}. Mend it; the login is "
                "tried again.",
                code="CUSTOMER_DATA_PROVIDER",
            ) from error
        return None if data is None else to_wire.customer_update(data, "customer_data_provider")
