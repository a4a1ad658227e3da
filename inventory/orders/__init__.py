"""Orders that move stock: from a draft over release and shipping to the receipt, with their pieces and their money."""
