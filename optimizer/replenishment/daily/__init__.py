"""The replenishment of a day: moves that share trucks, handling, money and lanes with a cost of their own."""
