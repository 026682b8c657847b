"""Options of `init()`: what they are, how they are checked, and how the environment gives them.

They are checked together, before anything is opened; a wrong one raises `ConfigError` with the
option's name.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec

from livechat_customer.errors import ConfigError
from livechat_customer.records import StreamKey
from livechat_customer.store import wall_clock

if TYPE_CHECKING:
    from livechat_customer.store.base import EventLog, Synchronous
    from livechat_customer.transport.auth import IdentityProvider
    from livechat_customer.transport.credentials import CredentialStore

API_VERSIONS: Final = ("3.5", "3.6")
REGIONS: Final = ("dal", "fra")
ENVIRONMENT_PREFIX: Final = "LIVECHAT_CUSTOMER_"

CustomerData = Mapping[str, Any]
CustomerDataProvider = Callable[[], CustomerData | Awaitable[CustomerData | None] | None]


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
    """Pushes to subscribe to, by version; None: all."""
    credentials: CredentialStore | None = None
    """Where the token and the identity's cookies are kept; None: in memory."""
    timeouts: Timeouts = Timeouts()
    proxy: str | None = None
    """An HTTP proxy's URL for the socket; loopback addresses never use one."""
    clock: Callable[[], int] = wall_clock
    """For tests: microseconds since the epoch."""
    ids: Callable[[], str] = new_id
    """For tests: request ids."""
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
            import platformdirs

            folder = platformdirs.user_data_path("livechat-customer")
            return str(folder / f"{self.organization_id}.db")
        return str(self.log) if isinstance(self.log, Path) else self.log

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
        if options.identity_provider is not None and "profile" not in given:
            raise ConfigError(
                "profile must be given with identity_provider: it names which user this is.",
                option="profile",
            )
        return options


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


_ENVIRONMENT: Final[dict[str, type]] = {
    "organization_id": str,
    "client_id": str,
    "group_id": int,
    "unique_groups": bool,
    "region": str,
    "redirect_uri": str,
    "profile": str,
    "log": str,
    "synchronous": str,
    "api_version": str,
    "api_url": str,
    "accounts_url": str,
    "proxy": str,
}


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_optional_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and bool(value))


def _is_group(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def _is_url(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, str):
        return False
    parts = urlsplit(value)
    loopback = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and loopback)
    )


def _is_page(value: Any) -> bool:
    return value is None or (_fits(value, dict[str, str]) and set(value) <= {"url", "title"})


def _is_pushes(value: Any) -> bool:
    return value is None or (
        _fits(value, dict[str, list[str] | str])
        and all(names == "all" or not isinstance(names, str) for names in value.values())
    )


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(dict(value), kind)
    except (TypeError, ValueError, msgspec.ValidationError):
        return False
    return True


def _is_log(value: object) -> bool:
    return value is None or isinstance(value, Path) or value != ""


def _is_timeouts(value: object) -> bool:
    return isinstance(value, Timeouts) and all(
        getattr(value, name) > 0 for name in Timeouts.__struct_fields__
    )


def _one_of(*values: str | None) -> Callable[[object], bool]:
    return lambda value: value in values


_URL = "an https URL (plain http only to a loopback address)"

_RULES: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    ("auto_connect", _is_flag, "True or False"),
    ("group_id", _is_group, "a group's number, 0 or above"),
    ("unique_groups", _is_flag, "True or False"),
    ("region", _one_of(None, *REGIONS), "None, 'dal' or 'fra'"),
    ("redirect_uri", _is_optional_text, "a URL"),
    ("customer_data_provider", lambda it: it is None or callable(it), "a function"),
    ("identity_provider", lambda it: it is None or callable(it), "a function"),
    ("page", _is_page, "a dict with url and title, both strings"),
    ("referrer", _is_optional_text, "a string"),
    ("mobile", _is_flag, "True or False"),
    ("profile", lambda it: isinstance(it, str) and bool(it), "a non-empty string"),
    ("log", _is_log, "a path, ':memory:' or an EventLog"),
    ("synchronous", _one_of("NORMAL", "FULL"), "'NORMAL' or 'FULL'"),
    ("api_version", _one_of(*API_VERSIONS), "'3.5' or '3.6'"),
    ("api_url", _is_url, _URL),
    ("accounts_url", _is_url, _URL),
    ("pushes", _is_pushes, "a dict of version to a list of push names or 'all'"),
    ("timeouts", _is_timeouts, "a Timeouts with seconds above 0"),
    ("proxy", _is_optional_text, "a URL"),
    ("clock", callable, "a function"),
    ("ids", callable, "a function"),
    ("random", callable, "a function"),
)
