"""`livechat-customer demo`, without its face: the parts in their order, and what must hold."""

from __future__ import annotations

from collections.abc import Iterator

import livechat_customer as lc
from livechat_customer.cli.demo_again import (
    Offline,
    Replayed,
    offline,
    replayed,
    server_is_gone,
    without_source,
)
from livechat_customer.cli.demo_live import live
from livechat_customer.cli.demo_lived import Lived, ids_of, pieces_of
from livechat_customer.cli.demo_steps import Act, Check, Show, Summary

EACH_WAY = 20
"""Messages that must go each way at least."""
KILLS = 2
"""Processes that must have been killed."""


async def run_demo(log: str, seed: int, show: Show, pace: float = 0.0) -> Summary:
    """Run all of it on a new log. Raises `CustomerSDKError` where no check could be made."""
    lived = await live(log, seed, show, pace)
    gone = await server_is_gone(lived)
    seen = await offline(log, lived, show)
    again = await replayed(log, lived, show)
    show(Act("Checks"))
    pieces = piece_checks(lived, seen, again)
    checks = (
        Check("the server is gone", gone, "nobody listens there"),
        *live_checks(lived),
        *pieces.values(),
        outbox_check(lived),
        offline_check(lived, seen),
        *replay_checks(lived, again),
    )
    for check in checks:
        show(check)
    return Summary(
        messages_sent=lived.sent,
        messages_received=lived.received,
        reconnects=lived.reconnects,
        records=again.records,
        **{name: check.ok for name, check in pieces.items()},
        queued_offline=len(lived.outbox.queued),
        kills=lived.outbox.kills,
        delivered_once=outbox_check(lived).ok,
        offline_equal=offline_check(lived, seen).ok,
        replay_equal=all(check.ok for check in replay_checks(lived, again)),
        log=log,
        checks=checks,
        facts=(
            ("history pages", str(lived.pages)),
            ("archived threads", str(lived.archived)),
            ("last commit", f"{lived.commit_us} µs"),
            ("root digest", lived.marks[-1].root[:16]),
            ("state digest", lived.state[:16]),
        ),
    )


def live_checks(lived: Lived) -> Iterator[Check]:
    """What must hold when the live client closes."""
    yield Check(
        f"at least {EACH_WAY} messages each way",
        lived.sent >= EACH_WAY and lived.received >= EACH_WAY,
        f"{lived.sent} sent, {lived.received} received",
    )
    yield Check(
        "the history has archived threads, and several pages",
        lived.archived >= 1 and lived.pages >= 2,
        f"{lived.archived} threads, {lived.pages} pages",
    )
    yield Check("connected again after the cut", lived.reconnects == 1, f"{lived.reconnects} time")
    own = [
        item.custom_id
        for item in lived.history
        if isinstance(item, lc.Message) and item.custom_id is not None
    ]
    yield Check(
        "each message sent is there once",
        len(own) == len(set(own)) == lived.sent,
        f"{len(set(own))} of {lived.sent}",
    )
    yield Check(
        "the history is the server's",
        ids_of(lived.history) == lived.on_server,
        f"{len(lived.history)} events, {len(lived.on_server)} on the server",
    )


def outbox_check(lived: Lived) -> Check:
    """What was queued with no network is delivered, though its process was killed twice."""
    outbox = lived.outbox
    shown = tuple(
        item.custom_id
        for item in lived.history
        if isinstance(item, lc.Message) and item.custom_id in outbox.queued
    )
    once = bool(outbox.queued) and outbox.queued == outbox.delivered == shown
    return Check(
        "queued offline, killed, restarted: each delivered once, in order",
        once and outbox.kills == KILLS and not outbox.left,
        f"{len(outbox.delivered)} of {len(outbox.queued)}, killed {outbox.kills} times",
    )


def piece_checks(lived: Lived, seen: Offline, again: Replayed) -> dict[str, Check]:
    """What the customer did besides talking: seen live, offline and in the replay. By the names
    of the summary."""
    places = {
        "live": pieces_of(lived.chat, lived.history, lived.own_id),
        "offline": pieces_of(seen.chat, seen.history, lived.own_id),
        "replayed": pieces_of(again.chat, again.history, lived.own_id),
    }

    def check(title: str, name: str, also: bool = True) -> Check:
        found = [place for place, pieces in places.items() if getattr(pieces, name)]
        return Check(title, also and len(found) == len(places), ", ".join(found) or "nowhere")

    told = told_to_the_end(lived.progress)
    return {
        "uploaded": check(
            f"a file sent, its progress told in {len(lived.progress)} steps", "uploaded", told
        ),
        "postback": check("the button pressed is on", "postback"),
        "rated": check("the chat is rated", "rated"),
        "transcript": check("the transcript is asked for", "transcript"),
    }


def told_to_the_end(progress: tuple[lc.UploadProgress, ...]) -> bool:
    """It came in steps, each further than the one before, up to the whole file."""
    steps = [step.fraction for step in progress]
    return len(steps) > 2 and steps == sorted(set(steps)) and steps[-1] == 1.0


def offline_check(lived: Lived, seen: Offline) -> Check:
    """The log alone shows the chat that the live client showed."""
    same = (
        seen.status != "connected"
        and seen.history == lived.history
        and without_source(seen.chat) == without_source(lived.chat)
    )
    return Check("offline, the same chat", same, f"{len(seen.history)} events")


def replay_checks(lived: Lived, again: Replayed) -> Iterator[Check]:
    """Replaying gives the live client's state, at every place where a digest was taken."""
    agreed = sum(mark.root == root for mark, root in zip(lived.marks, again.roots, strict=False))
    yield Check(
        "replayed, the same root digests",
        agreed == len(lived.marks) == len(again.roots),
        f"{agreed} of {len(lived.marks)}",
    )
    yield Check("replayed, the same state digest", again.state == lived.state, again.state[:16])
    yield Check(
        "replayed, the same history", again.history == lived.history, f"{len(again.history)} events"
    )
