"""The program: `fieldops`, and `python -m fieldops`."""

from __future__ import annotations

import os

from fieldops.locale import catalogue, of_terminal
from inventory.kernel.texts import speaking


def main() -> None:
    """Run the command line in the language of the terminal, which is in force before the commands get their help."""
    with speaking(catalogue(of_terminal(os.environ))):
        from fieldops.cli import main as run

        run()


if __name__ == "__main__":
    main()
