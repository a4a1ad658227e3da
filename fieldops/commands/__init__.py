"""Groups of commands, each a Typer application of its own."""
