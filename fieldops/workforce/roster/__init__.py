"""When people work: patterns, generated rosters, absences, standby, and who is lent to another region."""
