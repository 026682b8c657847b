"""A server whose certificate is of an authority of one's own: socket, tokens and all."""

from __future__ import annotations

import pytest
from front_kit import customer
from transport_net_kit import server_context, trusting_context

import livechat_customer as lc
from livechat_customer.sandbox import Sandbox


async def test_the_option_tls_is_the_trust_of_the_socket_and_of_the_token_endpoint() -> None:
    async with Sandbox(tls=server_context()) as sandbox:
        assert sandbox.api_url.startswith("https:")
        async with customer(sandbox, tls=trusting_context()) as sdk:
            assert (await sdk.get_customer()).id in sandbox.customers
            assert (await sdk.auth.transfer_identity()).token


async def test_without_it_the_certificate_is_refused_and_nothing_is_said() -> None:
    async with Sandbox(tls=server_context()) as sandbox:
        async with lc.init(**sandbox.options(), log=":memory:") as sdk:
            with pytest.raises(lc.LoginError, match="certificate") as failed:
                await sdk.connect()
        assert failed.value.code == "CERTIFICATE"
        assert list(sandbox.received) == []


async def test_the_socket_has_no_other_trust_than_the_tokens() -> None:
    """The token comes from a server that is trusted, the socket's is not."""
    async with Sandbox() as plain, Sandbox(tls=server_context()) as secure:
        given = {**plain.options(), "api_url": secure.api_url}
        async with lc.init(**given, log=":memory:") as sdk:
            with pytest.raises(lc.LoginError, match="certificate"):
                await sdk.connect()
        assert list(secure.received) == []
