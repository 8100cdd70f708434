"""baresip, a telephone of somebody else: calls, plays a tone, and records what it hears."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

MODULES = Path("/usr/lib/baresip/modules")

CONFIG = """
module_path {modules}
module g711.so
module ausine.so
module sndfile.so
module_tmp account.so
module_app menu.so
sip_listen {address}:5060
call_max_calls 4
audio_source ausine,{hz}
audio_player aufile,{folder}/played.wav
ausrc_srate 48000
auplay_srate 8000
ausrc_channels 2
auplay_channels 1
snd_path {folder}
net_interface {address}
rtp_ports 6000-6100
"""


class Baresip:
    """A context manager: calls `uri` at once from `address`, and stays until it is left or hung up on."""

    def __init__(self, uri: str, folder: Path, *, address: str, hz: int, wrapper: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        config = CONFIG.format(modules=MODULES, address=address, folder=folder, hz=hz)
        (folder / "config").write_text(config)
        (folder / "accounts").write_text(f"<sip:phone@{address}>;regint=0;audio_codecs=PCMU/8000/1\n")
        (folder / "contacts").write_text("")
        command = [*wrapper, "baresip", "-4", "-f", str(folder), "-e", f"d{uri}", "-t", "60"]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self) -> Baresip:
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.kill()
        self.process.wait()

    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def heard(self) -> np.ndarray:
        """What it has heard so far, as samples."""
        files = sorted(self._folder.glob("dump-*-dec.wav"))
        if not files:
            return np.zeros(0, np.int16)
        data = files[-1].read_bytes()[44:]  # the length in the header is written at the end only
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2")
