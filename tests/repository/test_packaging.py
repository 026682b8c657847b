"""What is in the repository is what is installed."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("store", "transport", "projections", "migrations")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def packages_on_disk() -> set[str]:
    """Every folder with Python code in it, by the name it installs under."""
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "livechat_customer").rglob("__init__.py")
        if not any((ROOT / "livechat_customer" / room) in path.parents for room in ROOMS)
    }
    for room in ROOMS:
        found |= {
            "livechat_customer." + ".".join(path.parent.relative_to(ROOT).parts)
            for path in (ROOT / room).rglob("__init__.py")
        }
    return found


def test_every_code_folder_is_declared() -> None:
    declared = set(PYPROJECT["tool"]["setuptools"]["packages"])
    assert declared == packages_on_disk()


def test_no_module_stands_outside_a_package() -> None:
    for folder in (ROOT / "livechat_customer", *(ROOT / room for room in ROOMS)):
        for module in folder.rglob("*.py"):
            assert (module.parent / "__init__.py").exists(), module


@pytest.mark.parametrize("room", ROOMS)
def test_the_rooms_links_lead_to_the_rooms(room: str) -> None:
    link = ROOT / "livechat_customer" / room
    assert link.is_symlink()
    assert link.resolve() == ROOT / room


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_no_module_of_its_own(room: str, tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", f"import {room}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"No module named '{room}'" in found.stderr


def test_every_test_module_has_a_name_of_its_own() -> None:
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert len(names) == len(set(names))


def test_the_changelog_names_the_version() -> None:
    assert f"## {PYPROJECT['project']['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_no_vendor_sample_is_committed() -> None:
    vendor = ROOT.parent / "shared" / "samples"
    theirs = {path.read_bytes() for path in vendor.rglob("*.json")}
    listed = subprocess.run(
        ["git", "ls-files", "*.json"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not [name for name in listed.stdout.split() if (ROOT / name).read_bytes() in theirs]
