"""The compiled heart of the simulation: one replication of parts whose pieces meet in shops, event by event.

Everything here works on arrays and is compiled by numba; with NUMBA_DISABLE_JIT=1 the same code runs in plain Python.
"""
