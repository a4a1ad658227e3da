"""Who is told by mail of what happened."""
