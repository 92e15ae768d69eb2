"""Audits of preference pairs: what is known to go wrong in such data, and what goes wrong in this task."""
