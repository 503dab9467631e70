"""`python -m media_service`: read the environment, listen on `PORT`, drain on SIGTERM."""

from __future__ import annotations

import os
import sys

from aiohttp import web

from calls.env import BadEnvironment
from media_service import settings
from media_service.adapters import google_logging
from media_service.app import MediaService


def main() -> int:
    google_logging.configure(os.environ)
    try:
        read = settings.read(os.environ)
    except BadEnvironment as error:
        print(error, file=sys.stderr)
        return 2
    service = MediaService(read)
    # aiohttp waits for open sockets twice this long; they have all been closed by the drain before.
    web.run_app(service.make_app(), host="0.0.0.0", port=read.port, access_log=None, print=None, shutdown_timeout=0.5)
    return 1 if service.failed else 0


if __name__ == "__main__":
    sys.exit(main())
