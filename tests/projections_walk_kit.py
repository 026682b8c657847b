"""A client that asks for what is missing, as `projections.solid` says, against the reference server.

It does what a resync does, one question at a time: the newest thread, then whatever `missing`
names. Connections may end anywhere in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hypothesis import strategies as st
from projections_kit import Frame, Step, Wire, folded
from projections_server_kit import CHAT, OPS, Json

from livechat_customer.projections.chats import ChatState
from livechat_customer.projections.digests import StateFold
from livechat_customer.projections.solid import missing, stale

MOST_QUESTIONS = 200
"""More than any story needs: a walk that asks more does not end."""

Choose = Callable[[ChatState, int, set[str]], Iterator[str]]


class Walker(Wire):
    """A client whose questions are answered one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str | None] = []
        """The threads asked for; None: the newest."""

    def fold(self) -> StateFold:
        return folded(self.log.records)

    def question(self, thread_id: str | None = None) -> None:
        """One `get_chat`, answered at once."""
        self.asked.append(thread_id)
        arguments = {"chat_id": CHAT} | ({"thread_id": thread_id} if thread_id else {})
        request = self.log.request("get_chat", **arguments)
        threads = [thread["id"] for thread in self.server.threads]
        if thread_id is not None and thread_id not in threads:
            error: Json = {"error": {"type": "not_found", "message": "Thread not found"}}
            self.log.answer(request, Frame.of_answer("get_chat", error, success=False))
        else:
            self.log.answer(request, self.server.get_chat(thread_id))

    def walk(self, most: int = MOST_QUESTIONS, choose: Choose | None = None) -> None:
        """A run of at most so many questions after the first."""
        choose = choose or (lambda state, since, doubtful: missing(state, since, doubtful=doubtful))
        since = len(self.log.records) + 1
        self.question()
        for _ in range(most):
            fold = self.fold()
            contents = fold.chats[CHAT].threads.values()
            doubtful = {content.thread_id for content in contents if content.doubtful}
            thread_id = next(choose(fold.root.chats[CHAT], since, doubtful), None)
            if thread_id is None:
                return
            self.question(thread_id)
        assert most < MOST_QUESTIONS, self.asked[-9:]

    def run(self, steps: Iterable[Step]) -> None:
        for name, which, what in steps:
            if name == "walk":
                self.walk(which)
            elif name == "remove_thread":
                self.server.remove_thread(which)
            else:
                super().run([(name, which, what)])


def deeply(state: ChatState, since: int, doubtful: set[str]) -> Iterator[str]:
    """All that is known is asked for, and what the answers lack once more."""
    yield from missing(state, since, doubtful=doubtful)
    yield from stale(state, since)


THREADS = ("deactivate", "resume", "resume", "customer_event", "agent_event", "attach")
TRAVEL = ("deliver", "drop", "drop", "walk")


def absences(*more: str) -> st.SearchStrategy[list[Step]]:
    """Stories of many threads, most of them while the client is away."""
    name = st.sampled_from((*THREADS, *more, *TRAVEL))
    step = st.tuples(name, st.integers(0, 3), st.integers(0, 7))
    return st.lists(step, min_size=10, max_size=60)


def everything() -> st.SearchStrategy[list[Step]]:
    return absences("remove_thread", *(op for op in OPS if op not in THREADS))


def walked(steps: Iterable[Step], choose: Choose | None = None) -> Walker:
    """A story with a chat to begin with; at its end the client is away once more, and asks."""
    wire = Walker()
    wire.do(("resume", 0, 0))
    wire.deliver(1)
    wire.run(steps)
    wire.drop(0)
    wire.connect()
    wire.walk(choose=choose)
    return wire
