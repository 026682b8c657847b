"""The error tree: what a caller can tell apart, and what a message is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer import errors
from livechat_customer.errors import CustomerSDKError, ServerError

DOCUMENTED = """
    authentication authorization chat_anonymized chat_inactive customer_banned entity_too_large
    greeting_not_found group_not_found group_offline group_unavailable groups_offline internal
    license_expired license_not_found limit_reached misdirected_request not_allowed not_found
    pending_requests_limit_reached request_timeout service_unavailable too_many_requests
    unsupported_version users_limit_reached validation wrong_product_version
"""
"""The error catalogue of the Customer Chat API 3.5."""

OF_THE_SDK = "chat_already_active chat_limit_reached customer_session_fields_limit_reached"
"""Types that the JavaScript SDK knows beside them."""

TYPES = [*DOCUMENTED.split(), *OF_THE_SDK.split()]


def below(kind: type[CustomerSDKError]) -> Iterator[type[CustomerSDKError]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


OURS = sorted(set(below(CustomerSDKError)), key=lambda kind: kind.__name__)
PLAIN = [kind for kind in OURS if "__init__" not in vars(kind)]


@pytest.mark.parametrize("error_type", TYPES)
def test_each_type_of_the_server_has_a_class_of_its_own(error_type: str) -> None:
    error = ServerError.of(error_type, "No.", {"region": "fra"})
    others = {type(ServerError.of(other)) for other in TYPES if other != error_type}
    assert isinstance(error, ServerError)
    assert type(error) is not ServerError
    assert type(error) not in others
    assert (error.code, error.message, error.data) == (error_type.upper(), "No.", {"region": "fra"})


def test_a_type_nobody_knows_is_a_server_error_with_its_code() -> None:
    error = ServerError.of("brand_new", "Never heard of")
    assert type(error) is ServerError
    assert error.code == "BRAND_NEW"


def test_older_names_are_caught_by_the_name_the_api_sends() -> None:
    for error_type in ("chat_limit_reached", "customer_session_fields_limit_reached"):
        assert isinstance(ServerError.of(error_type), errors.LimitReachedError)


ROOTS = [errors.NotSentError, errors.OutcomeUnknownError]

MEANT: list[tuple[type[CustomerSDKError], type[CustomerSDKError] | None]] = [
    (errors.NoConnectionError, errors.NotSentError),
    (errors.InvalidArgumentError, errors.NotSentError),
    (errors.SDKDestroyedError, errors.NotSentError),
    (errors.TooBigFileError, errors.NotSentError),
    (errors.MissingChatThreadError, errors.NotSentError),
    (errors.PendingRequestsLimitReachedError, errors.NotSentError),
    (errors.ConnectionLostError, errors.OutcomeUnknownError),
    (errors.RequestTimeoutError, errors.OutcomeUnknownError),
    (errors.ServerRequestTimeoutError, errors.OutcomeUnknownError),
    (errors.ValidationError, None),
    (errors.LogError, None),
    (errors.AuthError, None),
    (errors.LoginError, None),
]


@pytest.mark.parametrize(("kind", "root"), MEANT, ids=lambda kind: getattr(kind, "__name__", "-"))
def test_not_sent_and_outcome_unknown_are_told_apart(
    kind: type[CustomerSDKError], root: type[CustomerSDKError] | None
) -> None:
    assert [one for one in ROOTS if issubclass(kind, one)] == ([] if root is None else [root])


def test_nothing_is_both_not_sent_and_of_unknown_outcome() -> None:
    assert not [kind for kind in OURS if all(issubclass(kind, root) for root in ROOTS)]


def test_mistakes_of_the_caller_are_value_errors() -> None:
    assert issubclass(errors.ConfigError, ValueError)
    assert issubclass(errors.InvalidArgumentError, ValueError)


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.__name__)
def test_what_it_says_by_itself_is_one_line_that_ends_with_what_to_do(
    kind: type[CustomerSDKError],
) -> None:
    error = kind()
    assert error.message == str(error)
    assert error.code == error.code.upper() != ""
    assert len(error.message) <= 200
    assert error.message.splitlines() == [error.message]
    assert error.message.endswith(".")
    assert (kind.__doc__ or "").strip()


@given(st.text(max_size=400))
def test_whatever_a_server_says_is_one_short_line(said: str) -> None:
    message = ServerError.of("internal", said).message
    assert len(message) <= 200
    assert len(message.splitlines()) <= 1
