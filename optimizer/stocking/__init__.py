"""Stock targets: how many pieces of which part to hold where, for this much money, with a bound that proves it."""
