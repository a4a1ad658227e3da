"""The compiled heart of the stock targets: evaluation of a tree of places, and curves of backorders over pieces.

Everything here works on arrays and is compiled by numba; with NUMBA_DISABLE_JIT=1 the same code runs in plain Python.
"""
