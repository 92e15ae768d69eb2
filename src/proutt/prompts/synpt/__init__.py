"""What SynPT's agents are asked: one reviewed text per question and language, and the typed step that fills it."""
