"""A real HTTP server on loopback that answers as a test tells it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What a path answers; ``statuses`` are used up one a request, the last one stays."""

    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=lambda: [200])
    length: int | None = None


@dataclass
class WebServer:
    """The server's address, what it answers, and what it was asked."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The URL of a path."""
        return f"http://{host}:{self.port}{path}"


@contextmanager
def web_server() -> Iterator[WebServer]:
    """Serve for the length of the block."""
    state = WebServer(0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.asked.append((self.path, dict(self.headers)))
            answer = state.answers.get(self.path, Answer(statuses=[404]))
            status = answer.statuses.pop(0) if answer.statuses[1:] else answer.statuses[0]
            etag = answer.headers.get("ETag")
            if etag and self.headers.get("If-None-Match") == etag:
                status = 304
            body = b"" if status == 304 else answer.body
            self.send_response(status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.length != -1:
                self.send_header("Content-Length", str(answer.length or len(body)))
            else:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
