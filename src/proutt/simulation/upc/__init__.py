"""UPC's personas and dialogues as runs: who the users are, and what becomes of them."""
