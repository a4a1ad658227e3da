"""A plan that is being carried out: questions answered in milliseconds, events, and planning anew with few changes."""
