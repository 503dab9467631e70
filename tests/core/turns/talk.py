"""The assistant's side of a call, with a phone that plays what it gets and echoes marks when told to."""

from __future__ import annotations

from media_service.core.actions import PlayAudio, SendMark
from media_service.core.conversation import Conversation
from media_service.core.speaking.announcement import Announcement, Say
from media_service.core.turns.interruption import CallerSound
from media_service.core.turns.turn_taking import AssistantSaid, TurnSettings, TurnTaking
from media_service.core.turns.utterance import Utterance
from media_service.core.vad.audio import BYTES_PER_S
from understanding.overlap import Overlap

ANNOUNCEMENTS = {
    say: Announcement(f"<{say.value}>", bytes([0x10 + number]) * BYTES_PER_S, is_protected=say is Say.DISCLOSURE)
    for number, say in enumerate(Say)
}
"""A second each, of one byte of its own."""
BREATH = CallerSound(0.1, 0.0)
VOICE = CallerSound(0.5, 0.0)
"""No word of it is recognized yet."""
WORDS = CallerSound(0.5, 0.0, Overlap.OTHER, 2, is_new=True)
DEFAULTS = TurnSettings()
NOBODY = Conversation(())
CLIP = b"\x50" * BYTES_PER_S


class Talk:
    def __init__(
        self, settings: TurnSettings = DEFAULTS, announcements: dict[Say, Announcement] = ANNOUNCEMENTS
    ) -> None:
        self.turns = TurnTaking(settings, announcements, 0.0)
        self.did: list[object] = []
        self.marks: list[str] = []

    def do(self, step: object) -> list[object]:
        """What this step is besides audio and marks."""
        assert isinstance(step, list | tuple)
        self.did += step
        self.marks += [item.name for item in step if isinstance(item, SendMark)]
        return [item for item in step if not isinstance(item, PlayAudio | SendMark)]

    @property
    def state(self) -> str:
        return self.turns.state.value

    def play_out(self, now: float) -> list[object]:
        heard: list[object] = []
        while self.marks:
            heard += self.do(self.turns.mark_reached(self.marks.pop(0), now))
        return heard

    def hung_up(self) -> list[object]:
        """The goodbye was heard, and nobody has anything to add."""
        for _ in range(3):
            if did := self.do(self.turns.on_timer(self.turns.deadline())):
                return did
        return []

    def played(self) -> bytes:
        """A byte for each second sent since the last time."""
        audio = b"".join(item.audio for item in self.did if isinstance(item, PlayAudio))
        self.did.clear()
        return audio[::BYTES_PER_S]

    def announced(self) -> list[Say]:
        """The announcements sent since the last time."""
        return [say for byte in self.played() for say, each in ANNOUNCEMENTS.items() if each.audio[0] == byte]

    def answer(self, text: str, now: float, *, turn: int = 1, clip: int = 1, ends_call: bool = False) -> None:
        """A whole reply of one sentence, ready at once."""
        self.do(self.turns.reply_text(turn, text, now))
        self.do(self.turns.reply_finished(turn, ends_call, now))
        self.do(self.turns.synthesized(clip, CLIP, now))

    def caller_said(self, now: float) -> list[object]:
        return self.do(
            self.turns.caller_finished(Utterance("caller", now - 1.0, now - 0.25, closed_at=now), NOBODY, now)
        )

    def silence_until_asked(self, times: int) -> float:
        """The caller says nothing, `times` announcements long. Returns the time."""
        now = self.turns.deadline()
        for _ in range(times):
            self.do(self.turns.on_timer(now))
            self.play_out(now + 1.0)
            now = self.turns.deadline()
        return now


def said(items: list[object]) -> list[str]:
    return [item.heard.text for item in items if isinstance(item, AssistantSaid)]
