"""The server holds requests and its own answers to Twilio's documents; else the other tests prove little."""

from __future__ import annotations

import httpx
import pytest

from tests.fakes.twilio_server.documents import PRESENT, REASON, faults_of_answer
from tests.fakes.twilio_server.server import SID, TOKEN, TwilioServer, twilio_server

pytestmark = pytest.mark.skipif(not PRESENT, reason=REASON)
API, ACCOUNT = "api.twilio.com", f"/2010-04-01/Accounts/{SID}"


@pytest.mark.parametrize(
    ("method", "path", "form", "says"),
    [
        ("POST", f"{API}{ACCOUNT}/Messages.json", {"From": "+12065550123", "Body": "Hi"}, "To is missing"),
        ("POST", f"{API}{ACCOUNT}/Messages.json", {"To": "+12065550177", "Key": "1"}, "nobody knows Key"),
        ("POST", f"{API}{ACCOUNT}/IncomingPhoneNumbers.json", {"BundleSid": "BU1"}, "'BU1' is not ^BU"),
        ("POST", "trunking.twilio.com/v1/Trunks", {"Secure": "yes"}, "'yes' is not"),
        ("POST", "trunking.twilio.com/v1/Trunks", {"TransferMode": "all"}, "'all' is not one of"),
        ("GET", f"{API}{ACCOUNT}/Calls.json?PageSize=2000", {}, "1 to 1000"),
        ("GET", f"{API}{ACCOUNT}/Usage/Records/Daily.json?StartDate=today", {}, "'today' is not"),
        ("GET", f"{API}{ACCOUNT}/Numbers.json", {}, "no such operation"),
        ("GET", f"{API}/2010-04-01/Accounts/AC1/Calls.json", {}, "'AC1' is not ^AC"),
        ("POST", "numbers.twilio.com/v2/RegulatoryCompliance/Bundles", {"Name": "x"}, "nobody knows Name"),
    ],
)
def test_a_request_that_twilio_does_not_know(method: str, path: str, form: dict[str, str], says: str) -> None:
    with twilio_server() as server:
        answer = httpx.request(method, f"{server.url}/{path}", data=form, auth=(SID, TOKEN))

    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert server.faults


def test_an_answer_that_twilio_would_not_give() -> None:
    path = f"{ACCOUNT}/Messages.json"

    assert faults_of_answer(API, "POST", path, 201, {"sid": "SM" + "0" * 32, "to": "+12065550177"}) == []
    for wrong in ({"sid": "MM1"}, {"sid": 7}, {"text": "Hi"}, {"status": "lost"}):
        assert faults_of_answer(API, "POST", path, 201, wrong)
    assert faults_of_answer(API, "POST", path, 200, {})


def test_who_has_no_token() -> None:
    server = TwilioServer()
    with server.running():
        answer = httpx.get(f"{server.url}/{API}{ACCOUNT}/Calls.json", auth=(SID, "another"))

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
