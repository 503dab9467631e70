"""Gemini on Vertex AI, HTTP on 127.0.0.1. Point `GOOGLE_VERTEX_BASE_URL` at it.

    python -m local.standins.gemini --port P [--control-port C]

    --first-delay-ms M    from the request to the first piece of the answer (150)
    --chunk-delay-ms M    between pieces (30)

Without orders it leads an intake: it asks for the name, the number and the time, and says goodbye with the end marker
(the last thing in square brackets in the system instruction). Where JSON is asked for, it fills the given schema from
what the caller said. Models that were retired answer 404.

The control port (see `local/standins/control.py`) takes in POST /faults the fields of `orders.Orders`; the fields of
one order are those of `orders.Order`:

    {"script": [{"text": "..."}, {"status": 503}, {"finish_reason": "SAFETY"}, {"flaw": "cut"}]}    one for each request
    {"always": {"first_delay_s": 3}}    {"always": null}    {"refused_thinking": true}
    {"retired_models": ["gemini-2"]}
"""

from __future__ import annotations

import argparse
import asyncio

from local.standins.gemini.server import GeminiStandIn, Options
from local.standins.process import serve_until_stopped


def main() -> None:
    parser = argparse.ArgumentParser(prog="local.standins.gemini")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--first-delay-ms", type=float, default=150)
    parser.add_argument("--chunk-delay-ms", type=float, default=30)
    args = parser.parse_args()
    options = Options(args.port, args.control_port, args.first_delay_ms / 1000, args.chunk_delay_ms / 1000)
    asyncio.run(serve_until_stopped(GeminiStandIn(options).serving()))


if __name__ == "__main__":
    main()
