"""Plan versions: plans that are made and kept, compared, put in force after another look at everything, and undone."""
