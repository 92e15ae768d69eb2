"""The words of SynPT's evaluation: for models under test, for the judge, for the simulated user."""
