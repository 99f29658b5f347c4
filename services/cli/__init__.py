"""The ``vitrine`` command: the one composition root above the services.

app.py        the command tree
errors.py     how errors are shown
help_texts.py help as wide as the terminal
stack.py      clients of running services, or the same services embedded for one call
preflight.py, supervising.py, running.py, door.py   ``vitrine run``: what is in the way,
              processes, health, restarts, clean shutdown, the address to open
demo.py       ``vitrine demo``: write and load the demo catalogue
scan.py       ``vitrine scan``
"""

import sys

INTERRUPTED = 130
"""Exit code after Ctrl-C, by the shell's convention (128 + SIGINT)."""


def main() -> None:
    """Run ``vitrine``: ``services.cli.app``, loaded here since Ctrl-C may come meanwhile."""
    try:
        from services.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
