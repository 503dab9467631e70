import math
from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from media_service.core.actions import Action, ClearPlayback, PlayAudio, SendMark
from media_service.core.speaking.playback import Heard, Playback, PlaybackSettings
from media_service.core.vad.audio import BYTES_PER_S, duration_s

ONE_SECOND = b"\x10" * BYTES_PER_S


def marks(actions: list[Action]) -> list[str]:
    return [action.name for action in actions if isinstance(action, SendMark)]


def audio(actions: list[Action]) -> bytes:
    return b"".join(action.audio for action in actions if isinstance(action, PlayAudio))


def test_a_clip_is_sent_at_once_in_pieces_followed_by_its_mark() -> None:
    actions = Playback(PlaybackSettings(piece_bytes=3_000)).add("שלום", ONE_SECOND, 1.0)

    assert [len(action.audio) for action in actions if isinstance(action, PlayAudio)] == [3_000, 3_000, 2_000]
    assert isinstance(actions[-1], SendMark)


def test_a_turn_that_was_played_out_was_heard_whole() -> None:
    playback = Playback()
    first = marks(playback.add("שלום לכם.", ONE_SECOND, 1.0))
    second = marks(playback.add("איך אפשר לעזור?", ONE_SECOND, 1.1))
    playback.mark_reached(first[0], 2.1)
    assert not playback.is_idle
    playback.mark_reached(second[0], 3.1)

    assert playback.is_idle
    assert playback.finish_turn(3.1) == Heard("שלום לכם. איך אפשר לעזור?", 1.0, 3.1)
    assert playback.finish_turn(3.1) is None


def test_what_was_heard_before_a_clear_is_the_words_whose_time_had_come() -> None:
    playback = Playback()
    playback.add("אחת שתיים שלוש ארבע", ONE_SECOND, 1.0)
    playback.add("חמש שש", ONE_SECOND, 1.0)

    assert playback.clear(2.55) == ([ClearPlayback()], Heard("אחת שתיים שלוש ארבע חמש", 1.0, 2.55))
    assert playback.clear(2.6) == ([], None)


def test_a_mark_tells_better_than_the_clock_what_was_heard() -> None:
    """Twilio began to play half a second late: the second clip begins when the first one's mark comes."""
    playback = Playback()
    (first,) = marks(playback.add("אחת שתיים", ONE_SECOND, 1.0))
    playback.add("שלוש ארבע", ONE_SECOND, 1.0)
    playback.mark_reached(first, 2.5)

    _, heard = playback.clear(2.8)
    assert heard == Heard("אחת שתיים", 1.0, 2.8)


def test_marks_of_dropped_audio_are_not_credited_to_the_next_answer() -> None:
    playback = Playback()
    old = marks(playback.add("ישן", ONE_SECOND, 1.0))
    playback.clear(1.1)
    playback.add("חדש מאוד", ONE_SECOND, 1.2)

    assert playback.mark_reached(old[0], 1.3) == []
    assert not playback.is_idle
    _, heard = playback.clear(1.3)
    assert heard is not None
    assert heard.text == ""


def test_a_mark_that_never_comes_is_taken_as_reached() -> None:
    playback = Playback(PlaybackSettings(mark_grace_s=2.0))
    playback.add("שלום", ONE_SECOND, 1.0)

    assert playback.deadline() == 4.0
    playback.on_timer(3.9)
    assert not playback.is_idle
    playback.on_timer(4.0)
    assert playback.is_idle
    assert playback.deadline() == math.inf


def test_a_later_mark_stands_for_those_before_it() -> None:
    playback = Playback()
    playback.add("אחת", ONE_SECOND, 1.0)
    second = marks(playback.add("שתיים", ONE_SECOND, 1.0))
    playback.mark_reached(second[0], 3.0)

    assert playback.is_idle
    heard = playback.finish_turn(3.0)
    assert heard is not None
    assert heard.text == "אחת שתיים"


clips = st.lists(st.tuples(st.floats(0.1, 5.0), st.floats(0.0, 2.0)), min_size=1, max_size=15)


@given(clips, st.floats(0.0, 40.0))
def test_the_phone_never_holds_much_more_than_it_may_and_gets_every_clip_in_order(
    plan: list[tuple[float, float]], clear_after_s: float
) -> None:
    """The phone plays at real time and echoes marks; at some moment the caller interrupts."""
    settings = PlaybackSettings(ahead_s=2.0)
    playback, now = Playback(settings), 0.0
    phone: deque[tuple[str, float]] = deque()
    plays_until = 0.0
    texts = [f"מילה{number}" for number in range(len(plan))]
    longest_s = max(length_s for length_s, _ in plan)

    def send(actions: list[Action]) -> None:
        nonlocal plays_until
        length_s = 0.0
        for action in actions:
            if isinstance(action, PlayAudio):
                length_s += duration_s(action.audio)
            elif isinstance(action, SendMark):
                plays_until = max(plays_until, now) + length_s
                length_s = 0.0
                phone.append((action.name, plays_until))
        assert plays_until - now <= settings.ahead_s + longest_s + 1e-6

    def play_until(later: float) -> None:
        nonlocal now
        while phone and phone[0][1] <= later:
            name, now = phone.popleft()
            send(playback.mark_reached(name, now))
        now = later

    for text, (length_s, pause_s) in zip(texts, plan, strict=True):
        send(playback.add(text, b"\x10" * int(length_s * BYTES_PER_S), now))
        play_until(now + pause_s)
    if clear_after_s < 30.0:
        play_until(now + clear_after_s)
        _, heard = playback.clear(now)
        said = heard.text.split() if heard else []
        assert said == texts[: len(said)]
    else:
        play_until(now + 100.0)
        assert playback.is_idle
        heard = playback.finish_turn(now)
        assert heard is not None
        assert heard.text.split() == texts
