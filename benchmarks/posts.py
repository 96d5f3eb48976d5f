"""Invented posts of a given size: words, pictures inline, pictures by reference."""

import base64
import io
import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image

__all__ = ["noise", "picture_server", "posts_by_reference", "posts_of_text", "posts_with_picture"]

_WORDS = ["teapot", "kettle", "ladder", "garden", "window", "pigeon", "umbrella", "bicycle", "lantern", "biscuit"]


def posts_of_text(count: int, size_bytes: int, seed: str) -> Iterator[bytes]:
    """Posts of about `size_bytes` each, all different."""
    shuffled = random.Random(seed)
    for number in range(count):
        text = " ".join(shuffled.choices(_WORDS, k=size_bytes // 8))
        yield _post(f"{seed}-{number}", image_text=text[: size_bytes - 120])


def posts_with_picture(count: int, size_bytes: int, seed: str) -> Iterator[bytes]:
    """Posts with a picture of about `size_bytes`; the text tells them apart."""
    pictures = [base64.b64encode(noise(size_bytes, number)).decode() for number in range(16)]
    for number in range(count):
        image = {"content": pictures[number % len(pictures)]}
        yield _post(f"{seed}-{number}", image_text=f"{seed} number {number}", image=image)


def posts_by_reference(count: int, url: str, seed: str) -> Iterator[bytes]:
    """Posts that refer to a picture of `picture_server`."""
    for number in range(count):
        yield _post(f"{seed}-{number}", image_text=f"{seed} number {number}", image={"uri": f"{url}/{number}.png"})


def noise(size_bytes: int, seed: int) -> bytes:
    """A PNG of random pixels, of about that size."""
    side = int((size_bytes / 3) ** 0.5)
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(seed).randbytes(side * side * 3)).save(file, "PNG")
    return file.getvalue()


@contextmanager
def picture_server(size_bytes: int) -> Iterator[str]:
    """URL of a server on loopback that answers every path with a picture, over connections that stay open."""
    content = noise(size_bytes, 0)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Not a line for each picture."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _post(name: str, **fields: object) -> bytes:
    return json.dumps({"post_id": name, "language": "en", **fields}).encode()
