"""Which parts of the local system are started, where they listen, and the environment each is given.

Pure. A variable the user has set always wins; what is decided here are the values nobody has set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from calls.env import EnvReader

REAL: Final = "REAL"
"""Services to use as they are at Google, by name: `make demo REAL="speech tts"`."""

_HOST_VARIABLES: Final = {
    "firestore": "FIRESTORE_EMULATOR_HOST",
    "pubsub": "PUBSUB_EMULATOR_HOST",
    "speech": "SPEECH_EMULATOR_HOST",
    "tts": "TEXTTOSPEECH_EMULATOR_HOST",
    "gemini": "GOOGLE_VERTEX_BASE_URL",
}
_CAN_BE_REAL: Final = ("firestore", "gemini", "speech", "tts")
_LOCAL_PROJECT: Final = "maane-local"
_LOCAL_HOST: Final = "maane.local.test"
# Whatever the machine goes through to reach the internet, it is not on the way to itself.
_NO_PROXY: Final = "127.0.0.1,localhost"
_NOT_PASSED_ON: Final = frozenset({"PYTHONPATH", "PYTHONHOME", "K_SERVICE", "PORT", REAL})


@dataclass(frozen=True, slots=True)
class Plan:
    """What the user's environment asks for."""

    started: frozenset[str]
    """Stand-ins and emulators that are to run here."""
    real: frozenset[str]
    """Google's own services, reached with the user's credentials."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Of 127.0.0.1, one a server."""

    incoming_call: int
    stream_status: int
    summarize: int
    media: int
    speech: int
    speech_control: int
    tts: int
    tts_control: int
    gemini: int
    gemini_control: int


@dataclass(frozen=True, slots=True)
class Addresses:
    """A running system, as whoever calls it needs to know it. Written to `local.json` field by field."""

    project: str
    public_host: str
    incoming_call_url: str
    """Public, as configured at Twilio and signed; `_address` is where it is really served. The same below."""
    incoming_call_address: str
    stream_status_url: str
    stream_status_address: str
    summarize_address: str
    media_address: str
    """`host:port`."""
    firestore_host: str
    """`host:port`, or "" when it is Google's own. The same below."""
    pubsub_host: str
    speech_control: str
    """Where the stand-in takes faults; "" without a stand-in. The same below."""
    tts_control: str
    gemini_control: str
    call_events_topic: str
    twilio_auth_token: str = field(repr=False)

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def plan(environ: Mapping[str, str]) -> Plan:
    """Raises `BadEnvironment` naming every problem."""
    env = EnvReader(environ)
    real = frozenset(env.text(REAL).replace(",", " ").split())
    for name in sorted(real.difference(_CAN_BE_REAL)):
        why = "Google's Pub/Sub cannot push to this machine" if name == "pubsub" else f"use {', '.join(_CAN_BE_REAL)}"
        env.problem(f"{REAL} names {name!r}: {why}")
    if real and not env.text("GOOGLE_CLOUD_PROJECT"):
        env.problem("GOOGLE_CLOUD_PROJECT is not set: Google's services are used in a project")
    env.finish()
    elsewhere = {name for name, variable in _HOST_VARIABLES.items() if env.text(variable)}
    wanted = set(_HOST_VARIABLES) - real - elsewhere
    if _reply_engine(env, real) != "gemini":
        wanted.discard("gemini")
    return Plan(frozenset(wanted), real)


def shared_environment(
    environ: Mapping[str, str], decided: Plan, ports: Ports, emulators: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, str]:
    """What every deployable is given. `secrets` are those of this run, for a user who has none."""
    env = EnvReader(environ)
    public_host = env.text("PUBLIC_HOST", _LOCAL_HOST)
    hosts = {
        **emulators,
        "SPEECH_EMULATOR_HOST": _at(ports.speech),
        "TEXTTOSPEECH_EMULATOR_HOST": _at(ports.tts),
        "GOOGLE_VERTEX_BASE_URL": f"http://{_at(ports.gemini)}",
    }
    ours = {
        **secrets,
        "PUBLIC_HOST": public_host,
        "INCOMING_CALL_URL": f"https://{public_host}/webhook/incoming_call",
        "STREAM_STATUS_URL": f"https://{public_host}/webhook/stream_status",
        "GOOGLE_CLOUD_PROJECT": _LOCAL_PROJECT,
        "CALL_EVENTS_TOPIC": "call-events",
        "NEW_LEADS_TOPIC": "new-leads",
        "REPLY_ENGINE": _reply_engine(env, decided.real),
        **{variable: hosts[variable] for name, variable in _HOST_VARIABLES.items() if name in decided.started},
    }
    users = {
        name: value for name, value in environ.items() if name not in _NOT_PASSED_ON and (value or name not in ours)
    }
    no_proxy = ",".join(filter(None, (environ.get("NO_PROXY") or environ.get("no_proxy"), _NO_PROXY)))
    together = {**ours, **users, "PYTHONUNBUFFERED": "1", "NO_PROXY": no_proxy, "no_proxy": no_proxy}
    for name in decided.real:
        together.pop(_HOST_VARIABLES[name], None)
    return together


def addresses(shared: Mapping[str, str], decided: Plan, ports: Ports) -> Addresses:
    def control(name: str, port: int) -> str:
        return _at(port) if name in decided.started else ""

    return Addresses(
        project=shared["GOOGLE_CLOUD_PROJECT"],
        public_host=shared["PUBLIC_HOST"],
        incoming_call_url=shared["INCOMING_CALL_URL"],
        incoming_call_address=f"http://{_at(ports.incoming_call)}",
        stream_status_url=shared["STREAM_STATUS_URL"],
        stream_status_address=f"http://{_at(ports.stream_status)}",
        summarize_address=f"http://{_at(ports.summarize)}",
        media_address=_at(ports.media),
        firestore_host=shared.get("FIRESTORE_EMULATOR_HOST", ""),
        pubsub_host=shared.get("PUBSUB_EMULATOR_HOST", ""),
        speech_control=control("speech", ports.speech_control),
        tts_control=control("tts", ports.tts_control),
        gemini_control=control("gemini", ports.gemini_control),
        call_events_topic=shared["CALL_EVENTS_TOPIC"],
        twilio_auth_token=shared["TWILIO_AUTH_TOKEN"],
    )


def _reply_engine(env: EnvReader, real: frozenset[str]) -> str:
    return env.text("REPLY_ENGINE", "gemini" if "gemini" in real else "script")


def _at(port: int) -> str:
    return f"127.0.0.1:{port}"
