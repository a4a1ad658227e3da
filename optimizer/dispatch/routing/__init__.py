"""An independent solver of the same dispatch problem on the OR-Tools routing library: a fallback and a cross-check."""
