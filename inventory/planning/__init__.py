"""Stock targets and the orders that a plan proposes to reach them."""
