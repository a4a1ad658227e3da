"""Tables in files: rows out of CSV and Excel and into them, whatever they are about."""
