"""One module per revision. A revision imports nothing of this project: it must never change."""
