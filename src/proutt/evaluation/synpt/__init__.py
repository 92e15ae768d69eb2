"""How well a model mines implicit intentions: SynPT's test set, simulated users, metrics, tables (IV-B to VI)."""
