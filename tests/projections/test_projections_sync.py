"""Where the fetching after logins stands, by the records of its beginnings and ends."""

from __future__ import annotations

from itertools import permutations

import msgspec
from projections_kit import Log, folded, payload

from livechat_customer.models.sync import OpenEnd, ResyncReport
from livechat_customer.projections.root import RootFold
from livechat_customer.projections.values import SyncState


class Story:
    def __init__(self) -> None:
        self.log = Log()
        self.log.connect({})

    def begin(self, why: str = "login") -> None:
        self.log.fact("resync_started", why=why, number=self.log.connection)

    def end(self, verdict: str = "complete", *unresolved: OpenEnd) -> ResyncReport:
        report = ResyncReport("login", self.log.connection, verdict=verdict, unresolved=unresolved)
        self.log.fact("resync_finished", report=msgspec.to_builtins(report))
        return report

    @property
    def root(self) -> RootFold:
        return folded(self.log.records).root

    @property
    def sync(self) -> SyncState:
        root = self.root
        return root.state.sync.now(root.current)


def test_before_the_first_one_it_is_idle() -> None:
    assert Story().sync == SyncState()


def test_it_runs_until_it_ends() -> None:
    story = Story()
    story.begin()
    assert story.sync == SyncState("running", 1)
    report = story.end()
    assert story.sync == SyncState("idle", 1, report)

    story.begin("deep")
    assert story.sync == SyncState("running", 1, report)


def test_it_does_not_outlive_its_connection() -> None:
    """Also where the process was killed before it could say so."""
    story = Story()
    story.begin()
    story.log.drop()
    assert story.sync == SyncState("idle", 1)

    story.log.connect({})
    assert story.sync == SyncState("idle", 1)
    story.begin()
    assert story.sync == SyncState("running", 2)


def test_which_connection_was_caught_up_with() -> None:
    story = Story()
    assert story.root.state.sync.settled == 0
    story.begin()
    story.end("interrupted")
    assert story.root.state.sync.settled == 0
    story.begin()
    story.end("gaps")
    assert story.root.state.sync.settled == 1


def test_the_gaps_that_were_left_are_those_of_the_last_one_that_came_to_its_end() -> None:
    story = Story()
    story.end("gaps", OpenEnd("C", "T9", "gap"), OpenEnd("C", "T3", "partial"))
    story.end("interrupted", OpenEnd("C", "T7", "gap"))

    assert story.root.state.sync.left.value == ("T9",)
    assert story.sync.report is not None
    assert story.sync.report.verdict == "interrupted"


def test_a_report_of_another_version_is_none() -> None:
    story = Story()
    story.begin()
    story.log.fact("resync_finished", report={"calls": "many"})

    assert story.sync.report is None


def test_any_order_and_a_snapshot_give_the_same() -> None:
    story = Story()
    story.begin()
    story.end("gaps", OpenEnd("C", "T9", "gap"))
    story.begin()
    story.end()
    expected = story.root

    for order in permutations(story.log.records[-4:]):
        assert folded([*story.log.records[:-4], *order]).root.digest() == expected.digest()
    assert RootFold.decode(expected.encode()).state.sync == expected.state.sync


def test_the_fold_says_that_it_changed() -> None:
    story = Story()
    root = story.root
    root.take_changes()
    story.begin()
    record = story.log.records[-1]
    root.apply(record, payload(record))

    changes = root.take_changes()
    assert changes.sync
    assert changes
