"""The command `livechat-customer`. `main()` is its entry point.

Typer, Rich and the sandbox's server come with the extra `cli`. This module imports none of them,
so that without the extra there is a sentence instead of a traceback.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

_NEEDED: Final = ("typer", "rich", "starlette", "uvicorn", "python_multipart")

_EXTRA_MISSING: Final = 2
"""`exits.USAGE`, which stands behind imports that may not be possible."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code. `arguments` are the process's by default."""
    missing = next((name for name in _NEEDED if not _installed(name)), None)
    if missing is not None:
        sys.stderr.write(
            f"livechat-customer: {missing} is not installed. "
            "Run: pip install 'livechat-customer[cli]'\n"
        )
        return _EXTRA_MISSING
    from livechat_customer.cli.app import run

    return run(arguments)


def _installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
