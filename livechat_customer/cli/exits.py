"""What the command's exit codes mean. Documented in `--help` and in `docs/command.md`."""

from __future__ import annotations

from typing import Final

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
LOG: Final = 3
INTERRUPTED: Final = 130

MEANINGS: Final = {
    OK: "all is well; a sandbox was told to end",
    FAILED: "a check failed, or the work could not be done",
    USAGE: "wrong usage, a wrong option, or the extra `cli` is not installed",
    LOG: "the log failed: it is missing, locked, damaged …",
    INTERRUPTED: "ended by Ctrl-C",
}


class CommandError(Exception):
    """Ends the command with one line on stderr. `code` is the exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code
