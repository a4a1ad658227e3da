"""How often parts are removed, on which aircraft, and what becomes of what was removed."""
