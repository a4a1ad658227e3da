"""Master data and opening stock in and out of files."""
