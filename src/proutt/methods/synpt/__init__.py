"""SynPT: a user agent and an assistant agent make dialogues in which implicit intentions are mined (paper 003)."""
