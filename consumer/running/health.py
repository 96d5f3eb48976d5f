"""`/healthz`, `/readyz` and `/metrics` on one port."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from ..errors import OperatorError

__all__ = ["HealthServer", "Probe"]

Probe = Callable[[], str | None]
"""None where all is well, else one sentence. Called from the server's threads; must not block."""


class HealthServer:
    """Serves until it is closed. `port` 0 takes a free one.

    Alive: no loop stopped turning. Ready: group joined and model loaded. Each answers 200 or 503 with the sentence.

    Raises:
        OperatorError: the port is taken, or the host isn't ours.
    """

    def __init__(self, host: str, port: int, *, alive: Probe, ready: Probe, registry: CollectorRegistry) -> None:
        handler = _handler({"/healthz": alive, "/readyz": ready}, registry)
        try:
            self._server = _Server((host, port), handler)
        except OSError as error:
            remedy = "choose another with MEMELENS_HEALTH__PORT, or health: {port: null} for none"
            raise OperatorError(f"health: can't listen on {host}:{port} ({error.strerror}); {remedy}") from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop answering. Idempotent."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """As the base class does, without asking DNS for our own name: that can take longer than a start may."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "memelens", int(self.server_address[1])


def _handler(probes: dict[str, Probe], registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds for a client that connects and says nothing

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/metrics":
                encode, content_type = choose_encoder(self.headers.get("Accept", ""))
                self._answer(HTTPStatus.OK, encode(registry), content_type)
            elif probe := probes.get(path):
                problem = probe()
                status = HTTPStatus.SERVICE_UNAVAILABLE if problem else HTTPStatus.OK
                self._answer(status, f"{problem or 'ok'}\n".encode())
            else:
                self._answer(HTTPStatus.NOT_FOUND, b"/healthz, /readyz, /metrics\n")

        def _answer(self, status: HTTPStatus, body: bytes, content_type: str = "text/plain; charset=utf-8") -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            """Probes come every few seconds: not a line for each."""

    return Handler
