"""A receiver of Trunkline's webhooks and call hooks: every message is verified, no event is handled twice.

    pip install standardwebhooks==1.1.0
    WEBHOOK_SECRETS="whsec_..." python receiver.py

WEBHOOK_SECRETS: the secrets that messages may be signed with, separated by spaces; two while you change
from one to the other. PORT: 8080. DATA: the file that remembers what was handled, handled.db.
BLOCKED_NUMBERS: with whom no call is made or taken. Put it behind your own server that speaks HTTPS.
"""

# ruff: noqa: I001 - what verifies stands together
from __future__ import annotations

import json
import os
import sqlite3
import sys
import traceback
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# [verify]
from collections.abc import Iterable, Mapping

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def is_genuine(body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> bool:
    """Whether one of `secrets` signed these very bytes, at most 5 minutes ago."""
    for secret in secrets:
        try:
            Webhook(secret).verify(body, dict(headers), json_parse=False)
            return True
        except (WebhookVerificationError, ValueError):  # ValueError: what is no signature at all
            continue
    return False


# [/verify]

SECRETS = os.environ.get("WEBHOOK_SECRETS", "").split()
BLOCKED = set(os.environ.get("BLOCKED_NUMBERS", "").split())
DATA = os.environ.get("DATA", "handled.db")
MOST_BYTES = 2**20


def handle(event: dict[str, Any]) -> None:
    """Your work. Within 10 s, or the event is sent again; what takes longer belongs into a queue."""
    print(json.dumps(event), flush=True)


def decide(question: dict[str, Any]) -> dict[str, Any]:
    """Your decision about a call that waits, within the hook's deadline."""
    call = question["call"]
    if question["moment"] == "before_answer":
        if call["from"] in BLOCKED:
            return {"action": "reject", "code": 603, "reason": "The caller is blocked."}
        return {"action": "answer", "variables": {"caller_number": call["from"]}}
    if call["to"] in BLOCKED:
        return {"action": "deny", "reason": "The number is blocked."}
    return {"action": "allow"}


def handle_once(event: dict[str, Any], event_id: str) -> bool:
    """False: it was handled before. The id is kept in the transaction of the work, so that neither is lost
    without the other; with your own database, make it the same transaction."""
    with closing(sqlite3.connect(DATA, timeout=8, isolation_level="IMMEDIATE")) as database, database:
        new = database.execute("INSERT OR IGNORE INTO handled (id) VALUES (?)", (event_id,)).rowcount == 1
        if new:
            handle(event)
    return new


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            self._answer(413, {"error": "the body is too long, or nobody says how long it is"})
            return
        body = self.rfile.read(int(length))
        if not is_genuine(body, self.headers, SECRETS):
            self._answer(401, {"error": "the signature is not ours, or the message is old"})
            return
        try:
            message = json.loads(body)
            if "moment" in message:
                self._answer(200, decide(message))
            else:
                self._answer(200, {"handled": handle_once(message, self.headers["webhook-id"])})
        except Exception:
            traceback.print_exc()
            self._answer(500, {"error": "it could not be handled"})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: what was handled is printed."""


def main() -> None:
    if not SECRETS:
        sys.exit("Set WEBHOOK_SECRETS to the secret that Trunkline showed.")
    with closing(sqlite3.connect(DATA)) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY)")
    address = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))
    server = ThreadingHTTPServer(address, Receiver)
    print(f"listening on port {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
