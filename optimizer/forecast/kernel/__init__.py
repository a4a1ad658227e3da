"""The compiled heart of the forecasts: what each memory would have foretold, quantiles, and the loss of quantiles.

Everything here works on arrays and is compiled by numba; with NUMBA_DISABLE_JIT=1 the same code runs in plain Python.
"""
