"""The simulated model and voice. Time is virtual."""

from __future__ import annotations

import asyncio

import numpy as np

from evals import virtual_clock
from evals.turns.assistant import SimulatedReplies, SimulatedVoice, clip_of
from evals.turns.handset import Clip
from media_service.core.conversation import Conversation
from media_service.ports import ReplyPart


def asked(times: int, *, began: bool, ends_call: bool = False) -> tuple[list[tuple[str, bool]], list[float], list[str]]:
    """What each request came to, when its first words came, and the replies that were told of."""

    async def scenario() -> tuple[list[tuple[str, bool]], list[float], list[str]]:
        told: list[str] = []
        replies = SimulatedReplies("מה הכתובת?", ends_call, lambda: began, np.random.default_rng(1), told.append)
        said: list[tuple[str, bool]] = []
        first: list[float] = []
        for _ in range(times):
            began_at = asyncio.get_running_loop().time()
            parts: list[ReplyPart] = []
            async for part in replies.reply(Conversation(())):
                if not parts:
                    first.append(asyncio.get_running_loop().time() - began_at)
                parts.append(part)
            said.append(("".join(part.text for part in parts), any(part.ends_call for part in parts)))
        return said, first, told

    return virtual_clock.run(scenario())


def test_until_the_turn_has_begun_every_request_is_answered_with_the_question() -> None:
    said, _, told = asked(2, began=False)

    assert said == [("מה הכתובת?", False)] * 2
    assert told == []


def test_replies_to_the_turn_can_be_told_apart_and_come_as_late_as_a_model_s() -> None:
    said, first, told = asked(5, began=True)

    assert len({text for text, _ in said}) == 5
    assert told == [clip_of(text).text for text, _ in said]
    assert all(0.25 <= seconds <= 0.7 for seconds in first)


def test_a_goodbye_ends_the_call_and_a_reply_to_what_follows_does_not() -> None:
    assert asked(1, began=False, ends_call=True)[0][0][1]
    assert not asked(1, began=True, ends_call=True)[0][0][1]


def test_a_clip_knows_where_its_words_end_and_sounds_like_no_other() -> None:
    clip = clip_of("איך אפשר לעזור?")

    assert len(clip.ends_s) == len(clip.text.split()) == 3
    assert clip.ends_s[-1] < len(clip.audio) / 8000
    assert clip_of("איך אפשר לעזור").audio[:480] not in clip.audio


def test_a_sentence_takes_a_voice_a_tenth_to_a_quarter_of_a_second() -> None:
    async def scenario() -> None:
        clips: list[Clip] = []
        told: list[str] = []
        voice = SimulatedVoice(clips, np.random.default_rng(1), told.append)
        began = asyncio.get_running_loop().time()
        audio = await voice.synthesize("שלום")

        assert 0.1 <= asyncio.get_running_loop().time() - began <= 0.25
        assert audio == clips[0].audio
        assert told == ["שלום"]

    virtual_clock.run(scenario())
