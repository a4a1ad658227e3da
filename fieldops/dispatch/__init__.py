"""Jobs, and who does them when in each plan."""
