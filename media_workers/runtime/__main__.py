"""`python -m media_workers.runtime`: one media node, configured by its environment."""

from __future__ import annotations

import asyncio
import os
import sys

from media_workers.runtime import config, logs
from media_workers.runtime.keeper import LineFailed
from media_workers.runtime.node import Node, NodeFailed


def main() -> int:
    """Exit code 0 after an orderly stop, 1 when it cannot run, 2 when the environment is wrong."""
    try:
        settings = config.load(os.environ)
    except config.ConfigError as error:
        print(f"The media node cannot start: {error}", file=sys.stderr)
        return 2
    logs.configure(node=settings.name)
    try:
        asyncio.run(_run(settings))
    except (NodeFailed, LineFailed, OSError) as error:
        print(f"The media node cannot run: {error}", file=sys.stderr)
        return 1
    return 0


async def _run(settings: config.NodeConfig) -> None:
    await Node(settings).run()


if __name__ == "__main__":
    sys.exit(main())
