"""The servers that tests start are real ones."""

from pathlib import Path

import psycopg
import pytest
import redis

from tests import servers


def test_redis_answers(redis_url: str) -> None:
    """A started redis-server answers PING on loopback."""
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


def test_redis_with_a_password_refuses_without(redis_url_with_password: str) -> None:
    """The password in the URL is wanted by the server."""
    with redis.Redis.from_url(redis_url_with_password) as client:
        assert client.ping()
    open_url = redis_url_with_password.replace(":correct-horse@", "")
    with redis.Redis.from_url(open_url) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_redis_restarts_on_its_port() -> None:
    """A killed server comes back under the same URL."""
    try:
        with servers.redis_server() as server:
            url = server.url
            server.stop()
            with redis.Redis.from_url(url) as client, pytest.raises(redis.ConnectionError):
                client.ping()
            server.start()
            with redis.Redis.from_url(server.url) as client:
                assert client.ping()
            assert server.url == url
    except servers.ServerMissing as missing:
        pytest.skip(str(missing))


def test_postgres_databases_are_fresh(fresh_postgres_url: str) -> None:
    """Each test gets an empty database of a real server."""
    address = fresh_postgres_url.replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(query).fetchone() == (0,)


def test_a_missing_program_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the program the error names the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(servers.ServerMissing, match="apt-get install redis-server"),
        servers.redis_server(),
    ):
        pass


def test_a_server_that_cannot_start_shows_its_log() -> None:
    """A wrong option ends in an error that carries the server's own words."""
    try:
        with (
            pytest.raises(servers.ServerFailed, match="no-such-option"),
            servers.redis_server(None, "--no-such-option", "1"),
        ):
            pass
    except servers.ServerMissing as missing:
        pytest.skip(str(missing))
