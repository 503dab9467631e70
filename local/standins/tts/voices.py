"""The Hebrew voices of the service, and how espeak-ng imitates them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from local.standins.refusal import invalid
from local.voice import ASSISTANT, CALLER, Voice

LANGUAGE: Final = "he-IL"
_FEMALE: Final = Voice(rate=ASSISTANT.rate, pitch=CALLER.pitch, variant="f3")
_CHIRP_FEMALE: Final = (
    "Achernar", "Aoede", "Autonoe", "Callirrhoe", "Despina", "Erinome", "Gacrux", "Kore", "Laomedeia", "Leda",
    "Pulcherrima", "Sulafat", "Vindemiatrix", "Zephyr",
)  # fmt: skip
_CHIRP_MALE: Final = (
    "Achird", "Algenib", "Algieba", "Alnilam", "Charon", "Enceladus", "Fenrir", "Iapetus", "Orus", "Puck",
    "Rasalgethi", "Sadachbia", "Sadaltager", "Schedar", "Umbriel", "Zubenelgenubi",
)  # fmt: skip
_SEMITONE: Final = 3
"""Steps of espeak-ng's pitch scale (0 to 99) for one semitone, roughly."""


@dataclass(frozen=True, slots=True)
class ServiceVoice:
    name: str
    female: bool

    @property
    def is_chirp(self) -> bool:
        return "Chirp3-HD" in self.name

    def imitation(self, speaking_rate: float, pitch_semitones: float) -> Voice:
        voice = _FEMALE if self.female else ASSISTANT
        return replace(
            voice,
            rate=min(450, max(80, round(voice.rate * speaking_rate))),
            pitch=min(99, max(0, round(voice.pitch + pitch_semitones * _SEMITONE))),
        )


VOICES: Final = {
    voice.name: voice
    for voice in (
        *(ServiceVoice(f"he-IL-Standard-{letter}", female=letter in "AC") for letter in "ABCD"),
        *(ServiceVoice(f"he-IL-Wavenet-{letter}", female=letter in "AC") for letter in "ABCD"),
        *(ServiceVoice(f"he-IL-Chirp3-HD-{name}", female=True) for name in _CHIRP_FEMALE),
        *(ServiceVoice(f"he-IL-Chirp3-HD-{name}", female=False) for name in _CHIRP_MALE),
    )
}


def chosen(language: str, name: str) -> ServiceVoice:
    """The voice for these selection parameters. Raises `Refused`."""
    if not language:
        raise invalid("Invalid voice selection: the language code is missing.")
    if name and name not in VOICES:
        raise invalid(f"Voice '{name}' does not exist. Is it misspelled?")
    if language.lower() not in ("he-il", "he", "iw-il", "iw"):
        if name:
            raise invalid(
                f"Requested language code '{language}' doesn't match the voice '{name}''s language code '{LANGUAGE}'. "
                "Either use the requested voice's language code or choose a different voice with the specified "
                "language code."
            )
        raise invalid(f"Language code '{language}' is not known to this stand-in.")
    return VOICES[name or "he-IL-Standard-A"]
