"""The pages, and what HTTP asks of every answer: errors as problem details, the guard at the door."""
