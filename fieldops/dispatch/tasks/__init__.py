"""Tasks that jobs repeat, and how long they take."""
