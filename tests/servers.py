"""Real servers for tests: redis-server and PostgreSQL, each on a free loopback port.

The context managers know nothing of pytest; where a program is missing they raise
``ServerMissing``, whose message says what to install. The fixtures at the end skip
with that message.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

START_SECONDS = 60.0
REPOSITORY = Path(__file__).resolve().parent.parent


class ServerMissing(RuntimeError):
    """The server's program is not installed; the message says how to get it."""


class ServerFailed(RuntimeError):
    """The server is installed but did not come up; the message ends with its log."""


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str, package: str, pattern: str | None = None) -> str:
    found = shutil.which(name)
    if not found and pattern:
        found = max((str(path) for path in Path("/").glob(pattern)), default=None)
    if not found:
        raise ServerMissing(f"{name} is not installed: apt-get install {package}")
    return found


def _wait_until(ready: Callable[[], bool], failed: Callable[[], str | None]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        reason = failed()
        if reason is not None or time.monotonic() > deadline:
            raise ServerFailed(reason or f"not ready after {START_SECONDS:.0f} s")
        time.sleep(0.02)


@dataclass(slots=True)
class RedisServer:
    """A redis-server process that a test may start, stop, freeze and kill.

    Attributes:
        folder: its working folder and log.
        password: required of clients, or None.
        options: further ``--option value`` pairs.
        port: loopback port, the same over restarts.
    """

    folder: Path
    password: str | None = None
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The ``redis://`` URL, with the password where there is one."""
        secret = f":{self.password}@" if self.password else ""
        return f"redis://{secret}127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the process and wait until it answers.

        Raises:
            ServerMissing: redis-server is not installed.
            ServerFailed: it exited or did not answer in time.
        """
        command = [_program("redis-server", "redis-server"), *self._arguments()]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder
            )
        _wait_until(self._answers, self._failure)

    def stop(self) -> None:
        """End the process at once (SIGKILL: it holds nothing worth saving)."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and accepted by the kernel, nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: undo ``freeze``."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            raise ServerFailed("redis-server is not running")
        self._process.send_signal(number)

    def _arguments(self) -> list[str]:
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        arguments += ["--save", "", "--appendonly", "no", "--daemonize", "no", *self.options]
        return arguments + (["--requirepass", self.password] if self.password else [])

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def _failure(self) -> str | None:
        if self._process is None or self._process.poll() is None:
            return None
        return f"redis-server exited:\n{self._log.read_text(errors='replace')[-2000:]}"

    @property
    def _log(self) -> Path:
        return self.folder / "redis.log"


@contextmanager
def redis_server(password: str | None = None, *options: str) -> Iterator[RedisServer]:
    """Run a redis-server for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="vitrine-redis-") as folder:
        server = RedisServer(Path(folder), password, options)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _unprivileged_user() -> str | None:
    """Return the account PostgreSQL runs as: it refuses root. None is the current one."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return name
    raise ServerMissing("PostgreSQL refuses root, and there is no user postgres or nobody")


def _run_as(user: str | None, command: list[str], folder: Path) -> None:
    log = folder / "output.log"
    group = pwd.getpwnam(user).pw_gid if user else None
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            user=user,
            group=group,
            extra_groups=[] if user else None,
            env={**os.environ, "LC_ALL": "C"},
            timeout=START_SECONDS,
            check=False,
        )
    if done.returncode != 0:
        raise ServerFailed(f"{' '.join(command)}:\n{log.read_text(errors='replace')[-2000:]}")


def _postgres_program(name: str) -> str:
    return _program(name, "postgresql", f"usr/lib/postgresql/*/bin/{name}")


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL for the length of the block; yields ``postgresql+psycopg://...``.

    The cluster lives in a temporary folder, listens on loopback only and does not
    wait for the disk (``fsync=off``).

    Raises:
        ServerMissing: PostgreSQL is not installed.
        ServerFailed: it did not come up.
    """
    initdb, pg_ctl = _postgres_program("initdb"), _postgres_program("pg_ctl")
    user = _unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="vitrine-postgres-") as name:
        folder, data, port = Path(name), Path(name) / "data", free_port()
        if user:
            shutil.chown(folder, user)
        flags = ["--username=vitrine", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        _run_as(user, [initdb, f"--pgdata={data}", "--no-sync", *flags], folder)
        server = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -F"
        start = [pg_ctl, "start", "-w", f"-D{data}", f"-l{folder / 'postgres.log'}", "-o", server]
        stop = [pg_ctl, "stop", "-w", "-m", "immediate", f"-D{data}"]
        _run_as(user, start, folder)
        try:
            yield f"postgresql+psycopg://vitrine@127.0.0.1:{port}/postgres"
        finally:
            _run_as(user, stop, folder)


@contextmanager
def postgres_database(server_url: str) -> Iterator[str]:
    """Create an empty database in a running server; drop it at the end of the block."""
    name = f"test_{uuid4().hex}"
    address = server_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield server_url.rpartition("/")[0] + "/" + name
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a redis-server without a password, shared by the run: use keys of your own."""
    try:
        with redis_server() as server:
            yield server.url
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def redis_url_with_password() -> Iterator[str]:
    """URL of a redis-server that wants the password which the URL carries."""
    try:
        with redis_server("correct-horse") as server:
            yield server.url
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a PostgreSQL server's first database, shared by the run."""
    try:
        with postgres_server() as url:
            yield url
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database of this test's own."""
    with postgres_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The evaluation data: ``VITRINE_DATA``, by default ``../shared/data``."""
    folder = Path(os.environ.get("VITRINE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no evaluation data at {folder}: set VITRINE_DATA to its folder")
    return folder
