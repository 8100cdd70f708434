"""A vendor's HTTP API as far as a check of a key goes: who shows the key is let in."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "a-key-of-the-vendor-1234"


@dataclass
class VendorApi:
    """`asked` are the requests, path and headers; `status` and `location` answer who is let in; `slow_s`: it
    thinks so long before it says anything."""

    url: str = ""
    status: int = 200
    location: str = ""
    slow_s: float = 0.0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def vendor_api() -> Iterator[VendorApi]:
    """One on a port of its own of the loopback."""
    api = VendorApi()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            api.asked.append((self.path, headers))
            time.sleep(api.slow_s)
            known = any(KEY in value for value in headers.values())
            with contextlib.suppress(ConnectionError):  # who waited has gone
                self.send_response(api.status if known else 401)
                if api.location:
                    self.send_header("Location", api.location)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

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
