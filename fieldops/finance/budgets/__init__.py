"""Budgets: what may be spent, by whom and for what; the ledger of what is held and spent of it."""
