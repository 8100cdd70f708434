"""What a trunk's policy makes of an SDP: which codecs are offered and answered, and whether an offer will do.

Text in, text out; pjsip has made or parsed what comes here. A description without audio is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from media_workers.audio.pcm import FRAME_MS
from media_workers.contract.calls import LegPolicy

PAYLOAD_TYPES = {"pcmu": "0", "pcma": "8"}
"""Static ones (RFC 3551, table 4): both sides may leave out their rtpmap."""

_CODEC_OF = {number: name for name, number in PAYLOAD_TYPES.items()}
_MEDIA = re.compile(r"(?m)^m=")
_AUDIO = re.compile(r"m=audio (\d+)(?:/\d+)? (\S+) ([^\r\n]+)")
_RTPMAP = re.compile(r"(?mi)^a=rtpmap:(\d+) ([A-Za-z0-9.-]+)/8000")
_ABOUT_PAYLOAD = re.compile(r"a=(?:rtpmap|fmtp|rtcp-fb):(\d+)[ :]")
_CRYPTO = re.compile(r"(?mi)^a=crypto:")


def offers_srtp(sdp: str) -> bool:
    """Whether the audio of `sdp` may be encrypted with keys it brings (SDES, RFC 4568)."""
    audio = _audio(sdp)
    return bool(_CRYPTO.search(audio)) or _insists_on_srtp(audio)


def refusal(offer: str, policy: LegPolicy) -> str:
    """Why `policy` cannot take `offer`, in words; "" when it can. Without an offer we make one."""
    audio = _audio(offer)
    if not audio:
        return ""
    if policy.srtp == "required" and not offers_srtp(offer):
        return "SRTP is required here and was not offered"
    if policy.srtp == "off" and _insists_on_srtp(audio):
        return "SRTP is switched off here and was insisted on"
    if not _shared(policy, audio):
        return f"No codec in common, this trunk takes {', '.join(policy.codecs).upper()}"
    return ""


def shortcoming(answer: str, policy: LegPolicy) -> str:
    """Why our `answer` is not what `policy` insists on; "" when it is. Without an offer there is none."""
    if policy.srtp == "required" and not offers_srtp(answer):
        return "SRTP is required here and could not be agreed on"
    return ""


def shaped(local: str, remote: str, policy: LegPolicy) -> str:
    """Our `local` description as `policy` wants it: in an offer (`remote` is "") its codecs in its order,
    in an answer the one it likes best of those that both have. Always says the length of our packets:
    pjsip leaves out what it takes for the default, and not every carrier's default is 20 ms.
    """
    start, audio, end = _cut(local)
    if not audio:
        return local
    codecs = _shared(policy, _audio(remote))[:1] if remote else policy.codecs
    audio = _only(audio, [PAYLOAD_TYPES[codec] for codec in codecs])
    if "a=ptime" not in audio:
        audio += f"a=ptime:{FRAME_MS}\r\n"
    return start + audio + end


def without_keys(sdp: str) -> str:
    """`sdp` that offers no encryption. For RTP/AVP alone: RTP/SAVP means nothing without them."""
    return "".join(line for line in sdp.splitlines(keepends=True) if not _CRYPTO.match(line))


def _cut(sdp: str) -> tuple[str, str, str]:
    """Before the audio, the audio (its m= line and what belongs to it), and after it."""
    found = _AUDIO.search(sdp)
    if found is None or found[1] == "0":
        return sdp, "", ""
    following = _MEDIA.search(sdp, found.end())
    until = following.start() if following else len(sdp)
    return sdp[: found.start()], sdp[found.start() : until], sdp[until:]


def _audio(sdp: str) -> str:
    return _cut(sdp)[1]


def _insists_on_srtp(audio: str) -> bool:
    found = _AUDIO.match(audio)
    return found is not None and "SAVP" in found[2].upper()


def _shared(policy: LegPolicy, audio: str) -> list[str]:
    found = _AUDIO.match(audio)
    names = dict(_RTPMAP.findall(audio))
    theirs = {names.get(n, _CODEC_OF.get(n, "")).lower() for n in found[3].split()} if found else set()
    return [codec for codec in policy.codecs if codec in theirs]


def _only(audio: str, wanted: Iterable[str]) -> str:
    """`audio` with these payload types in this order, and those that are no codec of ours
    (telephone-event). Without any of them it is left as it is: there is nothing better to say."""
    found = _AUDIO.match(audio)
    assert found is not None, "cut out by the same expression"  # noqa: S101
    present = found[3].split()
    kept = [number for number in wanted if number in present]
    if not kept:
        return audio
    kept += [number for number in present if number not in _CODEC_OF]
    lines = audio.splitlines(keepends=True)[1:]
    about = [(_ABOUT_PAYLOAD.match(line), line) for line in lines]
    told = [line for match, line in about if match is None or match[1] in kept]
    return audio[: found.start(3)] + " ".join(kept) + "\r\n" + "".join(told)
