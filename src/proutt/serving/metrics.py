"""What `/metrics` tells, for Prometheus: counts and times, never a text, an id or an address."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

#: Seconds. Suggestions take from some hundredths (scripted) to a minute (a large model on a CPU).
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 120.0)


class Metrics:
    """One service's numbers, in a registry of its own."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "proutt_requests", "Requests by route and status.", ["route", "status"], registry=registry
        )
        self.seconds = Histogram(
            "proutt_request_seconds",
            "Seconds from the request to the last byte.",
            ["route"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.first = Histogram(
            "proutt_first_suggestion_seconds",
            "Seconds until the first suggestion.",
            buckets=_BUCKETS,
            registry=registry,
        )
        self.suggestions = Counter("proutt_suggestions", "Suggestions given.", registry=registry)
        self.empty = Counter("proutt_empty", "Answers without a suggestion, by reason.", ["reason"], registry=registry)
        self.left_out = Counter("proutt_left_out", "Suggestions kept back, by rule.", ["rule"], registry=registry)
        self.upstream = Counter(
            "proutt_upstream_failures", "Calls that a model's server failed.", ["kind"], registry=registry
        )
        self.gone = Counter("proutt_clients_gone", "Requests whose client left before the answer.", registry=registry)
        self.feedback = Counter("proutt_feedback", "Feedback kept, by what the user did.", ["what"], registry=registry)
        self.in_flight = Gauge("proutt_in_flight", "Requests that ask a model now.", registry=registry)

    def page(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)
