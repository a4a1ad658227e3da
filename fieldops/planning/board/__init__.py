"""The dispatch board: who works where and when by the plans in force, and what nobody does yet."""
