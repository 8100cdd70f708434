"""Command line of the sandbox phone network: `python -m media_workers.sandbox serve|call|numbers`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from media_workers.providers.base import ProviderError
from media_workers.sandbox import numbers
from media_workers.sandbox.script import AnyStep, Script, ScriptError, builtin_names, load


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done (for `call`: the script was completed), 1 the call went otherwise, 2 usage."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return int(arguments.run(arguments))
    except (ScriptError, ProviderError, ValueError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m media_workers.sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    serve = commands.add_parser("serve", help="run the phones of the magic numbers")
    serve.add_argument("--host", default=os.environ.get("SANDBOX_HOST", "127.0.0.1"))
    serve.add_argument("--port", type=int, default=os.environ.get("SANDBOX_PORT", "5090"))
    serve.add_argument("--control", default=_control_url(), help="URL of the control plane, for test suites")
    serve.set_defaults(run=_serve)

    call = commands.add_parser("call", help="place a scripted call; prints its result as JSON")
    call.add_argument("--to", required=True, help="sip:+12025550100@127.0.0.1:5060")
    call.add_argument("--from", dest="caller_id", default="+12025550150", help="our number, E.164")
    call.add_argument(
        "--script", required=True, help=f"a .yaml or .json file, or {', '.join(builtin_names())}"
    )
    call.add_argument("--save", type=Path, help="WAV file for what was heard")
    call.add_argument("--timeout", type=float, default=300.0, help="seconds until the call is given up")
    call.set_defaults(run=_call)

    show = commands.add_parser("numbers", help="print the magic numbers")
    show.set_defaults(run=_numbers)
    return parser


def _control_url() -> str:
    """As a media node finds it."""
    host, port = os.environ.get("WEB_HOST", "127.0.0.1"), os.environ.get("WEB_PORT", "8000")
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return os.environ.get("CONTROL_URL", f"http://{host}:{port}").rstrip("/")


def _serve(arguments: argparse.Namespace) -> int:
    from media_workers.sandbox.server import serve  # only now: it loads the SIP stack

    serve(arguments.host, arguments.port, arguments.control)
    return 0


def _call(arguments: argparse.Namespace) -> int:
    script: Script = load(arguments.script)
    from media_workers.sandbox.caller import run  # only now: it loads the SIP stack

    result = run(
        to=arguments.to,
        script=script,
        caller_id=arguments.caller_id,
        save=arguments.save,
        on_step=_show_step,
        timeout_s=arguments.timeout,
    )
    print(result.model_dump_json(indent=2))
    return 0 if result.completed else 1


def _show_step(number: int, step: AnyStep) -> None:
    details = step.model_dump(exclude={"do"}, exclude_defaults=True)
    print(f"{number}. {step.do} {details or ''}", file=sys.stderr, flush=True)


def _numbers(arguments: argparse.Namespace) -> int:
    print(numbers.table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
