"""SynPT's dialogues as runs: task files, seeds, and what becomes of them."""
