"""Work that nobody has to start by hand."""
