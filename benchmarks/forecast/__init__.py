"""How well quantiles of demand are foretold, against fixed methods, and what stock that are laid by them serve."""
