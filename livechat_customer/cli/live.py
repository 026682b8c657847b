"""`livechat-customer doctor --live`: which assumptions about the server hold for an account."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from livechat_customer.cli import exits
from livechat_customer.cli.exits import CommandError
from livechat_customer.cli.live_report import BROKEN, HOLDS, NOT_PROBED, Live, Probe
from livechat_customer.cli.live_story import Story, Waits
from livechat_customer.cli.live_timeline import LATE, LOGIN, Timeline
from livechat_customer.cli.live_verdicts import JUDGES
from livechat_customer.errors import CustomerSDKError
from livechat_customer.sandbox import ASSUMPTIONS


async def probe(options: Mapping[str, Any], waits: Waits | None = None) -> Live:
    """Hold the conversation and judge it. `options` are those of `init()`. ConfigError if they
    don't fit."""
    story = Story(options, waits or Waits())
    ended = ""
    try:
        await story.tell()
    except CustomerSDKError as error:
        ended = error.message
    return Live(story.chat_id, ended, tuple(judged(story.timeline)))


def judged(seen: Timeline) -> list[Probe]:
    """A verdict on each assumption of the register."""
    return [_judged(seen, name) for name in ASSUMPTIONS]


def _judged(seen: Timeline, name: str) -> Probe:
    contradiction = JUDGES[name](seen)
    if contradiction is not None:
        return Probe(name, BROKEN, contradiction)
    purposes = {one.purpose for one in seen.sent()}
    if not purposes - {LATE}:
        return Probe(name, NOT_PROBED, "no message could be sent")
    if name in _NEEDS and not _NEEDS[name](seen):
        return Probe(name, NOT_PROBED, "the conversation did not come to it")
    return Probe(name, HOLDS, "")


def _succeeded(action: str) -> Callable[[Timeline], bool]:
    return lambda seen: any(answer.ok for _, _, answer in seen.answers(action))


_NEEDS: Final[dict[str, Callable[[Timeline], bool]]] = {
    "chain_right": lambda seen: len(seen.threads()) > 1,
    "closed_stays_closed": _succeeded("deactivate_chat"),
    "last_page_known": _succeeded("list_threads"),
    "not_found_is_gone": lambda seen: any(
        "thread_id" in asked.payload for _, asked, _ in seen.answers("get_chat")
    ),
    "one_chat": lambda seen: len(list(seen.answers("start_chat"))) > 1,
    "subscribed_at_login": lambda seen: any(one.ok and one.purpose == LOGIN for one in seen.sent()),
    "summaries_right": _succeeded("list_chats"),
}
"""What must have been seen for silence to mean that an assumption holds."""


def run(options: Mapping[str, Any]) -> Live:
    """`probe()`, from outside of a loop."""
    return asyncio.run(probe(options))


def consent(options: Mapping[str, Any], given: bool, ask: Callable[[str], bool]) -> None:
    """Make sure that a chat may be made. CommandError if not."""
    if given:
        return
    host = urlsplit(options.get("api_url") or "https://api.livechatinc.com").netloc
    warning = (
        f"This starts a chat with messages at {host}, organization "
        f"{options.get('organization_id', '(none)')}, which its agents will see. It takes about a "
        "minute and a half. Go on?"
    )
    if not sys.stdin.isatty():
        raise CommandError("--live writes a chat: add --yes to agree to that.", exits.USAGE)
    if not ask(warning):
        raise CommandError("nothing was probed", exits.FAILED)
