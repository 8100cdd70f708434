"""The demo customer's own server, which the demo's agent asks: where an order is.

It runs as long as the demo does, on a port of loopback that was free.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT_VARIABLE = "DEMO_SHOP_PORT"
ORDERS = {"4711": "on its way and will be with you on Tuesday", "4712": "waiting for your payment"}


class _Orders(BaseHTTPRequestHandler):
    """``GET /orders/4711`` -> ``{"order": "4711", "status": ...}``, or 404."""

    def do_GET(self) -> None:
        order = self.path.rpartition("/")[2]
        status = ORDERS.get(order)
        found = {"order": order, "status": status} if status else {"error": "There is no such order."}
        body = json.dumps(found).encode()
        self.send_response(200 if status else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The demo shows what the call makes of it."""


def open_shop() -> int:
    """Serves from now on, in a thread; the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Orders)
    threading.Thread(target=server.serve_forever, name="shop", daemon=True).start()
    port: int = server.server_address[1]
    return port
