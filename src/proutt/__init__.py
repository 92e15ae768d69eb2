"""proutt: from chat logs to a small private model that proposes what the user will say next."""

__version__ = "0.1.0"
