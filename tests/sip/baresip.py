"""baresip (Debian's baresip-core), a telephone of somebody else: answers or calls, plays a tone, records."""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from tests.sip.ports import free_block
from tests.sip.wait import until

MODULES = Path("/usr/lib/baresip/modules")
LOOPBACK = "127.0.0.1"

Srtp = Literal["", "srtp", "srtp-mand", "srtp-mandf"]
"""No SRTP; offered as RTP/AVP with keys; required; the same with feedback (RTP/SAVPF)."""

_CONFIG = """
sip_listen {address}:{port}
net_interface {address}
call_max_calls 4
audio_source aufile,{folder}/tone.wav
audio_player aubridge,ear
audio_alert aubridge,bell
snd_path {folder}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {first}-{last}
module_path {modules}
module g711.so
module aubridge.so
module aufile.so
module sndfile.so
module srtp.so
module_app account.so
module_app menu.so
"""


class Baresip:
    """A context manager, ready when entered. It calls `dial` (a SIP URI) at once, when given, answers any
    call to `phone`, and stays until it is left or hung up on. `port` is its SIP port, UDP and TCP.
    `account` is another one than `phone`, with its parameters, for a phone that registers."""

    def __init__(
        self,
        folder: Path,
        *,
        dial: str = "",
        address: str = LOOPBACK,
        hz: int = 700,
        srtp: Srtp = "",
        codecs: Sequence[str] = ("pcmu", "pcma"),
        wrapper: Sequence[str] = (),
        account: Sequence[str] = (),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        first = free_block(24)
        self.port = first + 20  # it takes the next one too, for TLS
        config = _CONFIG.format(
            address=address, port=self.port, first=first, last=first + 19, folder=folder, modules=MODULES
        )
        (folder / "config").write_text(config)
        account = [*(account or (f"<sip:phone@{address}>", "regint=0")), "answermode=auto"]
        account += [f"audio_codecs={','.join(codecs)}", *([f"mediaenc={srtp}"] if srtp else [])]
        (folder / "accounts").write_text(";".join(account) + "\n")
        (folder / "contacts").write_text("")
        _write_tone(folder / "tone.wav", hz)
        dialing = ["-e", f"/dial {dial}"] if dial else []
        self._command = [*wrapper, "baresip", "-4", "-f", str(folder), *dialing]

    def __enter__(self) -> Baresip:
        with (self._folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            until(self._ready, "baresip is ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def log(self) -> str:
        """What it has said so far."""
        return (self._folder / "log").read_text(errors="replace")

    def heard(self) -> np.ndarray:
        """What it has heard so far, as samples."""
        files = sorted(self._folder.glob("dump-*-dec.wav"))
        if not files:
            return np.zeros(0, np.int16)
        data = files[-1].read_bytes()[44:]  # the length in the header is written at the end only
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2")

    def _ready(self) -> bool:
        assert self.process.poll() is None, self.log()
        return "baresip is ready" in self.log()


def _write_tone(path: Path, hz: int) -> None:
    samples = 8000 * np.sin(2 * np.pi * hz * np.arange(8000 * 30) / 8000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.astype("<i2").tobytes())
