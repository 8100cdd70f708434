"""What Kamailio answers, read whatever strangers have put into it."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

from telephony.edge.kamailio.rpc import KamailioRpc


def test_an_answer_with_bytes_that_are_no_text_is_read(tmp_path: Path) -> None:
    """One phone's User-Agent must not hide the phones of everybody."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "rpc.sock"))

        def answer() -> None:
            request, sender = server.recvfrom(65_536)
            number = json.loads(request)["id"]
            server.sendto(b'{"id": %d, "result": {"User-Agent": "a\xff\x01b"}}' % number, sender)

        thread = threading.Thread(target=answer)
        thread.start()
        rpc = KamailioRpc(tmp_path)
        try:
            assert rpc.call("ul.lookup") == {"User-Agent": "a\ufffd\x01b"}
        finally:
            rpc.close()
            thread.join()
