"""A peer that sends whatever comes to its mind: valid SIP at the wrong time, invalid SIP at any time.

The same seed says the same things, as far as the line's answers allow. For long runs:
`python -m tests.sip.fuzz SEED SECONDS` (it ends with the messages before the line's death, if any).
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
import sys
import time

from tests.bench.sip_caller import Message
from tests.media_workers.sip.host import ANSWER, Host
from tests.sip.torture.rfc4475 import ALL

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "PRACK", "REFER", "NOTIFY", "INFO")
METHODS += ("SUBSCRIBE", "MESSAGE", "PUBLISH", "REGISTER", "FOO")
STATUSES = (100, 180, 183, 199, 200, 202, 302, 401, 407, 408, 422, 481, 486, 487, 491, 503, 600, 699)
HEADERS = (
    *(
        "Require: 100rel",
        "Supported: 100rel, timer",
        "Session-Expires: 90;refresher=uac",
        "Session-Expires: 1",
    ),
    *("Min-SE: 90", "RAck: 1 1 INVITE", "RSeq: 1", "Event: refer", "Subscription-State: active;expires=60"),
    *("Subscription-State: terminated", "Refer-To: <sip:x@y>", "Replaces: a;to-tag=1;from-tag=2"),
    *(
        "Record-Route: <sip:127.0.0.1;lr>",
        "Route: <sip:127.0.0.1:5099;lr>",
        "Contact: *",
        "Contact: <sip:a@[::1]>",
    ),
    *(
        "Accept: text/plain",
        "Expires: 0",
        "Content-Type: multipart/mixed;boundary=x",
        "Content-Encoding: gzip",
    ),
    *("Content-Type: application/dtmf", "Content-Type: message/sipfrag", "Retry-After: 5", "Allow: INVITE"),
    *(
        'Authorization: Digest username="a"',
        'WWW-Authenticate: Digest realm="a", nonce="b"',
        "Max-Forwards: 0",
    ),
    *('Reason: Q.850;cause=16;text="x"', 'Warning: 399 a "b"', "X: " + "y" * 900, "User-Agent: pplsip"),
)
OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)
CRYPTO = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n"
BODIES = (
    *("", OFFER, OFFER, OFFER.replace("audio 40000", "audio 0"), OFFER.replace("m=audio", "m=video")),
    *(
        OFFER + "m=video 5 RTP/AVP 31\r\n",
        OFFER.replace("127.0.0.1", "0.0.0.0"),
        OFFER + CRYPTO,
        "1",
        OFFER[:60],
    ),
    *(OFFER.replace("RTP/AVP", "RTP/SAVP") + CRYPTO, OFFER.replace("RTP/AVP", "UDP/TLS/RTP/SAVPF")),
    *(
        OFFER.replace("sendrecv", "inactive"),
        OFFER.replace("sendrecv", "sendonly"),
        OFFER.replace(" 0 8 101", " 18"),
    ),
    *(
        OFFER
        + "a=rtcp-mux\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\na=candidate:1 1 UDP 1 127.0.0.1 4000 typ host\r\n",
    ),
    *(
        OFFER + OFFER[OFFER.index("m=") :],
        "--x\r\n\r\n--x--",
        "SIP/2.0 200 OK\r\n",
        OFFER + "a=rtcp:99999999\r\n",
    ),
)
STEPS = (ANSWER, [{"do": "ring"}], [{"do": "reject", "args": [486, "Busy Here"]}], [{"do": "answer"}])
STEPS += ([{"do": "allow", "what": "refer"}, {"do": "allow", "what": "replace"}, *ANSWER],)


class Madman:
    """One UDP socket and a head full of dialogs."""

    def __init__(self, to: tuple[str, int], seed: int) -> None:
        self._to = to
        self._random = random.Random(seed)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._local = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._heard: list[Message] = []
        self.said: list[bytes] = []

    def speak(self) -> None:
        """One message, or two."""
        chance = self._random.random()
        if chance < 0.15:
            self._send(self._mutated(self._random.choice(ALL).reachable))
        elif chance < 0.55 and self._heard:
            self._send(self._reaction(self._random.choice(self._heard[-8:])).encode())
        else:
            text = self._message().encode()
            self._send(self._mutated(text) if self._random.random() < 0.2 else text)
        self._listen()

    def close(self) -> None:
        self._socket.close()

    def _message(self) -> str:
        """Of nothing in particular, with few enough names for collisions."""
        pick = self._random
        method = pick.choice(METHODS)
        uri = pick.choice(("sip:a@127.0.0.1", "sips:a@127.0.0.1", "tel:+1", "sip:a@h?x=y", "sip:;"))
        first = f"{method} {uri} SIP/2.0"
        if pick.random() < 0.1:
            first = f"SIP/2.0 {pick.choice(STATUSES)} Why"
        tag = pick.choice(("", "", f";tag={pick.randrange(3)}"))
        named = method if pick.random() < 0.9 else pick.choice(METHODS)
        sent_by = f"{pick.choice(('UDP', 'TCP'))} {self._local};rport"
        lines = [first, f"Via: SIP/2.0/{sent_by};branch=z9hG4bK{pick.randrange(12)}"]
        lines += [f"From: <sip:f@x>;tag={pick.randrange(3)}", f"To: <sip:a@x>{tag}"]
        lines += [f"Call-ID: c{pick.randrange(6)}", f"CSeq: {pick.choice((0, 1, 2, 3, 4294967295))} {named}"]
        return self._finished(lines)

    def _reaction(self, heard: Message) -> str:
        """Something inside the dialog of a message of the line: an answer, an ACK, or anything else."""
        pick = self._random
        if not heard.code:
            lines = [f"SIP/2.0 {pick.choice(STATUSES)} Why", *(f"Via: {via}" for via in heard.headers("Via"))]
            to = heard.header("To") + ("" if "tag=" in heard.header("To") else f";tag={pick.randrange(3)}")
            lines += [f"From: {heard.header('From')}", f"To: {to}", f"Call-ID: {heard.header('Call-ID')}"]
            return self._finished([*lines, f"CSeq: {heard.header('CSeq')}"])
        method = pick.choice(("ACK", "ACK", *METHODS))
        number = heard.header("CSeq").split(" ")[0]
        cseq = number if method in ("ACK", "CANCEL") else str(pick.randrange(1, 60))
        lines = [
            f"{method} sip:a@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP {self._local};rport;branch=z9hG4bK{pick.random()}",
        ]
        lines += [f"From: {heard.header('From')}", f"To: {heard.header('To')}"]
        lines += [f"Call-ID: {heard.header('Call-ID')}", f"CSeq: {cseq} {method}"]
        if rseq := heard.header("RSeq"):
            lines.append(f"RAck: {rseq} {number} INVITE")
        return self._finished(lines)

    def _finished(self, lines: list[str]) -> str:
        pick = self._random
        body = pick.choice(BODIES)
        lines += pick.sample(HEADERS, pick.randrange(3))
        if pick.random() < 0.9:
            lines.append(f"Contact: <sip:c@{self._local}>")
        if body and pick.random() < 0.9:
            lines.append("Content-Type: application/sdp")
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])

    def _mutated(self, octets: bytes) -> bytes:
        pick, data = self._random, bytearray(octets)
        for _ in range(pick.randrange(1, 4)):
            at = pick.randrange(len(data) or 1)
            match pick.randrange(4):
                case 0:
                    data[at : at + 1] = bytes([pick.randrange(256)])
                case 1:
                    del data[at : at + pick.randrange(1, 20)]
                case 2:
                    data[at:at] = data[at : at + pick.randrange(1, 40)]
                case _:
                    data[at:at] = pick.choice(
                        (b"\0", b"\r\n", b";", b",", b"<", b'"', b"%00", b" ", b"\t", b"9" * 11)
                    )
        return bytes(data)

    def _send(self, data: bytes) -> None:
        self.said = [*self.said[-60:], data]
        try:
            self._socket.sendto(data, self._to)
        except OSError:
            return

    def _listen(self) -> None:
        try:
            while True:
                text = self._socket.recv(65_535).decode(errors="replace")
                if re.search(r"(?m)^CSeq: \d+ \w", text):
                    self._heard = [*self._heard[-40:], Message(text, 0)]
        except OSError:
            return


def torment(line: Host, seed: int, *, messages: int = 0, seconds: float = 0.0) -> Madman:
    """So many messages, or for so long; returns early when the line is dead."""
    madman, sent, until = Madman(line.address, seed), 0, time.monotonic() + seconds
    pick = random.Random(seed)
    while (sent < messages or time.monotonic() < until) and line.process.poll() is None:
        if sent % 250 == 0:
            with contextlib.suppress(BrokenPipeError):
                line.send({"do": "on_invite", "steps": pick.choice(STEPS)})
        if sent % 15 == 0:
            time.sleep(0.01)  # its buffer is smaller than our patience
        madman.speak()
        sent += 1
    madman.close()
    return madman


def main(seed: int, seconds: float) -> None:
    line = Host(ANSWER, {"PYTHONFAULTHANDLER": "1"})
    with line:
        line.ask("timers", t1=20, t2=80, t4=100, td=200)
        madman = torment(line, seed, seconds=seconds)
        if line.process.poll() is not None:
            print(*(repr(data) for data in madman.said), line.stderr[-3_000:], sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
