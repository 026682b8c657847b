"""`livechat-customer doctor`: what it finds, and that it changes nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_kit import one_object, run

from livechat_customer.cli import doctor_face, exits, versions
from livechat_customer.records import PUSH, StreamKey
from livechat_customer.store import open_log

SECRET = "0c8ff4d1-7ab1-4c5c-9ee5-1bd1d7a3b5b8"


def make_log(path: Path, records: int = 5) -> Path:
    """A log of two streams with `records` each, closed."""

    async def fill() -> None:
        log = open_log(path)
        await log.open()
        for profile in ("default", "other"):
            stream = await log.stream(StreamKey(SECRET, "client", profile=profile))
            for _ in range(records):
                await stream.append(PUSH, "incoming_event", b"{}")
        await log.aclose()

    asyncio.run(fill())
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


Doctor = Callable[..., dict[str, Any]]


@pytest.fixture
def doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Doctor:
    """Runs the doctor at home in `tmp_path`; its report."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)

    def examined(
        log: Path | None = None, status: int = 0, env: dict[str, str] | None = None
    ) -> dict[str, Any]:
        assert doctor_face.run(env or {}, log, as_json=True) == status
        said = capsys.readouterr()
        assert said.err == ""
        assert SECRET not in said.out
        report = one_object(said.out)
        assert report["ok"] is (status == 0)
        assert bool(report["problems"]) is (status != 0)
        return report

    return examined


def test_on_a_fresh_machine_all_is_well(tmp_path: Path, doctor: Doctor) -> None:
    report = doctor()
    versions = report["versions"]
    assert versions["sqlite"] == sqlite3.sqlite_version
    found = {one["name"]: one for one in versions["dependencies"]}
    assert {"websockets", "msgspec", "reactivex", "sqlalchemy", "aiosqlite"} <= set(found)
    assert found["typer"]["extra"] == "cli"
    assert all(found[name]["version"] for name in ("websockets", "typer", "uvicorn"))
    assert report["paths"]["data_folder_exists"] is False
    assert (report["logs"], report["permissions"], report["options"]) == ([], [], [])
    assert contents(tmp_path) == {}


def test_where_the_identity_is_kept_and_who_can_reach_it(tmp_path: Path, doctor: Doctor) -> None:
    paths = doctor()["paths"]
    kept = tmp_path / ".local" / "share" / "livechat-customer" / "credentials.json"
    assert (paths["credentials"], paths["credentials_exist"]) == (str(kept), False)
    kept.parent.mkdir(parents=True, mode=0o700)
    kept.write_text(SECRET)
    kept.chmod(0o600)
    report = doctor()
    assert report["paths"]["credentials_exist"] is True
    assert [(mode["path"], mode["mode"]) for mode in report["permissions"]] == [
        (str(kept.parent), "0700"),
        (str(kept), "0600"),
    ]
    other = tmp_path / "other.json"
    other.write_text(SECRET)
    other.chmod(0o640)
    env = {"LIVECHAT_CUSTOMER_CREDENTIALS": str(other)}
    report = doctor(env=env, status=exits.FAILED)
    assert report["paths"]["credentials"] == str(other)
    assert report["problems"] == [f"{other}: others can reach it (0640). Run: chmod 0600 on it."]
    assert other.stat().st_mode & 0o777 == 0o640, "the doctor changes nothing"


def test_a_good_log(tmp_path: Path, doctor: Doctor) -> None:
    log = make_log(tmp_path / "good.db")
    before = contents(tmp_path)
    (found,) = doctor(log)["logs"]
    assert found["records"] == 10
    assert found["schema"] == "0001"
    assert found["problem"] is None
    assert [stream["profile"] for stream in found["streams"]] == ["default", "other"]
    assert all(stream["whole"] and stream["records"] == 5 for stream in found["streams"])
    assert contents(tmp_path) == before


def test_a_log_in_use(tmp_path: Path, doctor: Doctor) -> None:
    async def look() -> dict[str, Any]:
        log = open_log(tmp_path / "used.db")
        await log.open()
        stream = await log.stream(StreamKey("organization", "client"))
        await stream.append(PUSH, "incoming_event", b"{}")
        try:
            return await asyncio.to_thread(doctor, Path("used.db"))
        finally:
            await log.aclose()

    assert asyncio.run(look())["logs"][0]["records"] == 1


def test_a_log_that_is_missing_is_not_made(tmp_path: Path, doctor: Doctor) -> None:
    report = doctor(Path("none.db"), status=exits.FAILED)
    assert "none.db" in report["problems"][0]
    assert contents(tmp_path) == {}


def test_a_damaged_log_is_left_as_it_is(tmp_path: Path, doctor: Doctor) -> None:
    log = make_log(tmp_path / "bad.db", records=200)
    held = bytearray(log.read_bytes())
    middle = len(held) // 2
    held[middle : middle + 8192] = b"\xa5" * 8192
    log.write_bytes(held)
    before = contents(tmp_path)
    report = doctor(Path("bad.db"), status=exits.FAILED)
    assert "damaged" in report["problems"][0]
    assert contents(tmp_path) == before


def test_what_is_no_log_is_said_to_be_none(tmp_path: Path, doctor: Doctor) -> None:
    (tmp_path / "notes.db").write_text("Dear diary, this is no database at all.\n" * 50)
    report = doctor(Path("notes.db"), status=exits.FAILED)
    assert "notes.db" in report["problems"][0]
    assert report["logs"][0]["schema"] is None


def test_a_missing_record_is_found(tmp_path: Path, doctor: Doctor) -> None:
    log = make_log(tmp_path / "torn.db")
    connection = sqlite3.connect(log)
    connection.execute("DELETE FROM records WHERE stream = 2 AND seq = 3")
    connection.commit()
    connection.close()
    report = doctor(Path("torn.db"), status=exits.FAILED)
    assert [stream["whole"] for stream in report["logs"][0]["streams"]] == [True, False]
    assert "stream 2 lacks records" in report["problems"][0]


def test_others_must_not_reach_the_log_or_its_folder(tmp_path: Path, doctor: Doctor) -> None:
    folder = tmp_path / ".local" / "share" / "livechat-customer"
    log = make_log(folder / f"{SECRET[:8]}.db")
    report = doctor()
    assert [mode["mode"] for mode in report["permissions"]] == ["0700", "0600"]
    log.chmod(0o640)
    folder.chmod(0o755)
    report = doctor(status=exits.FAILED)
    assert [mode["ok"] for mode in report["permissions"]] == [False, False]
    assert [problem.split(": ")[0] for problem in report["problems"]] == [str(folder), str(log)]
    assert "chmod 0600" in report["problems"][1]


def test_every_log_of_the_data_folder_is_looked_at(tmp_path: Path, doctor: Doctor) -> None:
    folder = tmp_path / ".local" / "share" / "livechat-customer"
    for name in ("a.db", "b.db"):
        make_log(folder / name)
    report = doctor()
    assert [Path(log["path"]).name for log in report["logs"]] == ["a.db", "b.db"]


def test_options_are_named_and_their_values_kept_back(tmp_path: Path, doctor: Doctor) -> None:
    env = {"LIVECHAT_CUSTOMER_CLIENT_ID": SECRET, "LIVECHAT_CUSTOMER_ORGANIZATION_ID": SECRET}
    assert doctor(env=env)["options"] == sorted(env)


def test_an_option_that_does_not_fit_is_a_problem(tmp_path: Path, doctor: Doctor) -> None:
    env = {"LIVECHAT_CUSTOMER_GROUP_ID": SECRET}
    report = doctor(env=env, status=exits.FAILED)
    assert "LIVECHAT_CUSTOMER_GROUP_ID" in report["problems"][0]


def test_the_flag_goes_before_the_environment_and_that_before_the_folder(
    tmp_path: Path, doctor: Doctor
) -> None:
    make_log(tmp_path / ".local" / "share" / "livechat-customer" / "folder.db")
    flag = make_log(tmp_path / "flag.db", records=1)
    named = make_log(tmp_path / "named.db", records=2)
    env = {"LIVECHAT_CUSTOMER_LOG": str(named)}
    by_flag = doctor(flag, env=env)
    assert [log["records"] for log in by_flag["logs"]] == [2]
    assert (by_flag["paths"]["log"], by_flag["paths"]["log_from"]) == (str(flag), "--log")
    by_variable = doctor(env=env)
    assert [log["records"] for log in by_variable["logs"]] == [4]
    assert by_variable["paths"]["log_from"] == "LIVECHAT_CUSTOMER_LOG"


def test_a_log_that_the_environment_names_may_come_later(tmp_path: Path, doctor: Doctor) -> None:
    report = doctor(env={"LIVECHAT_CUSTOMER_LOG": str(tmp_path / "later.db")})
    assert report["logs"] == []


def test_for_people_it_is_lines(tmp_path: Path) -> None:
    make_log(tmp_path / "good.db")
    said = run("doctor", "--log", "good.db", home=tmp_path).stdout
    for shown in ("sqlite ", sqlite3.sqlite_version, "10 records in 2 streams", "all is well"):
        assert shown in said
    said = run("doctor", "--log", "none.db", home=tmp_path, status=exits.FAILED).stdout
    assert "problem: The log " in said
    assert "all is well" not in said


def test_a_package_that_everybody_needs_is_missed(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def installed(name: str) -> str | None:
        return None if name in ("reactivex", "starlette") else "1"

    monkeypatch.setattr(versions, "installed", installed)
    assert doctor(status=exits.FAILED)["problems"] == [
        "reactivex is not installed. Run: pip install livechat-customer"
    ]


def test_the_process_takes_its_environment_and_its_flags(tmp_path: Path) -> None:
    make_log(tmp_path / "flag.db")
    env = {"LIVECHAT_CUSTOMER_LOG": str(tmp_path / "none" / "x.db")}
    said = run("doctor", "--json", "--log", "flag.db", home=tmp_path, env=env)
    report = one_object(said.stdout)
    assert (said.stderr, report["paths"]["log"]) == ("", "flag.db")
    assert report["options"] == ["LIVECHAT_CUSTOMER_LOG"]
    run("doctor", "--json", "--log", "none.db", home=tmp_path, status=exits.FAILED)
