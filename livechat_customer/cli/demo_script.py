"""What is said in the demo, and what was said before it began."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

TOGETHER: Final[tuple[str, ...]] = (
    "Hello, it's me again!",
    "What does a plan cost these days?",
    "And with two people on it?",
    "Does the price include the mobile app?",
    "Good. I also placed an order on Monday.",
    "Where is it now?",
    "The delivery should have been here yesterday.",
    "It is a desk lamp, the green one.",
    "Can I return it if it doesn't fit?",
    "How do I get my money back then?",
    "Do I have to pay for shipping?",
    "I am on a train, so I may drop out",
)
"""Up to the cut, which comes as the last of these is sent."""

AFTERWARDS: Final[tuple[str, ...]] = (
    "Back again, there was a tunnel.",
    "So, about the refund: how long does it take?",
    "I can't find the invoice either.",
    "Is it sent by mail?",
    "My login doesn't work on the new phone.",
    "I tried the password three times.",
    "Did that lock my account?",
    "The reset mail has arrived, thanks.",
    "Could I talk to a human about the lamp?",
)

IN_THE_NEXT_THREAD: Final[tuple[str, ...]] = (
    "One more thing, if I may?",
    "Are you open on Saturday?",
    "Perfect, thank you! This is where I'd put the lamp.",
    "Bye, and see you soon.",
)

OFFLINE: Final[tuple[str, ...]] = (
    "In the tunnel again, so this goes into the outbox.",
    "The lamp has arrived.",
    "It is the right green.",
    "And it is brighter than the old one.",
    "Thanks again, all of you!",
)
"""Queued with no network."""

AGENT: Final = "Jane"
WHILE_AWAY: Final = "Jane here. Your lamp left our house this morning."

QUESTION: Final = "Did you get all you came for?"
PRESSED: Final = "all-of-it"
BUTTONS: Final = {PRESSED: "All of it", "some-of-it": "Some of it"}
"""What the buttons say, by their postback's id."""

CHOICE: Final[dict[str, Any]] = {
    "type": "rich_message",
    "template_id": "cards",
    "elements": [
        {
            "title": QUESTION,
            "buttons": [
                {"type": "message", "text": text, "postback_id": id, "value": text, "user_ids": []}
                for id, text in BUTTONS.items()
            ],
        }
    ],
}
"""The agent's rich message."""

SCORE: Final = 1
"""The customer is content."""
EMAIL: Final = "customer@example.org"
"""Where the transcript is to go."""

_EARLIER: Final[tuple[str, ...]] = (
    "Hello! Is the green lamp in stock?",
    "It is. Shall I put one aside?",
    "Yes, please. Until Friday?",
    "Until Friday, no problem.",
    "Does it come with a bulb?",
    "It does: a warm one, 5 watts.",
    "And is there a longer cable for it?",
    "Two metres at most, I am afraid.",
    "That will do. Thank you!",
)

ARCHIVED: Final = 9
"""Threads of the past: three pages of them."""


def earlier_threads(customer_id: str, agent_id: str, now: datetime) -> list[dict[str, Any]]:
    """A chat's past, a thread every week, for the sandbox to plant."""
    return [
        _thread(customer_id, agent_id, now - timedelta(weeks=ARCHIVED - number))
        for number in range(ARCHIVED)
    ]


def _thread(customer_id: str, agent_id: str, start: datetime) -> dict[str, Any]:
    events = [
        {
            "type": "message",
            "text": text,
            "author_id": customer_id if number % 2 == 0 else agent_id,
            "created_at": _wire(start + timedelta(seconds=20 * number)),
        }
        for number, text in enumerate(_EARLIER)
    ]
    return {"created_at": _wire(start), "events": events}


def _wire(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
