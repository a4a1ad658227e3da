"""What the stock is worth, now and at any past instant."""
