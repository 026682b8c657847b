"""Options: each wrong one is refused with its name, before anything is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from livechat_customer.errors import ConfigError
from livechat_customer.options import Options, Timeouts, from_environment

IDS: dict[str, Any] = {"organization_id": "org", "client_id": "client"}


def test_the_two_ids_are_enough() -> None:
    options = Options.checked(**IDS)
    assert options.api_version == "3.5"
    assert options.auto_connect
    assert options.stream_key.profile == "default"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("organization_id", ""),
        ("organization_id", 7),
        ("client_id", None),
        ("auto_connect", "yes"),
        ("group_id", -1),
        ("group_id", True),
        ("group_id", "0"),
        ("unique_groups", 1),
        ("region", "eu"),
        ("redirect_uri", ""),
        ("customer_data_provider", {"name": "Ann"}),
        ("identity_provider", object()),
        ("page", {"url": "https://a.example", "colour": "red"}),
        ("page", {"url": 1}),
        ("referrer", 5),
        ("mobile", None),
        ("profile", ""),
        ("log", ""),
        ("synchronous", "OFF"),
        ("api_version", "3.4"),
        ("api_url", "http://api.example"),
        ("api_url", "ws://127.0.0.1:1"),
        ("api_url", "nonsense"),
        ("accounts_url", 3),
        ("pushes", {"3.5": [1]}),
        ("pushes", ["incoming_chat"]),
        ("timeouts", 3),
        ("timeouts", Timeouts(request=0)),
        ("proxy", ""),
        ("clock", 3),
        ("ids", 3),
        ("random", 0.5),
    ],
)
def test_a_wrong_option_is_named(option: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        Options.checked(**{**IDS, option: value})
    assert caught.value.option == option
    assert str(caught.value).startswith(option)
    assert isinstance(caught.value, ValueError)


def test_an_unknown_option_is_named() -> None:
    with pytest.raises(ConfigError, match="organisation_id is no option"):
        Options.checked(**IDS, organisation_id="x")


def test_options_that_need_each_other() -> None:
    with pytest.raises(ConfigError, match="group_id"):
        Options.checked(**IDS, unique_groups=True)
    with pytest.raises(ConfigError, match="profile"):
        Options.checked(**IDS, identity_provider=lambda: None)


def test_the_stream_is_found_by_group_only_with_unique_groups() -> None:
    assert Options.checked(**IDS, group_id=3).stream_key.group_id is None
    assert Options.checked(**IDS, group_id=3, unique_groups=True).stream_key.group_id == 3


def test_without_log_the_file_lies_in_the_users_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    location = Options.checked(**IDS).log_location()
    assert location == str(tmp_path / "livechat-customer" / "org.db")
    assert Options.checked(**IDS, log=tmp_path / "a.db").log_location() == str(tmp_path / "a.db")


def test_the_environment_gives_options() -> None:
    found = from_environment(
        {
            "LIVECHAT_CUSTOMER_ORGANIZATION_ID": "org",
            "LIVECHAT_CUSTOMER_CLIENT_ID": " client ",
            "LIVECHAT_CUSTOMER_GROUP_ID": "3",
            "LIVECHAT_CUSTOMER_UNIQUE_GROUPS": "true",
            "LIVECHAT_CUSTOMER_REGION": "",
            "UNRELATED": "x",
        }
    )
    assert found == {
        "organization_id": "org",
        "client_id": "client",
        "group_id": 3,
        "unique_groups": True,
    }
    assert Options.checked(**found).stream_key.group_id == 3


@pytest.mark.parametrize("name", ["GROUP_ID", "UNIQUE_GROUPS"])
def test_a_wrong_variable_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=f"LIVECHAT_CUSTOMER_{name} must be"):
        from_environment({f"LIVECHAT_CUSTOMER_{name}": "several"})
