"""Where logs and credentials lie, and who may read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from livechat_customer.options import ENVIRONMENT_PREFIX, default_credentials

_COMPANIONS: Final = ("-wal", "-shm")
_OTHERS: Final = 0o077


class Permission(msgspec.Struct, frozen=True):
    """The mode of a file or folder that only its owner should reach."""

    path: str
    mode: str
    """Octal, such as `0600`."""
    wanted: str
    ok: bool


def chosen_log(environment: Mapping[str, str], given: Path | None) -> tuple[Path | None, str]:
    """The log that is asked for, and by what: `--log`, or its variable. (None, "") if neither."""
    if given is not None:
        return given, "--log"
    variable = f"{ENVIRONMENT_PREFIX}LOG"
    named = environment.get(variable, "").strip()
    return (Path(named).expanduser(), variable) if named else (None, "")


def credentials_file(environment: Mapping[str, str]) -> Path:
    """The file of the customers' identities, which need not exist."""
    named = environment.get(f"{ENVIRONMENT_PREFIX}CREDENTIALS", "").strip()
    return Path(named).expanduser() if named else default_credentials()


def logs_in(folder: Path) -> list[Path]:
    """The logs of a folder. OSError if it can't be read."""
    return sorted(folder.glob("*.db")) if folder.is_dir() else []


def permissions(folder: Path, credentials: Path, logs: list[Path]) -> list[Permission]:
    """Of the data folder (0700), the credentials, and each log with its companions (0600), where
    they exist."""
    found = [_permission(folder, 0o700)] if folder.is_dir() else []
    found += [_permission(credentials, 0o600)] if credentials.is_file() else []
    files = [Path(f"{log}{suffix}") for log in logs for suffix in ("", *_COMPANIONS)]
    found += [_permission(path, 0o600) for path in files if path.is_file()]
    return found


def _permission(path: Path, wanted: int) -> Permission:
    mode = stat.S_IMODE(path.stat().st_mode)
    # Windows has no such modes.
    ok = os.name != "posix" or not mode & _OTHERS
    return Permission(str(path), f"{mode:04o}", f"{wanted:04o}", ok)
