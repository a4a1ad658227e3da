"""How good stock targets are, how soon, and how well the models behind them know what waits."""
