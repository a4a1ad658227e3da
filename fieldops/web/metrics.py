"""What the server counts, for Prometheus: requests by route, how long they take, and whatever others add."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one application in one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        labels = ("route", "method", "status")
        self._requests = Counter("fieldops_requests", "Requests answered.", labels, registry=self.registry)
        self._seconds = Histogram(
            "fieldops_request_seconds",
            "How long a request took, in seconds.",
            ("route", "method"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.in_flight = Gauge("fieldops_requests_in_flight", "Requests being answered.", registry=self.registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Add a figure that is read when it is asked for, such as the operations that wait."""
        Gauge(name, meaning, registry=self.registry).set_function(read)

    def exposition(self) -> bytes:
        """Return every figure in the text format of Prometheus."""
        return generate_latest(self.registry)
