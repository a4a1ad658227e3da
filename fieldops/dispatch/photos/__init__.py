"""Photos of jobs: taken in the field, kept with the job, struck out where they are wrong, never deleted."""
