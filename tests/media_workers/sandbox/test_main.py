"""The command line: what it prints and how it refuses."""

from __future__ import annotations

from media_workers.sandbox.__main__ import main
from media_workers.sandbox.numbers import table


def test_numbers_prints_the_table(capsys) -> None:
    assert main(["numbers"]) == 0
    assert capsys.readouterr().out.strip() == table()


def test_a_bad_script_is_refused_before_anything_is_dialed(capsys) -> None:
    assert main(["call", "--to", "sip:1@127.0.0.1:9", "--script", "nothing"]) == 2
    assert "no script is called 'nothing'" in capsys.readouterr().err


def test_a_bad_address_is_refused(capsys) -> None:
    assert main(["call", "--to", "reception", "--script", "goodbye"]) == 2
    assert "'reception' is not a SIP address; write it as sip:" in capsys.readouterr().err
