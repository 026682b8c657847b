"""Pages put together are the whole, in order, without repeats (protocol: list_threads)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.sandbox.api_errors import ApiError
from livechat_customer.sandbox.check import Fields
from livechat_customer.sandbox.clock import SECOND
from livechat_customer.sandbox.paging import Bounds, Page, Pager, page_object

THREADS = Bounds(default=3, most=100)
Item = tuple[str, int]
"""A thread's id and the number of its events."""


class Listing:
    """Something that can be paged."""

    def __init__(self, sizes: list[int]) -> None:
        self.now = 0
        self.items = [(f"T{place}", size) for place, size in enumerate(sizes)]
        self.pager = Pager(lambda: self.now, lifetime=10)

    def ask(self, **arguments: Any) -> Page[Item]:
        query = self.pager.query(Fields(arguments), "threads/C", THREADS, counts=True)
        return self.pager.page(query, self.items, lambda item: item[0], lambda item: item[1])

    def walk(self, **arguments: Any) -> list[Page[Item]]:
        pages = [self.ask(**arguments)]
        while pages[-1].next_id is not None:
            pages.append(self.ask(page_id=pages[-1].next_id))
        return pages


SIZES = st.lists(st.integers(0, 40), max_size=30)
ORDERS = st.sampled_from(["asc", "desc"])
HOW = st.one_of(
    st.just(dict[str, int]()),
    st.fixed_dictionaries({"limit": st.integers(1, 100)}),
    st.fixed_dictionaries({"min_events_count": st.integers(1, 100)}),
)


@given(SIZES, ORDERS, HOW)
def test_pages_are_the_whole(sizes: list[int], order: str, how: dict[str, int]) -> None:
    listing = Listing(sizes)
    pages = listing.walk(sort_order=order, **how)
    together = [item for page in pages for item in page.items]
    assert together == (listing.items if order == "asc" else listing.items[::-1])
    assert pages[0].previous_id is None
    assert all(page.items for page in pages[1:])
    for page in pages[:-1]:
        if "min_events_count" in how:
            weights = [size for _, size in page.items]
            assert sum(weights) >= how["min_events_count"] > sum(weights[:-1])
        else:
            assert len(page.items) == how.get("limit", 3)


@given(SIZES.filter(bool), ORDERS, HOW)
def test_backwards_is_the_whole_too(sizes: list[int], order: str, how: dict[str, int]) -> None:
    listing = Listing(sizes)
    page = listing.walk(sort_order=order, **how)[-1]
    together = list(page.items)
    while page.previous_id is not None:
        page = listing.ask(page_id=page.previous_id)
        assert page.items
        assert page.next_id is not None
        together = page.items + together
    assert together == (listing.items if order == "asc" else listing.items[::-1])


@given(SIZES.filter(lambda sizes: len(sizes) > 3), st.integers(1, 3))
def test_threads_that_begin_meanwhile_shift_nothing(sizes: list[int], limit: int) -> None:
    listing = Listing(sizes)
    before = listing.items[::-1]
    pages = [listing.ask(limit=limit)]
    while pages[-1].next_id is not None:
        listing.items.append((f"N{len(pages)}", 1))
        pages.append(listing.ask(page_id=pages[-1].next_id))
    assert [item for page in pages for item in page.items] == before


def test_defaults_and_cursors() -> None:
    listing = Listing([1] * 7)
    first = listing.ask()
    assert [name for name, _ in first.items] == ["T6", "T5", "T4"]
    assert list(page_object(first)) == ["next_page_id"]
    middle = listing.ask(page_id=first.next_id)
    assert list(page_object(middle)) == ["next_page_id", "previous_page_id"]
    last = listing.ask(page_id=middle.next_id)
    assert ([name for name, _ in last.items], last.next_id) == (["T0"], None)
    assert listing.ask(page_id=middle.previous_id).items == first.items
    assert page_object(Listing([]).ask()) == {}
    for most in ({"limit": 100}, {"min_events_count": 100}):
        assert len(listing.ask(**most).items) == 7


@pytest.mark.parametrize(
    "arguments",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": "3"},
        {"limit": True},
        {"min_events_count": 0},
        {"min_events_count": 101},
        {"limit": 3, "min_events_count": 3},
        {"sort_order": "up"},
        {"page_id": 3},
        {"page_id": "###"},
        {"page_id": base64.urlsafe_b64encode(b"[1]").decode()},
        {"page_id": base64.urlsafe_b64encode(b'{"page":[1],"made":0}').decode()},
        {"page_id": base64.urlsafe_b64encode(b'{"page":null,"made":0}').decode()},
    ],
)
def test_wrong_arguments(arguments: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        Listing([1, 1]).ask(**arguments)
    assert refused.value.type == "validation"


@pytest.mark.parametrize("more", [{"limit": 2}, {"sort_order": "asc"}, {"min_events_count": 2}])
def test_a_page_id_excludes_the_other_arguments(more: dict[str, Any]) -> None:
    listing = Listing([1] * 5)
    with pytest.raises(ApiError, match="mixed"):
        listing.ask(page_id=listing.ask().next_id, **more)


def test_a_page_id_is_good_for_its_subject_and_its_time_only() -> None:
    listing = Listing([1] * 5)
    page_id = listing.ask().next_id
    listing.now = 10 * SECOND
    assert listing.ask(page_id=page_id).items
    listing.now += 1
    with pytest.raises(ApiError, match="stale"):
        listing.ask(page_id=page_id)
    listing.now = 0
    with pytest.raises(ApiError, match="stale"):
        listing.pager.query(Fields({"page_id": page_id}), "threads/D", THREADS, counts=True)
    listing.items.clear()
    with pytest.raises(ApiError, match="stale"):
        listing.ask(page_id=page_id)


def test_min_events_count_is_for_threads_only() -> None:
    pager = Pager(lambda: 0, lifetime=10)
    fields = Fields({"min_events_count": 5})
    query = pager.query(fields, "chats", Bounds(10, 25), counts=False)
    assert (query.limit, query.min_events) == (10, None)
    assert replace(query, limit=3).order == "desc"


def test_an_item_that_moved_to_the_end_leaves_an_empty_page() -> None:
    listing = Listing([1] * 4)
    page_id = listing.ask(limit=2).next_id
    listing.items.insert(0, listing.items.pop(2))
    assert listing.ask(page_id=page_id) == Page([], None, None)
