"""The AOG desk: questions to the plan in force, answered while somebody waits, and answers that are taken."""
