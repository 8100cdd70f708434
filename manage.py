#!/usr/bin/env python
"""Trunkline's commands; `python manage.py help` lists them."""

import importlib
import os
import sys
from pathlib import Path

# They start the servers that the settings name, so they run before any settings are read.
STARTERS = ("up", "demo")


def main() -> None:
    # platform/ is a source root: `config` and `apps` are packages, platform itself is the standard
    # library's. This file's own folder, which Python puts first, is on the path as installed.
    sys.path[0] = str(Path(__file__).resolve().parent / "platform")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(sys.argv) > 1 and sys.argv[1] in STARTERS:
        command = importlib.import_module(f"config.management.commands.{sys.argv[1]}")
        command.Command().run_from_argv(sys.argv)
    else:
        run_with_settings()


def run_with_settings() -> None:
    """A missing setting or server is a sentence, not a traceback (unless --traceback asks for one)."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))
    except OperationalError as error:
        # An error of a server that answered has an SQLSTATE; without one there was no connection.
        if "--traceback" in sys.argv or getattr(error.__cause__, "sqlstate", None):
            raise
        sys.exit("The database does not answer: start it (`make dev` starts one), or set DATABASE_URL.")


if __name__ == "__main__":
    main()
