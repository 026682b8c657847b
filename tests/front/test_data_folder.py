"""Without `log` the file lies in the user's data folder, whatever the organization is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from livechat_customer.errors import ConfigError
from livechat_customer.options import Options


@pytest.mark.parametrize("name", ["../../evil", "a/b", "/etc/x", "..", "a\0b"])
def test_an_organization_id_never_leaves_the_data_folder(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is refused by its name, or made a file name of."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    where: set[Path] = set()
    try:
        location = str(Options.checked(organization_id=name, client_id="c").log_location())
        assert "\0" not in location
        where.add(Path(location).resolve().parent)
    except ConfigError as error:
        refused = error.option
        where.add(tmp_path / "livechat-customer" if refused == "organization_id" else tmp_path)
    assert where == {tmp_path / "livechat-customer"}
