"""What the package ships beside its code is found where it is installed, from the wheel, too."""

from __future__ import annotations

import importlib.metadata
import importlib.resources

import livechat_customer


def test_checkers_are_told_that_it_is_typed() -> None:
    assert importlib.resources.files(livechat_customer).joinpath("py.typed").is_file()


def test_the_migrations_are_there() -> None:
    folder = importlib.resources.files("livechat_customer.migrations")
    assert folder.joinpath("env.py").is_file()
    assert folder.joinpath("script.py.mako").is_file()
    versions = {path.name for path in folder.joinpath("versions").iterdir()}
    assert any(name.startswith("v0001_") for name in versions)


def test_it_is_one_distribution_with_one_command() -> None:
    found = importlib.metadata.distribution("livechat-customer")
    (command,) = [entry for entry in found.entry_points if entry.group == "console_scripts"]
    assert (command.name, command.value) == ("livechat-customer", "livechat_customer.cli:main")
    assert set(found.metadata.get_all("Provides-Extra") or []) >= {"sandbox", "cli"}
    needed = {
        line.split(">")[0].split("[")[0] for line in found.requires or [] if "extra" not in line
    }
    assert needed == {
        *("aiosqlite", "alembic", "filelock", "httpx", "msgspec"),
        *("platformdirs", "reactivex", "sqlalchemy", "websockets"),
    }
