"""The error tree.

    CustomerSDKError
    ├── ConfigError (also ValueError)          an option is wrong
    ├── NotSentError                           it had no effect on the server
    │   ├── NoConnectionError
    │   ├── InvalidArgumentError (also ValueError)
    │   ├── SDKDestroyedError
    │   ├── MissingChatThreadError
    │   ├── TooBigFileError
    │   ├── OutboxFullError, EntryExpiredError
    │   └── PendingRequestsLimitReachedError
    ├── OutcomeUnknownError                    it may have had its effect
    │   ├── ConnectionLostError
    │   └── RequestTimeoutError
    ├── ServerError                            the server's answer; one child per code below
    ├── LoginError                             connecting was refused
    ├── IdentityMismatchError
    ├── AuthError                              the token endpoint refused or failed
    ├── UploadFailedError, UploadCancelledError
    ├── EntryCancelledError, EntryParkedError  what became of an entry of the outbox
    ├── HandlerLagged                          a coroutine handler was too slow
    └── LogError                               the log failed
        ├── LogClosedError, LogLockedError, LogFullError, LogReadOnlyError, LogCorruptError
        ├── LogNotADatabaseError, LogNewerSchemaError, LogCompactedError
        └── StreamLockedError, StreamReplacedError, StreamNotFoundError

Messages are one line of at most 200 characters that ends with what to do. They never hold a
token, a cookie or what a customer wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

MESSAGE_LIMIT: Final = 200


def one_line(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """`text` on one line, cut to `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


class CustomerSDKError(Exception):
    """Root of all errors of this library.

    `code` is the JavaScript SDK's or the server's string in upper case; `data` is what the
    server gave beside it, if anything.
    """

    default_code: ClassVar[str] = "CUSTOMER_SDK"
    default_message: ClassVar[str] = "Something failed; see the log of `livechat_customer`."

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.message = one_line(message or self.default_message)
        self.data = data
        super().__init__(self.message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code}: {self.message})"


class ConfigError(CustomerSDKError, ValueError):
    """An option of `init()` is wrong; the message names it."""

    default_code = "CONFIG"

    def __init__(self, message: str, *, option: str | None = None) -> None:
        super().__init__(message)
        self.option = option


class NotSentError(CustomerSDKError):
    """The request had no effect on the server: sending it again is safe."""

    default_code = "NOT_SENT"


class NoConnectionError(NotSentError):
    """There is no logged-in connection."""

    default_code = "NO_CONNECTION"
    default_message = "No connection. Await connect() first, or queue it with the outbox."


class InvalidArgumentError(NotSentError, ValueError):
    """An argument was refused before sending; `argument` is its path, such as `event.text`."""

    default_code = "VALIDATION"

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(f"{argument}: {message}")
        self.argument = argument


class SDKDestroyedError(NotSentError):
    """The SDK was destroyed, by `destroy()` or by a fatal disconnection reason."""

    default_code = "SDK_DESTROYED"
    default_message = "SDK destroyed. Make a new one with init()."


class MissingChatThreadError(NotSentError):
    """The chat has no thread to rate."""

    default_code = "MISSING_CHAT_THREAD"
    default_message = "There is no thread in this chat. Start or resume it first."


class TooBigFileError(NotSentError):
    """The file is larger than the API takes (10 MiB)."""

    default_code = "TOO_BIG_FILE"
    default_message = "The file is too big (max size is 10.00 MB). Send a smaller one."


class OutboxFullError(NotSentError):
    """The outbox holds as many entries as option `outbox` allows."""

    default_code = "OUTBOX_FULL"
    default_message = "The outbox is full. Wait until it has sent something, or cancel entries."


class EntryExpiredError(NotSentError):
    """The entry was older than option `outbox` allows when its turn came."""

    default_code = "EXPIRED"
    default_message = "The message was too old to be sent. Retry it, or cancel it."


class PendingRequestsLimitReachedError(NotSentError):
    """Too many requests wait for an answer, here (the queue is full or it waited too long) or,
    as `ServerPendingRequestsLimitReachedError`, on the server."""

    default_code = "PENDING_REQUESTS_LIMIT_REACHED"
    default_message = "Too many requests wait for an answer. Send fewer at a time, then retry."


class OutcomeUnknownError(CustomerSDKError):
    """The request was sent and no answer came: it may have had its effect. Check, then retry."""

    default_code = "OUTCOME_UNKNOWN"


class ConnectionLostError(OutcomeUnknownError):
    """The connection ended while the request was in flight."""

    default_code = "CONNECTION_LOST"
    default_message = "Connection lost before the answer came. Check the outcome, then retry."

    @classmethod
    def by_destroy(cls) -> ConnectionLostError:
        """We ended it ourselves, for good."""
        message = "SDK destroyed before the answer came. Check the outcome."
        return cls(message, code=SDKDestroyedError.default_code)


class RequestTimeoutError(OutcomeUnknownError):
    """No answer in time: our own timer, or `ServerRequestTimeoutError`."""

    default_code = "REQUEST_TIMEOUT"
    default_message = "Request timed out. Check the outcome, then retry."


class LoginError(CustomerSDKError):
    """Connecting was refused and will not be tried again by itself; `code` is the server's."""

    default_code = "LOGIN"


class IdentityMismatchError(CustomerSDKError):
    """The token is another customer's than the one of this session."""

    default_code = "IDENTITY_MISMATCH"
    default_message = (
        "The new token belongs to another customer. Destroy this SDK and start a new one."
    )


class AuthError(CustomerSDKError):
    """The token endpoint refused (`SSO_IDENTITY_EXCEPTION`, `SSO_OAUTH_EXCEPTION`) or failed.

    `reason` is the endpoint's own word, such as `invalid_grant`; `retryable` tells whether the
    SDK goes on trying.
    """

    default_code = "SSO_OAUTH_EXCEPTION"

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        reason: str = "",
        retryable: bool = False,
    ) -> None:
        super().__init__(message, code=code)
        self.reason = reason
        self.retryable = retryable


class UploadFailedError(CustomerSDKError):
    """The upload did not reach the server, or its answer could not be read."""

    default_code = "UPLOAD_FAILED"
    default_message = "Upload failed. Try again."


class UploadCancelledError(CustomerSDKError):
    """`cancel()` was called before the upload ended."""

    default_code = "UPLOAD_CANCELED"
    default_message = "Upload canceled. Call upload_file() again to send it."


class HandlerLagged(CustomerSDKError):
    """A coroutine handler fell behind by more than its queue holds and missed payloads.

    `first` and `last` are the seqs of the first and last record it missed.
    """

    default_code = "HANDLER_LAGGED"

    def __init__(self, name: str, first: int, last: int) -> None:
        super().__init__(
            f"A handler of {name} was too slow and missed records {first} to {last}. "
            f"Hand long work to a task, or use consume({name!r}, since={first - 1})."
        )
        self.name = name
        self.first = first
        self.last = last


class EntryCancelledError(CustomerSDKError):
    """`cancel()` was called for the entry. One that was in doubt may have been delivered before."""

    default_code = "ENTRY_CANCELLED"
    default_message = "The entry of the outbox was cancelled. Queue it anew to send it."


class EntryParkedError(CustomerSDKError):
    """The entry is not sent by itself any more. `code` says why: `RESTORED`, the log is a copy, and
    the original may have sent it; `IDENTITY_CHANGED`, it was another customer's (for ever)."""

    default_code = "PARKED"
    default_message = "The entry of the outbox is parked. Retry it, or cancel it."


class ServerError(CustomerSDKError):
    """The server refused the request; `code` is its error type in upper case.

    `ServerError.of()` gives the child of a type; unknown types give a plain `ServerError`.
    """

    default_code = "SERVER"

    @staticmethod
    def of(
        error_type: str, message: str = "", data: Mapping[str, Any] | None = None
    ) -> CustomerSDKError:
        """The error of an answer's `error.type` (Customer Chat API 3.5, error catalogue)."""
        code = error_type.upper()
        return _SERVER_ERRORS.get(code, ServerError)(message or None, code=code, data=data)


class AuthenticationError(ServerError):
    """`AUTHENTICATION`: the token is missing, invalid, expired or of the wrong kind."""

    default_code = "AUTHENTICATION"
    default_message = "Authentication error. Get a fresh token."


class AuthorizationError(ServerError):
    """`AUTHORIZATION`: the customer may not do this."""

    default_code = "AUTHORIZATION"


class ChatAlreadyActiveError(ServerError):
    """`CHAT_ALREADY_ACTIVE`: resuming a chat that has an open thread."""

    default_code = "CHAT_ALREADY_ACTIVE"


class ChatAnonymizedError(ServerError):
    """`CHAT_ANONYMIZED`: the chat's personal data was erased."""

    default_code = "CHAT_ANONYMIZED"


class ChatInactiveError(ServerError):
    """`CHAT_INACTIVE`: the action needs an open thread."""

    default_code = "CHAT_INACTIVE"


class CustomerBannedError(ServerError):
    """`CUSTOMER_BANNED`."""

    default_code = "CUSTOMER_BANNED"


class EntityTooLargeError(ServerError):
    """`ENTITY_TOO_LARGE`: the upload is over 10 MB."""

    default_code = "ENTITY_TOO_LARGE"


class GreetingNotFoundError(ServerError):
    """`GREETING_NOT_FOUND`: unknown `unique_id`."""

    default_code = "GREETING_NOT_FOUND"


class GroupNotFoundError(ServerError):
    """`GROUP_NOT_FOUND`."""

    default_code = "GROUP_NOT_FOUND"


class GroupOfflineError(ServerError):
    """`GROUP_OFFLINE` (get_predicted_agent)."""

    default_code = "GROUP_OFFLINE"


class GroupUnavailableError(ServerError):
    """`GROUP_UNAVAILABLE` (get_predicted_agent): the group is online, nobody can take the chat."""

    default_code = "GROUP_UNAVAILABLE"


class GroupsOfflineError(ServerError):
    """`GROUPS_OFFLINE`: start or resume with nobody online and `continuous` not set."""

    default_code = "GROUPS_OFFLINE"


class InternalError(ServerError):
    """`INTERNAL`: the server failed; the outcome is not known for certain."""

    default_code = "INTERNAL"


class LicenseExpiredError(ServerError):
    """`LICENSE_EXPIRED`."""

    default_code = "LICENSE_EXPIRED"


class LicenseNotFoundError(ServerError):
    """`LICENSE_NOT_FOUND`: unknown organization."""

    default_code = "LICENSE_NOT_FOUND"


class LimitReachedError(ServerError):
    """`LIMIT_REACHED`: chats of a customer, session fields …"""

    default_code = "LIMIT_REACHED"


class ChatLimitReachedError(LimitReachedError):
    """`CHAT_LIMIT_REACHED`: older name for a second chat."""

    default_code = "CHAT_LIMIT_REACHED"


class CustomerSessionFieldsLimitReachedError(LimitReachedError):
    """`CUSTOMER_SESSION_FIELDS_LIMIT_REACHED`: older name for too many session fields."""

    default_code = "CUSTOMER_SESSION_FIELDS_LIMIT_REACHED"


class MisdirectedRequestError(ServerError):
    """`MISDIRECTED_REQUEST`: wrong region; `data["region"]` may name the right one."""

    default_code = "MISDIRECTED_REQUEST"


class NotAllowedError(ServerError):
    """`NOT_ALLOWED`: not possible in this situation."""

    default_code = "NOT_ALLOWED"


class NotFoundError(ServerError):
    """`NOT_FOUND`: no such chat, thread or event, or not this customer's."""

    default_code = "NOT_FOUND"


class ServerPendingRequestsLimitReachedError(PendingRequestsLimitReachedError, ServerError):
    """`PENDING_REQUESTS_LIMIT_REACHED`, said by the server: the request had no effect."""

    default_code = "PENDING_REQUESTS_LIMIT_REACHED"


class ServerRequestTimeoutError(RequestTimeoutError, ServerError):
    """`REQUEST_TIMEOUT`, said by the server: it needed more than 15 s."""

    default_code = "REQUEST_TIMEOUT"


class ServiceUnavailableError(ServerError):
    """`SERVICE_UNAVAILABLE`: new requests are refused for the moment."""

    default_code = "SERVICE_UNAVAILABLE"


class TooManyRequestsError(ServerError):
    """`TOO_MANY_REQUESTS`: a rate limit that lifts by itself."""

    default_code = "TOO_MANY_REQUESTS"


class UnsupportedVersionError(ServerError):
    """`UNSUPPORTED_VERSION`."""

    default_code = "UNSUPPORTED_VERSION"


class UsersLimitReachedError(ServerError):
    """`USERS_LIMIT_REACHED` (login): the license's limit of online customers."""

    default_code = "USERS_LIMIT_REACHED"


class ValidationError(ServerError):
    """`VALIDATION`, said by the server; `InvalidArgumentError` is the one of our own checks."""

    default_code = "VALIDATION"


class WrongProductVersionError(ServerError):
    """`WRONG_PRODUCT_VERSION`."""

    default_code = "WRONG_PRODUCT_VERSION"


_SERVER_ERRORS: Final[dict[str, type[ServerError]]] = {
    child.default_code: child
    for child in (
        AuthenticationError,
        AuthorizationError,
        ChatAlreadyActiveError,
        ChatAnonymizedError,
        ChatInactiveError,
        ChatLimitReachedError,
        CustomerBannedError,
        CustomerSessionFieldsLimitReachedError,
        EntityTooLargeError,
        GreetingNotFoundError,
        GroupNotFoundError,
        GroupOfflineError,
        GroupUnavailableError,
        GroupsOfflineError,
        InternalError,
        LicenseExpiredError,
        LicenseNotFoundError,
        LimitReachedError,
        MisdirectedRequestError,
        NotAllowedError,
        NotFoundError,
        ServerPendingRequestsLimitReachedError,
        ServerRequestTimeoutError,
        ServiceUnavailableError,
        TooManyRequestsError,
        UnsupportedVersionError,
        UsersLimitReachedError,
        ValidationError,
        WrongProductVersionError,
    )
}


class LogError(CustomerSDKError):
    """The log could not be opened, read or written. What was shown is safe in it."""

    default_code = "LOG"


class LogClosedError(LogError):
    """The log was closed."""

    default_code = "LOG_CLOSED"
    default_message = "The log is closed. Open it again with init()."


class LogLockedError(LogError):
    """Another program holds the database's write lock."""

    default_code = "LOG_LOCKED"


class LogFullError(LogError):
    """The disk is full."""

    default_code = "LOG_FULL"


class LogReadOnlyError(LogError):
    """The file or its folder can't be written."""

    default_code = "LOG_READ_ONLY"


class LogCorruptError(LogError):
    """The database is damaged."""

    default_code = "LOG_CORRUPT"


class LogNotADatabaseError(LogError):
    """The file is something else than an SQLite database of ours."""

    default_code = "LOG_NOT_A_DATABASE"


class LogNewerSchemaError(LogError):
    """The file was written by a newer version of this library."""

    default_code = "LOG_NEWER_SCHEMA"


class LogCompactedError(LogError):
    """The records asked for were compacted away."""

    default_code = "LOG_COMPACTED"


class StreamLockedError(LogError):
    """Another SDK, here or in another process, writes this stream."""

    default_code = "STREAM_LOCKED"


class StreamReplacedError(LogError):
    """Another SDK has taken over this stream (its epoch went up); this one must stop."""

    default_code = "STREAM_REPLACED"


class StreamNotFoundError(LogError):
    """The log holds no stream of this key."""

    default_code = "STREAM_NOT_FOUND"
