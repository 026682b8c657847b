"""Who gets which token: the three grants and the identity transfer (protocol: accounts API).

No HTTP here: a call is its body and the few things around it that count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from livechat_customer.sandbox.core import Core
from livechat_customer.sandbox.pkce import METHODS, Challenge
from livechat_customer.sandbox.redirects import is_allowed
from livechat_customer.sandbox.tokens import OWN_CUSTOMERS, Token, TransferToken, bearer
from livechat_customer.sandbox.wire_json import JsonObject
from livechat_customer.sandbox.world import Customer

COOKIE: Final = "cookie"
AGENT: Final = "agent_token"
IDENTITY: Final = "identity_token"


class OAuthError(Exception):
    """Refused: a JSON body with one of two keys, by which clients recognize it."""

    def __init__(self, value: str, details: str = "", *, key: str = "oauth_exception") -> None:
        self.body: JsonObject = {key: value}
        if details:
            self.body["exception_details"] = details
        super().__init__(value)


@dataclass(frozen=True, slots=True)
class Ask:
    """One call: the body, and what stands around it."""

    given: JsonObject = field(repr=False)
    legacy: bool = False
    """Version 1, with the integer `license_id` in place of the organization."""
    organization: str | None = None
    group: int | None = None
    """Both of the path, where the identity is one group's own."""
    authorization: str | None = field(default=None, repr=False)
    origin: str | None = None
    cookies: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """A token, whose it is, and by which grant."""

    token: Token
    customer: Customer
    grant: str


class Grants:
    """Judges the calls of one sandbox."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def token(self, ask: Ask) -> Granted:
        """The token a call is worth. OAuthError when it is none; then nothing has changed."""
        grant = _text(ask.given, "grant_type")
        who = {COOKIE: self._by_cookies, AGENT: self._by_agent, IDENTITY: self._by_transfer}
        if grant not in who:
            raise OAuthError("unsupported_grant_type")
        client_id = self._client(ask)
        if ask.given.get("response_type", "token") != "token":
            raise OAuthError("unsupported_response_type")
        lifetime = self._lifetime(ask)
        customer = who[grant](ask, client_id)
        return Granted(self._core.tokens.issue(customer, client_id, lifetime), customer, grant)

    def transfer(self, ask: Ask) -> TransferToken:
        """A transfer token for the bearer, or for the customer an agent names."""
        client_id = self._client(ask)
        kind = _text(ask.given, "bearer_type")
        challenge = _challenge(ask.given)
        if kind == "agent":
            self._check_agent(ask)
            customer_id = self._named(_text(ask.given, "customer_id"), ask).id
        elif kind == "customer":
            token = self._core.tokens.find(bearer(ask.authorization) or "")
            if token is None:
                raise OAuthError("unauthorized", key="identity_exception")
            customer_id = token.customer_id
        else:
            raise OAuthError("invalid_request")
        seconds = self._core.limits.transfer_lifetime
        return self._core.tokens.issue_transfer(customer_id, client_id, challenge, seconds)

    def _by_cookies(self, ask: Ask, _: str) -> Customer:
        """The customer of the cookies, else a new one."""
        organization_id = self._organization(ask)
        if organization_id is None:
            raise OAuthError("invalid_request")
        self._check_redirect(ask)
        cid, secret = ask.cookies.get("__lc_cid"), ask.cookies.get("__lc_cst")
        return _admitted(self._core.tokens.customer_of(organization_id, ask.group, cid, secret))

    def _by_agent(self, ask: Ask, _: str) -> Customer:
        """The customer an agent wants to act as, or a new one."""
        self._check_agent(ask)
        organization_id = self._organization(ask)
        if ask.given.get("entity_id") is not None:
            return _admitted(self._named(_text(ask.given, "entity_id"), ask))
        own = organization_id or self._core.organization_id
        return self._core.tokens.new_customer(own, ask.group)

    def _by_transfer(self, ask: Ask, client_id: str) -> Customer:
        """The customer whom the code was minted for. It is good once."""
        code = self._core.tokens.transfer(_text(ask.given, "code"))
        if code is None or code.client_id != client_id:
            raise OAuthError("invalid_grant")
        customer = self._core.world.customers[code.customer_id]
        if not self._belongs(customer, ask):
            raise OAuthError("invalid_grant")
        if code.challenge is not None:
            verifier = ask.given.get("code_verifier")
            if not isinstance(verifier, str):
                raise OAuthError("invalid_request")
            if not code.challenge.is_met_by(verifier):
                raise OAuthError("invalid_grant")
        _admitted(customer)
        self._core.tokens.use_up(code)
        return customer

    def _check_agent(self, ask: Ask) -> None:
        """A strict sandbox knows its agents' tokens; any other takes what is no customer's."""
        tokens = self._core.tokens
        value = bearer(ask.authorization)
        if value is None or tokens.is_customers(value):
            raise OAuthError("unauthorized", key="identity_exception")
        scopes = tokens.agent_scopes(value)
        if scopes is None and self._core.strict:
            raise OAuthError("unauthorized", key="identity_exception")
        if scopes is not None and OWN_CUSTOMERS not in scopes:
            raise OAuthError("access_denied")

    def _named(self, customer_id: str, ask: Ask) -> Customer:
        customer = self._core.world.customers.get(customer_id)
        if customer is None or not self._belongs(customer, ask):
            raise OAuthError("resource_not_found")
        return customer

    def _belongs(self, customer: Customer, ask: Ask) -> bool:
        """Whether the customer is of the organization, and the group, that the call names."""
        organization_id = self._organization(ask)
        return organization_id in (None, customer.organization_id) and (
            ask.organization is None or ask.group == customer.group_id
        )

    def _organization(self, ask: Ask) -> str | None:
        """The organization that the path or the body names, if it does."""
        legacy = ask.given.get("license_id")
        found = ask.organization
        if found is None and ask.legacy and isinstance(legacy, int):
            found = str(legacy)
        if found is None and ask.given.get("organization_id") is not None:
            found = _text(ask.given, "organization_id")
        if found is not None and not self._core.knows(found):
            raise OAuthError("invalid_request")
        return found

    def _client(self, ask: Ask) -> str:
        client_id = _text(ask.given, "client_id")
        if self._core.strict and client_id != self._core.client_id:
            raise OAuthError("unauthorized_client", "client_id_not_found")
        return client_id

    def _check_redirect(self, ask: Ask) -> None:
        """It falls back on the Origin header; a strict sandbox insists on one of the two."""
        uri = ask.given.get("redirect_uri") or ask.origin
        if uri is None and not self._core.strict:
            return
        if not isinstance(uri, str):
            raise OAuthError("invalid_request", "redirect_uri_not_set")
        if not is_allowed(uri, self._core.world.tenant.redirect_uris):
            raise OAuthError("unauthorized_client", "invalid_redirect_uri")

    def _lifetime(self, ask: Ask) -> int:
        seconds = ask.given.get("expires_in")
        if seconds is None:
            return self._core.limits.token_lifetime
        if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 1:
            raise OAuthError("invalid_request")
        return seconds


def _admitted(customer: Customer) -> Customer:
    if customer.banned:
        raise OAuthError("access_denied", key="identity_exception")
    return customer


def _challenge(given: JsonObject) -> Challenge | None:
    """The challenge, `plain` unless its method is named."""
    if given.get("code_challenge") is None:
        return None
    method = given.get("code_challenge_method", "plain")
    if method not in METHODS:
        raise OAuthError("invalid_request")
    try:
        return Challenge(_text(given, "code_challenge"), method)
    except ValueError:
        raise OAuthError("invalid_request") from None


def _text(given: JsonObject, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise OAuthError("invalid_request")
    return value
