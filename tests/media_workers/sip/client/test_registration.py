"""A registration's life, without a socket; time is a number."""

from __future__ import annotations

import random
from itertools import pairwise
from uuid import uuid4

import pytest

from media_workers.contract.calls import Gateway
from media_workers.contract.signalling import RegistrationTask
from media_workers.sip.client.messages import Request, Response, Sender, read_response
from media_workers.sip.client.registration import LAST_RETRY_S, NO_CREDENTIALS, REFUSED_RETRY_S, Registration

SENDER = Sender("192.0.2.1:5099", "udp")
CONTACT = "sip:acme-abc@192.0.2.1:5060"
DEMAND = 'Digest realm="carrier", nonce="n{0}", qop="auth", algorithm=SHA-256'


def registration(*, expires_s: int = 300, route: str = "") -> Registration:
    task = RegistrationTask(
        trunk_id=uuid4(),
        registrar=Gateway(host="sip.example.com", port=5070, transport="tcp"),
        user="acme",
        username="acme",
        password="secret",
        contact_user="acme-abc",
        expires_s=expires_s,
    )
    return Registration(task, contact=CONTACT, route=route, now=0.0, rng=random.Random(1))


def response(code: int, *headers: str) -> Response:
    text = "\r\n".join([f"SIP/2.0 {code} Some Reason", "v: SIP/2.0/UDP a;branch=z9hG4bKx", *headers, "", ""])
    read = read_response(text)
    assert read is not None
    return read


def test_what_is_sent() -> None:
    text = registration(route="sip:10.0.0.1:5060;lr").request(SENDER).text

    assert text.startswith("REGISTER sip:sip.example.com:5070;transport=tcp SIP/2.0\r\n")
    assert "Via: SIP/2.0/UDP 192.0.2.1:5099;rport;branch=z9hG4bK" in text
    assert "\r\nTo: <sip:acme@sip.example.com>\r\n" in text
    assert f"\r\nContact: <{CONTACT}>;expires=300\r\n" in text
    assert "\r\nRoute: <sip:10.0.0.1:5060;lr>\r\n" in text
    assert text.endswith("Content-Length: 0\r\n\r\n")


def test_granted_refreshed_before_it_ends_with_the_same_call_id() -> None:
    reg = registration()
    first = reg.request(SENDER)
    assert reg.state == "registering"
    reg.answered(response(200, f"Contact: <sip:other@x>;expires=5, <{CONTACT}>;q=1;expires=120"), now=10.0)

    assert (reg.state, reg.expires_at) == ("registered", 130.0)
    assert 10.0 < reg.due_at < 130.0
    second = reg.request(SENDER)
    assert reg.state == "registered"
    assert line(second, "Call-ID") == line(first, "Call-ID")
    assert [line(r, "CSeq") for r in (first, second)] == ["1 REGISTER", "2 REGISTER"]
    assert first.branch != second.branch


@pytest.mark.parametrize(("headers", "seconds"), [(("Expires: 60",), 60), ((), 300)])
def test_how_long_when_our_contact_does_not_say(headers: tuple[str, ...], seconds: int) -> None:
    reg = registration()
    reg.request(SENDER)
    reg.answered(response(200, *headers), now=0.0)

    assert reg.expires_at == seconds


def test_proves_itself_once_and_says_so_when_that_is_not_enough() -> None:
    reg = registration()
    assert "Authorization" not in reg.request(SENDER).text
    reg.answered(response(401, f"WWW-Authenticate: {DEMAND.format(1)}"), now=1.0)

    assert reg.due_at == 1.0
    proven = reg.request(SENDER).text
    assert 'nonce="n1"' in line_of(proven, "Authorization")
    assert 'uri="sip:sip.example.com:5070;transport=tcp"' in proven
    assert "secret" not in proven
    reg.answered(response(401, f"WWW-Authenticate: {DEMAND.format(2)}"), now=2.0)
    assert (reg.state, reg.last_error) == ("failed", NO_CREDENTIALS)
    assert reg.due_at - 2.0 >= REFUSED_RETRY_S * 0.8


def test_a_stale_nonce_is_proven_anew_but_not_for_ever() -> None:
    reg = registration()
    for i in range(10):
        reg.request(SENDER)
        reg.answered(response(407, f"Proxy-Authenticate: {DEMAND.format(i)}, stale=true"), now=1.0)
        if reg.state == "failed":
            break

    assert 1 < i < 5
    assert reg.last_error == NO_CREDENTIALS


def test_a_demand_nobody_knows() -> None:
    reg = registration()
    reg.request(SENDER)
    reg.answered(response(401, 'WWW-Authenticate: Digest realm="a", nonce="b", algorithm=AKAv1-MD5'), now=0.0)

    assert reg.state == "failed"
    assert "do not know" in reg.last_error


def test_a_longer_time_is_asked_for_when_the_registrar_wants_it() -> None:
    reg = registration(expires_s=60)
    reg.request(SENDER)
    reg.answered(response(423, "Min-Expires: 1800"), now=0.0)

    assert reg.due_at == 0.0
    assert "expires=1800" in reg.request(SENDER).text
    reg.answered(response(423, "Min-Expires: 1800"), now=0.0)
    assert reg.state == "failed"


def test_no_answer_backs_off_further_each_time_and_begins_anew_after_a_success() -> None:
    reg = registration()
    waits = []
    now = 0.0
    for _ in range(12):
        reg.request(SENDER)
        reg.failed("No answer.", now=now)
        waits.append(reg.due_at - now)
        now = reg.due_at

    assert reg.state == "backing_off"
    assert waits[0] < 10
    assert all(a < b for a, b in pairwise(waits[:6]))
    assert max(waits) <= LAST_RETRY_S * 1.2
    reg.request(SENDER)
    reg.answered(response(200), now=now)
    reg.failed("No answer.", now=now + 240)
    assert reg.due_at - now - 240 < 10


def test_a_registration_that_runs_stays_one_while_its_refresh_fails() -> None:
    reg = registration()
    reg.request(SENDER)
    reg.answered(response(200), now=0.0)
    reg.request(SENDER)
    reg.answered(response(503, "Retry-After: 45 (busy)"), now=240.0)

    assert (reg.state, reg.last_error) == ("registered", "The registrar answered 503 Some Reason.")
    assert reg.due_at == 285.0
    reg.request(SENDER)
    reg.failed("No answer.", now=301.0)
    assert (reg.state, reg.expires_at) == ("backing_off", None)


def test_taken_back() -> None:
    reg = registration()
    reg.request(SENDER)
    reg.answered(response(200), now=0.0)
    reg.end(now=5.0)

    assert reg.due_at == 5.0
    assert "expires=0" in reg.request(SENDER).text
    assert not reg.over
    reg.answered(response(200), now=5.0)
    assert reg.over


def line(request: Request, name: str) -> str:
    return line_of(request.text, name)


def line_of(text: str, name: str) -> str:
    (value,) = [row.split(": ", 1)[1] for row in text.split("\r\n") if row.startswith(f"{name}: ")]
    return value


def test_taking_back_is_not_turned_into_a_registration_by_a_423() -> None:
    reg = registration()
    reg.request(SENDER)
    reg.answered(response(200), now=0.0)
    reg.end(now=1.0)
    reg.request(SENDER)
    reg.answered(response(423, "Min-Expires: 1800"), now=1.0)
    assert reg.over
    assert reg.state == "none"


def test_a_registrars_absurd_times_neither_hurry_nor_stop_us() -> None:
    reg = registration()
    reg.request(SENDER)
    reg.answered(response(200, f"Contact: <{CONTACT}>;expires=0"), now=0.0)
    assert reg.due_at >= 5.0
    reg.request(SENDER)
    reg.answered(response(503, "Retry-After: 999999999"), now=10.0)
    assert reg.due_at <= 10.0 + 3_600
    reg.request(SENDER)
    reg.answered(response(200, "Expires: 999999999"), now=20.0)
    assert reg.due_at <= 20.0 + 86_400
