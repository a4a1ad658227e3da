"""How good dispatch plans are, and how soon, beside the best known values and beside other solvers."""
