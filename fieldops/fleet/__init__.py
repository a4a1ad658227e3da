"""Aircraft, and where they are on ground and when."""
