from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from config.local.errors import StartError
from config.local.lock import is_running, only_one


def test_a_second_one_is_told_who_runs(tmp_path: Path) -> None:
    told = re.escape(f"runs already on {tmp_path} (process {os.getpid()})")
    with only_one(tmp_path), pytest.raises(StartError, match=told), only_one(tmp_path):
        pass


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    with only_one(tmp_path):
        assert is_running(tmp_path)
    assert not is_running(tmp_path)
    with only_one(tmp_path):
        pass
