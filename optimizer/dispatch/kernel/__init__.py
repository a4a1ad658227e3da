"""The compiled heart of the dispatch engine: exact costs of insertions and removals, ruin and recreate.

Everything here works on arrays (`arrays.Data`, built once; `arrays.State`, changed in place) and is compiled by numba;
with NUMBA_DISABLE_JIT=1 the same code runs in plain Python. Nothing outside `optimizer.dispatch` imports it, but for
what compiles (`compiled`).
"""
