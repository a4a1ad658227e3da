"""What a stock leaves waiting when removals, repair and transport are played through, and what a plan did not know."""
