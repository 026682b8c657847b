"""Writes `docs/assumptions.md` from the sandbox's register `ASSUMPTIONS`.

    python tools/assumptions_page.py

`tests/repository/test_assumptions_page.py` fails when the page is not what this writes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from livechat_customer.sandbox import ASSUMPTIONS

TARGET: Final = Path(__file__).resolve().parents[1] / "docs" / "assumptions.md"

HEAD: Final = """\
# What the library assumes about the server

LiveChat's pushes carry no number and are not retried; there is no resume and no sync. Whether a client has seen everything
can only be worked out from what the server does give, and that takes sentences which the API does not promise. They stand
here, each with what happens when it does not hold. Everything else that the views say, they have read.

A thousand green runs against our own sandbox prove our picture of the server, not LiveChat. So each sentence can be broken
in the sandbox, a test says what the library then does, and `livechat-customer doctor --live` looks whether a real account
keeps to it.

## Broken on purpose

A fault of kind `assumption` breaks one of them, `count` times. It waits for a request or push it can break; `action` narrows
that down. Over HTTP: `POST /_sandbox/faults` with `{"kind": "assumption", "assumption": "pushes_in_order"}`.

```python
import livechat_customer as lc
from livechat_customer.sandbox import Sandbox

async with Sandbox() as sandbox, lc.init(**sandbox.options(), log=":memory:") as sdk:
    await sdk.connect()
    chat = await sdk.start_chat(continuous=True)
    sandbox.fault("assumption", assumption="custom_id_echoed")
    event = await sdk.send_event(chat_id=chat.id, event=lc.Message(text="Hi!", custom_id="mine"))
    assert event.custom_id is None
```

## Looked for in a real account

`livechat-customer doctor --live` holds a conversation as a new customer of the account that the variables
[`LIVECHAT_CUSTOMER_*`](command.md#options-from-the-environment) name: two devices, three threads, a dozen messages, no agent.
It asks before it starts, since agents will see the chat (`--yes` agrees beforehand), and takes about a minute and a half.
Each assumption gets a verdict: `holds` (nothing seen contradicts it, which is no proof), `broken` with what was seen, or
`not probed`. With `--json` they stand under `live.probes`. It exits 1 if one is broken.

## The register

| name | what is assumed | where it comes from |
| --- | --- | --- |
"""

THEN: Final = """
| name | what the switch does | what the library then does |
| --- | --- | --- |
"""


TESTS: Final = """
What the last column says is shown by the tests of `tests/front/test_assumptions.py`, named after the assumption; that each
switch does what it says by `tests/sandbox/test_sandbox_assumptions.py`; and that the doctor notices by
`tests/cli/test_cli_doctor_live.py`.
"""


def page() -> str:
    """The page's text."""
    known = ASSUMPTIONS.values()
    first = "".join(_row(one.name, one.holds, one.source) for one in known)
    then = "".join(_row(one.name, one.broken, one.then) for one in known)
    return HEAD + first + THEN + then + TESTS


def _row(name: str, *cells: str) -> str:
    return f"| `{name}` | {' | '.join(cell[0].upper() + cell[1:] for cell in cells)} |\n"


if __name__ == "__main__":
    TARGET.write_text(page())
