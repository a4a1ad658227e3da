"""What tells one piece from another, what it is worth in the air, and the papers that say so."""
