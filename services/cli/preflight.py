"""What would keep ``vitrine run`` from starting, said before anything is started."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from shared.errors import NotReady

_LOCK = "run.lock"


def check_addresses(listens: Mapping[str, str]) -> None:
    """Check that every address can be listened on.

    Args:
        listens: ``HOST:PORT`` or ``unix:PATH`` by the name of the service.

    Raises:
        NotReady: one is malformed (``SETTING_INVALID``), twice the same or taken
            (``ADDRESS_IN_USE``), or not of this machine; the message names the setting.
    """
    taken: dict[str, str] = {}
    for name, listen in listens.items():
        other = taken.setdefault(listen, name)
        if other != name:
            raise NotReady(
                f"{_setting(other)} and {_setting(name)} are both {listen}; "
                "each service needs an address of its own",
                reason="ADDRESS_IN_USE",
            )
        if not listen.startswith("unix:"):
            _check_tcp(name, listen)


def _check_tcp(name: str, listen: str) -> None:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not (host and port.isdecimal() and int(port) < 1 << 16):
        raise NotReady(
            f"{_setting(name)} is {listen!r}, must be HOST:PORT or unix:PATH",
            reason="SETTING_INVALID",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with closing(socket.create_server((host, int(port)), family=family)):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise NotReady(
                f"{listen} ({name}) is in use by another program; stop that, or choose another "
                f"address with {_settings_of(name)}",
                reason="ADDRESS_IN_USE",
            ) from error
        raise NotReady(
            f"{_setting(name)} is {listen}, which cannot be listened on: {error.strerror}",
            reason="SETTING_INVALID",
        ) from error


def _setting(name: str) -> str:
    return f"VITRINE_{name.upper()}_LISTEN"


def _settings_of(name: str) -> str:
    """What to set for a service to be elsewhere: the gateway is called by nobody of ours."""
    return _setting(name) + ("" if name == "gateway" else f" and VITRINE_{name.upper()}_ADDRESS")


@contextmanager
def holding(state_dir: Path) -> Iterator[None]:
    """Hold a state folder for one ``vitrine run``; the system lets go when we end.

    Raises:
        NotReady: another one holds it (``STATE_IN_USE``), or it cannot be written
            (``STATE_UNWRITABLE``).
    """
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(state_dir / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise NotReady(
            f"the state folder {state_dir} cannot be written: {error.strerror}; choose another "
            "with --state-dir or VITRINE_STATE_DIR",
            reason="STATE_UNWRITABLE",
        ) from error
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotReady(
                f"`vitrine run` runs on {state_dir} already (process {file.read(20).strip()}); "
                "stop it, or choose another folder with --state-dir",
                reason="STATE_IN_USE",
            ) from error
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
