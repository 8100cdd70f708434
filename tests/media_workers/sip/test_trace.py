"""SIP messages out of pjsip's log: which entries are one, whose, and which way they went."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from media_workers.sip.trace import Trace, TracedMessage
from media_workers.sip.trace import read_log_entry as read

BYE = "BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP c\r\nCall-ID:  one@host \r\nCSeq: 7 BYE\r\n\r\n"
ENTRY = f"RX 420 bytes Request msg BYE/cseq=7 (rdata0x7f) from UDP 192.0.2.1:5060:\n{BYE}\n--end msg--"


def local(transport: str, peer: str) -> str:
    return f"our end of {transport} with {peer}"


def read_log_entry(entry: str) -> TracedMessage | None:
    return read(entry, local, clock=lambda: 17.5)


def test_a_received_message() -> None:
    before = datetime.now(UTC)
    message = read_log_entry(ENTRY)
    assert message is not None
    assert before <= message.at <= datetime.now(UTC)
    assert message == TracedMessage(
        call_id="one@host",
        direction="in",
        peer="192.0.2.1:5060",
        transport="udp",
        text=BYE,
        local="our end of udp with 192.0.2.1:5060",
        at=message.at,
        clock=17.5,
    )
    assert (message.method, message.status, message.first_line) == ("BYE", None, "BYE sip:a@b SIP/2.0")


def test_a_sent_response_belongs_to_the_method_it_answers() -> None:
    ok = "SIP/2.0 200 OK\r\ni: one@host\r\nCSeq: 7 BYE\r\n\r\n"
    entry = f"TX 90 bytes Response msg 200/BYE/cseq=7 (tdta0x7f) to TCP 192.0.2.1:5060:\n{ok}\n--end msg--"
    message = read_log_entry(entry)
    assert message is not None
    assert (message.direction, message.transport, message.method) == ("out", "tcp", "BYE")
    assert message.status == 200


@pytest.mark.parametrize(
    "entry",
    [
        "Call 0: updating media..",
        "RX bitrate is 64 kbit/s",
        "TX 12 bytes of something that is no message",
        ENTRY.replace("Call-ID", "X-ID"),
        "",
    ],
)
def test_everything_else_is_no_message(entry: str) -> None:
    assert read_log_entry(entry) is None


def test_a_message_that_was_cut_is_kept_as_far_as_it_goes_and_says_so() -> None:
    message = read_log_entry(ENTRY.removesuffix("\n--end msg--")[:-2])
    assert message is not None
    assert (message.text, message.cut) == (BYE[:-2], True)


def test_credentials_do_not_leave_it() -> None:
    entry = ENTRY.replace("CSeq", 'Proxy-Authorization: Digest response="0f0f"\r\nCSeq')
    message = read_log_entry(entry)
    assert message is not None
    assert "0f0f" not in message.text


def test_messages_wait_and_are_handed_on_once_in_order() -> None:
    trace, got = Trace(local), []
    trace.logged(ENTRY)
    trace.logged("Call 0: updating media..")
    trace.logged(ENTRY.replace("one@host", "two@host"))
    trace.drain(got.append)
    trace.drain(got.append)
    assert [m.call_id for m in got] == ["one@host", "two@host"]
