from __future__ import annotations

from telephony.trunks.headers import headers_to_send, variables_from


def test_variables_are_filled_in_and_empty_headers_left_out() -> None:
    templates = {"X-Account": "acc-{{account}}", "X-Call": "{{ call_id }}", "X-Empty": "{{nothing}}"}
    assert headers_to_send(templates, {"account": "7", "call_id": "call_1"}) == {
        "X-Account": "acc-7",
        "X-Call": "call_1",
    }


def test_a_value_cannot_begin_a_header_of_its_own() -> None:
    evil = "a\r\nRoute: <sip:evil.example;lr>\x00\u2028b"
    (value,) = headers_to_send({"X-Name": "{{name}}"}, {"name": evil}).values()
    assert value == "a Route: <sip:evil.example;lr> b"
    assert len(headers_to_send({"X-Name": "{{name}}"}, {"name": "x" * 5000})["X-Name"]) == 256


def test_headers_of_an_invite_become_variables() -> None:
    headers = {"x-customer": "C-7\r\n", "X-Other": "o"}
    assert variables_from(headers, {"X-Customer": "customer", "X-Missing": "missing"}) == {"customer": "C-7"}
