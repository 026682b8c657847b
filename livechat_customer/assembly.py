"""Builds the pump and its drivers for one stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from livechat_customer.auth import Auth, read_transfer
from livechat_customer.calls import Calls
from livechat_customer.connector import Connector
from livechat_customer.errors import ConfigError, LogError
from livechat_customer.http_calls import HttpCalls
from livechat_customer.options import Options
from livechat_customer.page import CurrentPage
from livechat_customer.projections.hub import Hub
from livechat_customer.pump import Pump
from livechat_customer.records import Record
from livechat_customer.store import Stream
from livechat_customer.transport.accounts import post_token
from livechat_customer.transport.auth import IdentityProvider, TokenSource
from livechat_customer.transport.config import SessionConfig
from livechat_customer.transport.grants import AgentTokenGrant, CookieGrant
from livechat_customer.transport.session import Session
from livechat_customer.transport.token import Token
from livechat_customer.transport.transfer import IdentityTransfer
from livechat_customer.transport.urls import Urls
from livechat_customer.transport.web import WebApi


def assemble(
    options: Options,
    stream: Stream,
    hub: Hub,
    page: CurrentPage,
    calls: Calls,
    tell: Callable[[Sequence[Record]], None],
    replaced: Callable[[Stream], None],
    failed: Callable[[LogError], None],
) -> tuple[Pump, Connector, Auth, HttpCalls]:
    """The pump of `stream`, the connector it drives, the tokens they share with the app, and what
    goes over HTTP."""
    urls = Urls(
        organization_id=options.organization_id,
        api_version=options.api_version,
        api_url=options.api_url,
        accounts_url=options.accounts_url,
    )
    tokens = TokenSource(_provider(options, urls), options.clock)
    connector = Connector(
        options, urls, tokens, lambda: hub.root.state.side_storage.value, page.for_login
    )
    config = SessionConfig(
        api_version=options.api_version,
        region=options.region,
        connection=last_connection(hub),
        connect_timeout=options.timeouts.connect,
        login_timeout=options.timeouts.login,
        request_timeout=options.timeouts.request,
    )
    session = Session(config, options.random)
    pump = Pump(stream, session, connector, calls, tell, replaced, failed, options.api_version)
    web = WebApi(
        urls,
        tokens,
        lambda: pump.region,
        timeout=options.timeouts.request,
        standstill=options.timeouts.standstill,
        proxy=options.proxy,
        context=options.tls,
    )
    return pump, connector, _auth(options, urls, tokens), HttpCalls(web, pump)


def last_connection(hub: Hub) -> int:
    """Number of the stream's newest connection; they are counted over its whole life."""
    told = hub.root.state.connection.told.values()
    return max((fact.connection for fact in told), default=0)


_FOUR: Final = ("get_token", "get_fresh_token", "has_token", "invalidate")
"""What an identity provider has (Customer Chat API 3.5, 1.8)."""


def _provider(options: Options, urls: Urls) -> IdentityProvider:
    if options.identity_provider is not None:
        provider = options.identity_provider()
        for name in _FOUR:
            if not callable(getattr(provider, name, None)):
                raise ConfigError(
                    f"identity_provider must give an object with the method {name}.",
                    option="identity_provider",
                )
        return provider
    given: dict[str, Any] = {
        "url": urls.token(options.group_id if options.unique_groups else None),
        "organization_id": options.organization_id,
        "client_id": options.client_id,
        "key": options.stream_key,
        "store": options.credential_store(),
        "clock": options.clock,
        "timeout": options.timeouts.connect,
        "proxy": options.proxy,
        "context": options.tls,
    }
    if options.agent_token is not None:
        return AgentTokenGrant(
            agent_token=options.agent_token, customer_id=options.customer_id, **given
        )
    return CookieGrant(
        redirect_uri=options.redirect_uri,
        identity_token=options.identity_token,
        code_verifier=options.code_verifier,
        **given,
    )


def _auth(options: Options, urls: Urls, tokens: TokenSource) -> Auth:
    async def mint(token: Token, more: dict[str, str]) -> IdentityTransfer:
        answer = await post_token(
            urls.identity_transfer(),
            {"bearer_type": "customer", "client_id": options.client_id, **more},
            bearer=token.access_token,
            check="client_id and code_challenge",
            timeout=options.timeouts.connect,
            proxy=options.proxy,
            context=options.tls,
        )
        return read_transfer(answer.body)

    return Auth(tokens, mint)
