"""The ``vitrine`` command: the one composition root above the services.

app.py        the command tree
errors.py     how errors are shown
stack.py      clients of running services, or the same services embedded for one call
preflight.py, supervising.py, running.py, door.py   ``vitrine run``: what is in the way,
              processes, health, restarts, clean shutdown, the address to open
demo.py       ``vitrine demo``: write and load the demo catalogue
scan.py       ``vitrine scan``
"""

from services.cli.app import main

__all__ = ["main"]
