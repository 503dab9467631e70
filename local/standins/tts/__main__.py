"""Google Text-to-Speech v1 on 127.0.0.1, insecure gRPC.

    python -m local.standins.tts --port P [--control-port C]

    --delay-ms M          from a request to its audio (80)

The control port (see `local/standins/control.py`) takes in POST /faults the fields of `server.Faults`:

    {"refuse": {"status": "RESOURCE_EXHAUSTED", "message": "...", "count": 2}}    count null: until told otherwise
    {"hang": {"count": 1}}    {"delay_s": 1.5}    {"empty_audio": true}
"""

from __future__ import annotations

import argparse
import asyncio

from local.standins.process import serve_until_stopped
from local.standins.tts.server import Options, TtsStandIn


def main() -> None:
    parser = argparse.ArgumentParser(prog="local.standins.tts")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--delay-ms", type=float, default=80)
    args = parser.parse_args()
    options = Options(args.port, args.control_port, args.delay_ms / 1000)
    asyncio.run(serve_until_stopped(TtsStandIn(options).serving()))


if __name__ == "__main__":
    main()
