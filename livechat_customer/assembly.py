"""Builds the pump and its drivers for one stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from livechat_customer.calls import Calls
from livechat_customer.connector import Connector
from livechat_customer.errors import LogError
from livechat_customer.options import Options
from livechat_customer.projections.hub import Hub
from livechat_customer.pump import Pump
from livechat_customer.records import Record
from livechat_customer.store import Stream
from livechat_customer.transport.auth import CookieGrant, IdentityProvider, TokenSource
from livechat_customer.transport.config import SessionConfig
from livechat_customer.transport.credentials import MemoryCredentials
from livechat_customer.transport.session import Session
from livechat_customer.transport.urls import Urls


def assemble(
    options: Options,
    stream: Stream,
    hub: Hub,
    calls: Calls,
    tell: Callable[[Sequence[Record]], None],
    replaced: Callable[[Stream], None],
    failed: Callable[[LogError], None],
) -> tuple[Pump, Connector]:
    """The pump of `stream`, and the connector it drives."""
    urls = Urls(
        organization_id=options.organization_id,
        api_version=options.api_version,
        api_url=options.api_url,
        accounts_url=options.accounts_url,
    )
    tokens = TokenSource(_provider(options, urls), options.clock)
    connector = Connector(options, urls, tokens, dict)
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
    return pump, connector


def last_connection(hub: Hub) -> int:
    """Number of the stream's newest connection; they are counted over its whole life."""
    told = hub.root.state.connection.told.values()
    return max((fact.connection for fact in told), default=0)


def _provider(options: Options, urls: Urls) -> IdentityProvider:
    if options.identity_provider is not None:
        return options.identity_provider()
    return CookieGrant(
        url=urls.token(options.group_id if options.unique_groups else None),
        organization_id=options.organization_id,
        client_id=options.client_id,
        key=options.stream_key,
        store=options.credentials or MemoryCredentials(),
        clock=options.clock,
        redirect_uri=options.redirect_uri,
        timeout=options.timeouts.connect,
        proxy=options.proxy,
    )
