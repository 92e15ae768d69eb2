"""The words of the agent workflow (SynPT VII-B): which task it is, and what the larger model is asked for."""
