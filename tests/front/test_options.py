"""Options: each wrong one is refused with its name, before anything is opened."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any

import pytest

from livechat_customer.errors import ConfigError
from livechat_customer.options import Options, Timeouts, from_environment
from livechat_customer.store import open_log
from livechat_customer.transport.credential_file import CredentialFile
from livechat_customer.transport.credentials import Credentials, MemoryCredentials


def unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


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
        ("log", 5),
        ("synchronous", "OFF"),
        ("api_version", "3.4"),
        ("api_url", "http://api.example"),
        ("api_url", "ws://127.0.0.1:1"),
        ("api_url", "nonsense"),
        ("api_url", "https://[api"),
        ("accounts_url", 3),
        ("pushes", {"3.5": [1]}),
        ("pushes", ["incoming_chat"]),
        ("credentials", ""),
        ("credentials", object()),
        ("agent_token", ""),
        ("agent_token", "two\nlines"),
        ("agent_token", 5),
        ("customer_id", ""),
        ("identity_token", " "),
        ("identity_token", 5),
        ("code_verifier", "short"),
        ("code_verifier", "ä" * 43),
        ("tls", True),
        ("tls", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)),
        ("tls", unverified()),
        ("timeouts", 3),
        ("timeouts", Timeouts(request=0)),
        ("timeouts", Timeouts(request="5")),  # type: ignore[arg-type]
        ("timeouts", Timeouts(login=True)),
        ("timeouts", Timeouts(close=float("inf"))),
        ("proxy", ""),
        ("proxy", "proxy.example:8080"),
        ("proxy", "socks5://proxy.example"),
        ("proxy", "http://[proxy"),
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
    for name in ("identity_provider", "agent_token"):
        with pytest.raises(ConfigError, match=f"profile must be given with {name}"):
            Options.checked(**IDS, **{name: lambda: None})
    with pytest.raises(ConfigError, match="customer_id is of use with agent_token only"):
        Options.checked(**IDS, customer_id="id")
    with pytest.raises(ConfigError, match="code_verifier is of use with identity_token only"):
        Options.checked(**IDS, code_verifier="v" * 43)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("identity_provider", "agent_token"),
        ("identity_provider", "identity_token"),
        ("agent_token", "identity_token"),
    ],
)
def test_only_one_option_says_who_the_customer_is(one: str, other: str) -> None:
    ways: dict[str, object] = {
        "identity_provider": lambda: None,
        "agent_token": "dal:agent",
        "identity_token": "dal:code",
    }
    with pytest.raises(ConfigError, match=f"{other} can't be given with {one}") as caught:
        Options.checked(**IDS, profile="ann", **{one: ways[one], other: ways[other]})
    assert caught.value.option == other


def test_the_repr_shows_no_secret() -> None:
    secrets = {"identity_token": "dal:code", "code_verifier": "v" * 43, "proxy": "http://u:pw@p"}
    text = repr(Options.checked(**IDS, **secrets))
    assert "org" in text
    assert [secret for secret in secrets.values() if secret in text] == []
    assert "dal:agent" not in repr(Options.checked(**IDS, profile="a", agent_token="dal:agent"))


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


async def test_where_the_identity_is_kept(tmp_path: Path) -> None:
    folder = Path(os.environ["XDG_DATA_HOME"]) / "livechat-customer"

    def store(**given: Any) -> object:
        return Options.checked(**IDS, **given).credential_store()

    def file(**given: Any) -> Path:
        found = store(**given)
        assert isinstance(found, CredentialFile)
        return found.path

    assert file() == folder / "credentials.json"
    assert file(log=tmp_path / "a.db") == folder / "credentials.json"
    assert file(log=open_log(tmp_path / "a.db")) == folder / "credentials.json"
    assert file(log=":memory:", credentials="c.json") == Path("c.json")
    assert file(credentials=tmp_path / "c.json") == tmp_path / "c.json"
    assert isinstance(store(log=":memory:"), MemoryCredentials)
    assert isinstance(store(log=open_log(":memory:")), MemoryCredentials)
    own = MemoryCredentials()
    assert store(credentials=own) is own


async def test_what_different_servers_gave_out_is_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    servers = [{}, {"accounts_url": "http://127.0.0.1:1"}, {"accounts_url": "http://127.0.0.1:2"}]
    stores = [
        Options.checked(**IDS, credentials=path, **server).credential_store() for server in servers
    ]
    key = Options.checked(**IDS).stream_key
    for number, store in enumerate(stores):
        await store.save(key, Credentials(cid=str(number)))
    assert [await store.load(key) for store in stores] == [
        Credentials(cid="0"),
        Credentials(cid="1"),
        Credentials(cid="2"),
    ]


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
