"""Options of `init()`: what they are, how they are checked, and how the environment gives them.

They are checked together, before anything is opened; a wrong one raises `ConfigError` with the
option's name.
"""

from __future__ import annotations

import random
import ssl
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import msgspec

from livechat_customer import option_rules as rules
from livechat_customer.errors import ConfigError
from livechat_customer.records import StreamKey
from livechat_customer.store import wall_clock
from livechat_customer.transport.credential_file import CredentialFile
from livechat_customer.transport.credentials import CredentialStore, MemoryCredentials

if TYPE_CHECKING:
    from livechat_customer.store.base import EventLog, Synchronous
    from livechat_customer.transport.auth import IdentityProvider
    from livechat_customer.transport.grants import AgentToken
    from livechat_customer.transport.socket import Socket

API_VERSIONS: Final = ("3.5", "3.6")
REGIONS: Final = ("dal", "fra")
ENVIRONMENT_PREFIX: Final = "LIVECHAT_CUSTOMER_"

CustomerData = Mapping[str, Any]
CustomerDataProvider = Callable[[], CustomerData | Awaitable[CustomerData | None] | None]
SocketOpener = Callable[[str, Mapping[str, str]], "Awaitable[Socket]"]


def new_id() -> str:
    """An id no other is equal to: request ids and custom ids."""
    return uuid.uuid4().hex


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds to wait. The server gives up on a request after 15 s by itself."""

    connect: float = 10.0
    """Opening the socket."""
    login: float = 15.0
    """From the login request to its answer."""
    request: float = 20.0
    """From the writing of a request to its answer."""
    close: float = 2.0
    """The closing handshake."""
    standstill: float = 60.0
    """An upload that gets no further. There is no limit over all."""


class OutboxLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of the outbox; times in seconds."""

    max_entries: int = 10_000
    """Unfinished ones; `send_event` raises `OutboxFullError` beyond."""
    max_age: float = 7 * 86_400.0
    """An entry that is older when its turn comes fails with the code `EXPIRED`."""
    in_doubt_wait: float = 20.0
    """From the end of a connection, or from the open of a new run, to the search for what may have
    reached the server: more than it takes to have a late effect (15 s)."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Checked options; made by `Options.checked()`."""

    organization_id: str
    """The tenant: a UUID."""
    client_id: str
    """Id of the app registered in the Developer Console."""
    auto_connect: bool = True
    """Connect when opened; else wait for `connect()`."""
    group_id: int | None = None
    """Group whose greetings and availability count."""
    unique_groups: bool = False
    """One identity per group; needs `group_id`."""
    region: str | None = None
    """`dal` or `fra`; None: the default host."""
    redirect_uri: str | None = None
    """On the app's allow-list; a backend has no `Origin`, so the cookie grant needs it there."""
    customer_data_provider: CustomerDataProvider | None = None
    """Called before each login; gives `name`, `email`, `avatar`, `session_fields`."""
    identity_provider: Callable[[], IdentityProvider] | None = None
    """Makes a token source of your own; needs `profile`."""
    page: Mapping[str, str] | None = None
    """The page being viewed: `url`, `title`."""
    referrer: str | None = None
    mobile: bool = False
    profile: str = "default"
    """Which of the app's users this is; part of what a stream is found by."""
    log: str | Path | EventLog | None = None
    """A file's path, `":memory:"`, or an open log. None: a file in the user's data folder."""
    synchronous: Synchronous = "NORMAL"
    """`FULL` survives a power cut with every commit; `NORMAL` may lose the last ones."""
    api_version: str = "3.5"
    api_url: str | None = None
    """Another host for the API, such as a sandbox's."""
    accounts_url: str | None = None
    """Another host for tokens."""
    pushes: Mapping[str, Sequence[str] | str] | None = None
    """Pushes to subscribe to, by the version they are to come in; None: all, in `api_version`.
    A 3.5 connection can have pushes of 3.6. Without `incoming_event` and `incoming_chat`,
    `send_event`, `start_chat` and `resume_chat` give what was sent, `confirmed=False`."""
    credentials: CredentialStore | str | Path | None = None
    """Where the token and the identity's cookies are kept: a store, or a file's path. None: a file
    in the user's data folder; with the log in memory, in memory."""
    agent_token: AgentToken | None = None
    """For a backend that acts as many customers: an agent's access token with the scope
    `customers:own`, or a function (plain or coroutine) that gives one; needs `profile`."""
    customer_id: str | None = None
    """With `agent_token`: an existing customer to act as. None: the profile's own, made at its
    first start."""
    identity_token: str | None = None
    """From `sdk.auth.transfer_identity()` on another device: be that customer. Redeemed once."""
    code_verifier: str | None = None
    """With `identity_token`, if it was minted with a challenge: see `Pkce`."""
    tls: ssl.SSLContext | None = None
    """Trust for the socket and for HTTP, for a certificate authority of your own. None: the
    system's certificates."""
    timeouts: Timeouts = Timeouts()
    outbox: OutboxLimits = OutboxLimits()
    in_doubt: str = "resend"
    """What the outbox does with an attempt whose outcome stays unknown although a search found
    nothing of it: `resend`, or `park` it until `retry()`."""
    proxy: str | None = None
    """An HTTP proxy's URL, for the socket and for HTTP; loopback addresses never use one."""
    open_socket: SocketOpener | None = None
    """For tests: opens a `Socket` to a URL with these headers, or raises `OpenError`. None: a
    WebSocket over the network."""
    clock: Callable[[], int] = wall_clock
    """For tests: microseconds since the epoch."""
    ids: Callable[[], str] = new_id
    """For tests: request ids and, over all runs of a stream, the custom ids of the outbox; never
    the same twice."""
    random: Callable[[], float] = random.random
    """For tests: jitter of the back-off."""

    @property
    def stream_key(self) -> StreamKey:
        """What this customer's stream is found by."""
        return StreamKey(
            organization_id=self.organization_id,
            client_id=self.client_id,
            group_id=self.group_id if self.unique_groups else None,
            profile=self.profile,
        )

    def log_location(self) -> str | EventLog:
        """The log's path, or the log itself."""
        if self.log is None:
            # Whatever it is called, it is one file name.
            return str(data_folder() / f"{quote(self.organization_id, safe='')}.db")
        return str(self.log) if isinstance(self.log, Path) else self.log

    def credential_store(self) -> CredentialStore:
        """Where the identity is kept. In a file, what different servers gave out is kept apart."""
        given = self.credentials
        if given is not None and not isinstance(given, (str, Path)):
            return given
        if given is None:
            location = self.log_location()
            # An open log knows its path; one in memory has none.
            if (location if isinstance(location, str) else location.path) in (None, ":memory:"):
                return MemoryCredentials()
            given = default_credentials()
        issuer = None if self.accounts_url is None else urlsplit(self.accounts_url).netloc
        return CredentialFile(given, issuer=issuer)

    def __repr__(self) -> str:
        return f"Options(organization_id={self.organization_id!r}, profile={self.profile!r}, …)"

    @classmethod
    def checked(cls, **given: Any) -> Options:
        """The options as given by the caller, checked. Raises ConfigError."""
        unknown = sorted(set(given) - set(cls.__struct_fields__))
        if unknown:
            raise ConfigError(
                f"{unknown[0]} is no option. See init()'s documentation.", option=unknown[0]
            )
        for name in ("organization_id", "client_id"):
            value = given.get(name)
            if not isinstance(value, str) or not value.strip():
                raise ConfigError(f"{name} must be given, a non-empty string.", option=name)
        options = cls(**given)
        for name, rule, what in _RULES:
            if not rule(getattr(options, name)):
                raise ConfigError(f"{name} must be {what}.", option=name)
        if options.unique_groups and options.group_id is None:
            raise ConfigError("group_id must be given with unique_groups.", option="group_id")
        for name in ("identity_provider", "agent_token"):
            if getattr(options, name) is not None and "profile" not in given:
                raise ConfigError(
                    f"profile must be given with {name}: it names which user this is.",
                    option="profile",
                )
        for name, needed in _NEEDS.items():
            if getattr(options, name) is not None and getattr(options, needed) is None:
                raise ConfigError(f"{name} is of use with {needed} only.", option=name)
        ways = [name for name in _IDENTITIES if getattr(options, name) is not None]
        if len(ways) > 1:
            raise ConfigError(
                f"{ways[1]} can't be given with {ways[0]}: one of them says who this is.",
                option=ways[1],
            )
        return options


def data_folder() -> Path:
    """Where logs and credentials lie that no option names."""
    import platformdirs

    return platformdirs.user_data_path("livechat-customer")


def default_credentials() -> Path:
    """The credentials file that no option names."""
    return data_folder() / "credentials.json"


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The options that `LIVECHAT_CUSTOMER_*` variables give, for the command.

    Raises ConfigError with the variable's name when a value does not fit.
    """
    found: dict[str, Any] = {}
    for name, kind in _ENVIRONMENT.items():
        variable = ENVIRONMENT_PREFIX + name.upper()
        text = environment.get(variable)
        if text is None or not text.strip():
            continue
        try:
            found[name] = msgspec.convert(text.strip(), kind, strict=False)
        except msgspec.ValidationError:
            word = "true or false" if kind is bool else "a whole number"
            raise ConfigError(f"{variable} must be {word}.", option=name) from None
    return found


_IDENTITIES: Final = ("identity_provider", "agent_token", "identity_token")
"""Each makes the identity in a way of its own; with none of them it is the cookie grant's."""

_NEEDS: Final = {"customer_id": "agent_token", "code_verifier": "identity_token"}

_ENVIRONMENT: Final[dict[str, type]] = {
    "organization_id": str,
    "client_id": str,
    "auto_connect": bool,
    "group_id": int,
    "unique_groups": bool,
    "region": str,
    "redirect_uri": str,
    "referrer": str,
    "mobile": bool,
    "profile": str,
    "log": str,
    "synchronous": str,
    "api_version": str,
    "api_url": str,
    "accounts_url": str,
    "proxy": str,
    "in_doubt": str,
    "credentials": str,
    "agent_token": str,
    "customer_id": str,
}


def _is_timeouts(value: object) -> bool:
    return isinstance(value, Timeouts) and all(
        rules.is_seconds(getattr(value, name)) for name in Timeouts.__struct_fields__
    )


def _is_outbox(value: object) -> bool:
    return (
        isinstance(value, OutboxLimits)
        and rules.is_count(value.max_entries)
        and rules.is_seconds(value.max_age)
        and rules.is_seconds(value.in_doubt_wait)
    )


_RULES: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    ("auto_connect", rules.is_flag, "True or False"),
    ("group_id", rules.is_group, "a group's number, 0 or above"),
    ("unique_groups", rules.is_flag, "True or False"),
    ("region", rules.one_of(None, *REGIONS), "None, 'dal' or 'fra'"),
    ("redirect_uri", rules.is_optional_text, "a URL"),
    ("customer_data_provider", lambda it: it is None or callable(it), "a function"),
    ("identity_provider", lambda it: it is None or callable(it), "a function"),
    ("page", rules.is_page, "a dict with url and title, both strings"),
    ("referrer", rules.is_optional_text, "a string"),
    ("mobile", rules.is_flag, "True or False"),
    ("profile", lambda it: isinstance(it, str) and bool(it), "a non-empty string"),
    ("log", rules.is_log, "a path, ':memory:' or an EventLog"),
    ("synchronous", rules.one_of("NORMAL", "FULL"), "'NORMAL' or 'FULL'"),
    ("api_version", rules.one_of(*API_VERSIONS), "'3.5' or '3.6'"),
    ("api_url", rules.is_url, rules.URL),
    ("accounts_url", rules.is_url, rules.URL),
    (
        "pushes",
        lambda it: rules.is_pushes(it, API_VERSIONS),
        "a dict of '3.5' or '3.6' to a list of push names or 'all'",
    ),
    ("credentials", rules.is_store, "a path, or a store with load, save and delete"),
    (
        "agent_token",
        lambda it: it is None or callable(it) or rules.is_token(it),
        "an agent's access token, or a function that gives one",
    ),
    ("customer_id", rules.is_optional_text, "a customer's id"),
    ("identity_token", lambda it: it is None or rules.is_token(it), "an identity transfer token"),
    ("code_verifier", rules.is_verifier, rules.VERIFIER),
    ("tls", rules.is_context, "a client's ssl.SSLContext that verifies certificate and host name"),
    ("timeouts", _is_timeouts, "a Timeouts with seconds above 0"),
    ("outbox", _is_outbox, "an OutboxLimits with a count and seconds above 0"),
    ("in_doubt", rules.one_of("resend", "park"), "'resend' or 'park'"),
    ("proxy", rules.is_proxy, "an HTTP proxy's URL, http or https"),
    ("open_socket", lambda it: it is None or callable(it), "a function"),
    ("clock", callable, "a function"),
    ("ids", callable, "a function"),
    ("random", callable, "a function"),
)
