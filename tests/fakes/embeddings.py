"""A vendor's embedding models on a real socket: OpenAI's protocol, which most speak, and Google's.

A text's numbers say which of a few subjects its words are about, so that texts of one subject are near.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "a-key-of-the-vendor-1234"

SUBJECTS = [
    {"dog", "dogs", "puppy", "pets", "cat", "animal"},
    {"breakfast", "eat", "food", "hungry", "meal"},
    {"car", "parking", "garage", "vehicle", "drive"},
    {"cancel", "cancelled", "cancellation", "refund"},
]


@dataclass
class EmbeddingApi:
    """`asked`: path and body of each request. `failures` are answered first, each a status (0: garbage).
    `slow_s`: it thinks so long. `drip_s`: it waits so long before each byte. `size`: numbers
    it gives when nobody says how many. `first_number`: stands first in each, as it is written."""

    url: str = ""
    size: int = 768
    slow_s: float = 0.0
    drip_s: float = 0.0
    first_number: str = ""
    retry_after: str = ""
    failures: list[int] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def numbers(text: str, size: int) -> list[float]:
    words = set(re.findall(r"[a-z]+", text.lower()))
    found = [float(len(words & subject)) for subject in SUBJECTS]
    return [*found, 0.1, *([0.0] * (size - len(found) - 1))]


@contextmanager
def embedding_api() -> Iterator[EmbeddingApi]:
    """One on a port of its own of the loopback."""
    api = EmbeddingApi()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            api.asked.append((self.path, body))
            key = self.headers.get("Authorization") or self.headers.get("x-goog-api-key") or ""
            api.keys.append(self.headers.get("api-key") or key)
            time.sleep(api.slow_s)
            status = api.failures.pop(0) if api.failures else 200
            self._answer(status, self._embedded(body) if status == 200 else {"error": "no"})

        def _embedded(self, body: dict[str, Any]) -> dict[str, Any]:
            if self.path.endswith(":batchEmbedContents"):
                asked = body["requests"]
                texts = [(one["content"]["parts"][0]["text"], one["outputDimensionality"]) for one in asked]
                return {"embeddings": [{"values": numbers(text, size)} for text, size in texts]}
            size = body.get("dimensions") or body.get("output_dimension") or api.size
            data = [{"index": n, "embedding": numbers(t, size)} for n, t in enumerate(body["input"])]
            return {"object": "list", "data": data[::-1], "model": body["model"]}

        def _answer(self, status: int, told: dict[str, Any]) -> None:
            data = json.dumps(told).encode() if status else b"<html>"
            if api.first_number:
                data = re.sub(rb'("embedding": \[)[^,]+', rb"\g<1>" + api.first_number.encode(), data)
            self.send_response(status or 200)
            if api.retry_after:
                self.send_header("Retry-After", api.retry_after)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with contextlib.suppress(OSError):  # they would not wait for all of it
                self._write(data)

        def _write(self, data: bytes) -> None:
            for byte in data if api.drip_s else ():
                time.sleep(api.drip_s)
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
            if not api.drip_s:
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
