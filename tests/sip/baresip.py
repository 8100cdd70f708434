"""baresip (Debian's baresip-core), a telephone that is not ours: answers or calls, plays a tone, records."""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np

from tests.sip.ports import free_block
from tests.sip.wait import until

TONE_HZ = 700
MODULES = sorted(Path("/usr/lib").glob("**/baresip/modules")) or [Path("/usr/lib/baresip/modules")]

Srtp = Literal["", "srtp", "srtp-mand", "srtp-mandf"]
"""No SRTP; offered as RTP/AVP with keys; required; the same with feedback (RTP/SAVPF)."""

_CONFIG = """
sip_listen 127.0.0.1:{port}
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
    """Running. `port` is its SIP port, UDP and TCP."""

    def __init__(
        self, folder: Path, srtp: Srtp, codecs: Sequence[str], dial: str, facts: Sequence[str]
    ) -> None:
        first = free_block(24)
        self.port = first + 20  # it takes the next one too, for TLS
        self._folder = folder
        config = _CONFIG.format(
            port=self.port, first=first, last=first + 19, modules=MODULES[0], folder=folder
        )
        (folder / "config").write_text(config)
        _write_tone(folder / "tone.wav")
        account = ["<sip:phone@127.0.0.1>", "regint=0", "answermode=auto", f"audio_codecs={','.join(codecs)}"]
        account += [f"mediaenc={srtp}"] if srtp else []
        (folder / "accounts").write_text(";".join([*account, *facts]) + "\n")
        (folder / "contacts").write_text("")
        command = ["baresip", "-f", str(folder), *(["-e", f"/dial {dial}"] if dial else [])]
        self._log = folder / "log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text(errors="replace")

    def ready(self) -> bool:
        assert self._process.poll() is None, self.log
        return "baresip is ready" in self.log

    def hears(self) -> bool:
        """It has recorded some of what it hears."""
        return any(path.stat().st_size > 8_000 for path in self._folder.glob("dump-*-dec.wav"))

    def heard(self) -> np.ndarray:
        """What it has heard, as samples, once it has stopped."""
        [path] = self._folder.glob("dump-*-dec.wav")
        with wave.open(str(path)) as recording:
            return np.frombuffer(recording.readframes(recording.getnframes()), "<i2")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _write_tone(path: Path) -> None:
    samples = 8000 * np.sin(2 * np.pi * TONE_HZ * np.arange(8000 * 30) / 8000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.astype("<i2").tobytes())


@contextmanager
def baresip(
    folder: Path,
    *,
    srtp: Srtp = "",
    codecs: Sequence[str] = ("pcmu", "pcma"),
    dial: str = "",
    facts: Sequence[str] = (),
) -> Iterator[Baresip]:
    """In an empty `folder`. Calls `dial`, when given; `facts` are more parameters of its account."""
    phone = Baresip(folder, srtp, codecs, dial, facts)
    try:
        until(phone.ready, "baresip is ready")
        yield phone
    finally:
        phone.stop()
