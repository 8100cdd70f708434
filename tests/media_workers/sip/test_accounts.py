"""Calls that need a password: digest authentication against a gateway that checks it for real."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bench.sip_caller import Message, sdp
from tests.media_workers.sip.host import Host

REALM, NONCE = "carrier.test", "d0d7a1c5"
USERS = {f"trunk-{i}": f"secret-{i}" for i in range(8)}


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Gateway(threading.Thread):
    """A carrier on a real socket: challenges every INVITE, takes the call when the answer is right."""

    def __init__(self, challenge: str) -> None:
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.port: int = self.sock.getsockname()[1]
        self.code, self.ask, self.answer = {
            "proxy": (407, "Proxy-Authenticate", "Proxy-Authorization"),
            "server": (401, "WWW-Authenticate", "Authorization"),
        }[challenge]
        self.froms: list[str] = []
        self.start()

    def run(self) -> None:
        while True:
            try:
                data, source = self.sock.recvfrom(8192)
            except OSError:
                return
            request = Message(data.decode(), 0)
            method = request.text.split(" ")[0]
            if method == "INVITE":
                self._respond(request, source, *self._judge(request))
            elif method != "ACK":
                self._respond(request, source, "200 OK")

    def _judge(self, request: Message) -> tuple[str, ...]:
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', request.header(self.answer)))
        user = given.get("username", "")
        ha1 = md5(f"{user}:{REALM}:{USERS.get(user, '')}")
        ha2 = md5(f"INVITE:{given.get('uri', '')}")
        qop = ":".join(given.get(k, "") for k in ("nc", "cnonce", "qop"))
        if given.get("response") == md5(f"{ha1}:{given.get('nonce')}:{qop}:{ha2}"):
            self.froms.append(request.header("From"))
            return "200 OK", sdp(40_000)
        stale = f'{self.ask}: Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5, qop="auth"'
        return f"{self.code} Authenticate", "", stale

    def _respond(self, request: Message, to: Any, status: str, body: str = "", *headers: str) -> None:
        lines = [f"SIP/2.0 {status}", f"Via: {request.header('Via')}", f"From: {request.header('From')}"]
        tag = "" if "tag=" in request.header("To") else ";tag=gw"
        lines += [f"To: {request.header('To')}{tag}", f"Call-ID: {request.header('Call-ID')}"]
        lines += [f"CSeq: {request.header('CSeq')}", f"Contact: <sip:127.0.0.1:{self.port}>", *headers]
        lines += ["Content-Type: application/sdp"] if body else []
        text = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
        self.sock.sendto(text.encode(), to)


@pytest.fixture(params=["proxy", "server"])
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    gateway = Gateway(request.param)
    yield gateway
    gateway.sock.close()


def test_the_right_password_opens_the_gateway_and_stays_out_of_the_trace(gateway: Gateway) -> None:
    with Host([]) as us:
        leg = us.dial(gateway.port, username="trunk-1", password="secret-1")
        us.wait("answered", leg)
        us.do("hang_up", leg)
        us.wait("ended", leg)
        assert gateway.froms[0].startswith("<sip:+12025550151@127.0.0.1>")
        assert us.ladder(leg).count("> INVITE") == 2
        texts = [e["text"] for e in us.all("sip", leg)]
        assert f"{gateway.answer}: Digest ***" in "".join(texts)
        assert not any("response=" in text or "trunk-1" in text or NONCE in text for text in texts[3:])
        assert "secret-1" not in us.stderr + "".join(texts)


def test_the_wrong_password_ends_the_call_with_the_gateways_code(gateway: Gateway) -> None:
    with Host([]) as us:
        leg = us.dial(gateway.port, username="trunk-1", password="wrong")
        end = us.wait("ended", leg)
        assert (end["sip_code"], end["answered"], end["by_peer"]) == (gateway.code, False, True)


def test_no_password_where_one_is_asked_for(gateway: Gateway) -> None:
    with Host([]) as us:
        assert us.wait("ended", us.dial(gateway.port))["sip_code"] == gateway.code


def test_more_trunks_than_pjsip_has_accounts_are_served_in_turn(gateway: Gateway) -> None:
    with Host([]) as us:
        for user, password in [*USERS.items(), *USERS.items()]:
            leg = us.dial(gateway.port, username=user, password=password)
            us.wait("answered", leg)
            us.do("hang_up", leg)
            assert us.wait("ended", leg)["sip_code"] == 200
        assert len(gateway.froms) == 2 * len(USERS)


def test_four_trunks_at_once(gateway: Gateway) -> None:
    with Host([]) as us:
        some = list(USERS.items())[:4]
        legs = [us.dial(gateway.port, username=user, password=password) for user, password in some]
        for leg in legs:
            us.wait("answered", leg)
        for leg in legs:
            us.do("hang_up", leg)
        assert [us.wait("ended", leg)["sip_code"] for leg in legs] == [200] * 4
