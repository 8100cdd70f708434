"""The floor: answers SIP with canned text and throws RTP straight back. Prints its port.

No jitter buffer, no bridge, no audio: what is measured against it is the network and the prober.
"""

from __future__ import annotations

import re
import selectors
import socket
import sys


def answer(request: str, contact: str, media_port: int) -> str:
    """200 to any request, with SDP to an INVITE; "" to an ACK."""
    method = request.split(" ", 1)[0]
    if method == "ACK":
        return ""
    names = ("Via", "From", "To", "Call-ID", "CSeq")
    copied = [line for line in request.split("\r\n") if line.split(":")[0] in names]
    copied = [f"{line};tag=floor" if re.match(r"To:(?!.*;tag=)", line) else line for line in copied]
    host = contact.partition(":")[0]
    body = (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio {media_port} RTP/AVP 0\r\na=ptime:20\r\n"
        if method == "INVITE"
        else ""
    )
    lines = ["SIP/2.0 200 OK", *copied, f"Contact: <sip:floor@{contact}>"]
    lines += ["Content-Type: application/sdp"] if body else []
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])


def main() -> None:
    signalling, media = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    for sock in (signalling, media):
        sock.bind(("127.0.0.1", 0))
    contact = "{}:{}".format(*signalling.getsockname())
    print(signalling.getsockname()[1], flush=True)
    with selectors.DefaultSelector() as selector:
        for source in (signalling, media, sys.stdin):
            selector.register(source, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _ in selector.select()]
            if media in ready:
                packet, sender = media.recvfrom(2048)
                media.sendto(packet, sender)
            if signalling in ready:
                request, sender = signalling.recvfrom(8192)
                text = answer(request.decode(), contact, media.getsockname()[1])
                if text:
                    signalling.sendto(text.encode(), sender)
            if sys.stdin in ready:
                return


if __name__ == "__main__":
    main()
