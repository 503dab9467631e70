"""Google Speech-to-Text v1 and v2 on 127.0.0.1, insecure gRPC.

    python -m local.standins.speech --port P [--control-port C]

    --stream-limit-s S         end streams after S instead of 305 s (v1) or 300 s (v2), with the real messages
    --audio-timeout-s S        end streams without audio after S instead of 10 s
    --interim-delay-ms M       from audio to the interim result that covers it (300)
    --interim-every-ms M       audio between two interim results, at least (150)
    --endpoint-silence-ms M    silence that ends an utterance (500)
    --final-delay-ms M         from that end to the final result (400)
    --streams-per-connection N further streams wait (100)
    --keep-audio FOLDER        keep what each stream is sent, a file a stream in the order of opening

The control port (see `local/standins/control.py`) takes in POST /faults the fields of `faults.Faults` and the four
timings in seconds (`interim_delay_s`, `interim_every_s`, `endpoint_silence_s`, `final_delay_s`):

    {"refuse": {"status": "UNAVAILABLE", "message": "...", "count": 2}}    count null: until told otherwise
    {"cut": {"after_s": 2.0, "status": "ABORTED", "message": "...", "count": 1}}    status RESET: resets the connection
    {"stall": {"after_s": 1.0, "count": 1}}    {"mute_s": 3}    {"drop_finals": true}    {"delay_finals_s": 2}
    {"repeat_finals": 1}    {"accept_delay_s": 1}    {"swallow": true}    {"refuse_config_on_audio": true}
    {"unsupported_models": ["default"]}
    {"cut_open": {"status": "ABORTED", "count": 3}}    {"stall_open": {"count": 3}}    now, the oldest open streams

With WHISPER_MODEL set and faster-whisper installed, audio that holds no known phrase is given to that model.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from local.standins.process import serve_until_stopped
from local.standins.speech.recognition import Timing
from local.standins.speech.server import Options, SpeechStandIn
from local.standins.speech.whisper import whisper_from_environment


def main() -> None:
    parser = argparse.ArgumentParser(prog="local.standins.speech")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--stream-limit-s", type=float)
    parser.add_argument("--audio-timeout-s", type=float)
    parser.add_argument("--interim-delay-ms", type=float, default=300)
    parser.add_argument("--interim-every-ms", type=float, default=150)
    parser.add_argument("--endpoint-silence-ms", type=float, default=500)
    parser.add_argument("--final-delay-ms", type=float, default=400)
    parser.add_argument("--streams-per-connection", type=int, default=100)
    parser.add_argument("--keep-audio", type=Path)
    args = parser.parse_args()
    options = Options(
        port=args.port,
        control_port=args.control_port,
        timing=Timing(
            interim_delay_s=args.interim_delay_ms / 1000,
            interim_every_s=args.interim_every_ms / 1000,
            endpoint_silence_s=args.endpoint_silence_ms / 1000,
            final_delay_s=args.final_delay_ms / 1000,
        ),
        stream_limit_s=args.stream_limit_s,
        audio_timeout_s=args.audio_timeout_s,
        streams_per_connection=args.streams_per_connection,
        keep_audio=args.keep_audio,
    )
    asyncio.run(serve_until_stopped(SpeechStandIn(options, whisper_from_environment()).serving()))


if __name__ == "__main__":
    main()
