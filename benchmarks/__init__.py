"""Measurements, run by hand or by `make bench`: `python -m benchmarks.NAME [--json] [--quick]`."""
