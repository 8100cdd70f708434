"""The measuring instruments themselves: mu-law, speech energy, loss, keys, recorded speech."""

from __future__ import annotations

import socket
import struct

import numpy as np

from tests.sip import malformed, rtp, speech
from tests.sip.wait import until


def test_mu_law_decodes_to_the_values_of_g711() -> None:
    codes = bytes([0x00, 0x80, 0x7F, 0xFF, 0x55])
    assert rtp.decode(codes).tolist() == [-32124, 32124, 0, 0, -716]


def test_spoken_lines_are_speech_and_pauses_are_not() -> None:
    spoken = speech.timeline(1_000, "What are your opening hours?", 500)
    heard = rtp.Heard(ulaw=bytearray(spoken))
    assert heard.speech_ms() >= 1_000
    assert rtp.Heard(ulaw=bytearray(spoken[:8_000])).speech_ms() == 0
    assert speech.duration_ms(spoken) - 1_500 == speech.duration_ms(
        speech.ulaw("What are your opening hours?")
    )


def test_a_peer_counts_packets_and_losses_over_the_turn_of_the_sequence() -> None:
    with rtp.RtpPeer() as peer, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", peer.port))
        for seq in (65_534, 65_535, 1, 2):  # 0 is lost
            sender.send(rtp.RTP_HEADER.pack(0x80, 0, seq, seq * 160, 7) + b"\x00" * 160)
        until(lambda: peer.heard.packets == 4, "four packets received")
    assert peer.heard.lost == 1
    assert len(peer.heard.ulaw) == 4 * 160
    assert np.all(rtp.decode(bytes(peer.heard.ulaw)) == -32124)


def test_a_key_is_counted_once_however_often_its_event_is_sent() -> None:
    with rtp.RtpPeer() as peer, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", peer.port))
        for seq, key, stamp in ((1, 4, 160), (2, 4, 160), (3, 4, 800), (4, 11, 1_600)):
            event = struct.pack("!BBH", key, 10, 160)
            sender.send(rtp.RTP_HEADER.pack(0x80, 101, seq, stamp, 7) + event)
        until(lambda: peer.heard.packets == 4, "four packets received")
    assert peer.heard.digits == "44#"


def test_malformed_messages_differ_from_a_good_one() -> None:
    messages = malformed.messages(("127.0.0.1", 5060))
    assert len({bytes(text) for text in messages.values()}) == len(messages)
    assert b"Call-ID" not in messages["no Call-ID"]
    assert max(map(len, messages.values())) < 65_000
