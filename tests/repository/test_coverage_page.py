"""`docs/coverage.md` is what the tests' marks say, and no row of it is empty."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_true_and_has_no_empty_row() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "coverage_page.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
