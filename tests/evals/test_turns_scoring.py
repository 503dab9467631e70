"""What is counted against the assistant, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evals.turns.assistant import clip_of
from evals.turns.handset import Heard
from evals.turns.items import ANSWER, CONTINUE, GO_ON, IGNORE, YIELD, Hearing, Phantom, Sound, Turn, Word
from evals.turns.scoring import Score, score
from evals.turns.trace import Closed, Request, Trace

QUESTION = "הטכנאי מגיע אליכם הביתה ובודק את המזגן"
REPLY, OTHER_REPLY = "רשמתי תודה", "הבנתי אתכם"
TURN_AT = 5.0
WORDS = (Word("קוראים", 0.0, 0.5), Word("לי", 0.5, 0.8), Word("דנה", 1.6, 2.0), Word("לוי", 2.0, 2.4))
OVER = TURN_AT + 2.4


def heard(text: str, start: float, part: tuple[float, float] = (0.0, 1.0)) -> Heard:
    """This part of it, as shares of its length."""
    clip = clip_of(text)
    length_s = len(clip.audio) / 8000
    return Heard(clip, part[0] * length_s, start, start + (part[1] - part[0]) * length_s)


def trace(expect: str = ANSWER, words: tuple[Word, ...] = WORDS) -> Trace:
    """A call in which all went well: closed 0.3 s after the turn, answered 0.9 s after it."""
    turn = Turn("1", "kind", QUESTION, "שלום", words, expect)
    said = turn.text
    return Trace(
        turn,
        question=clip_of(QUESTION).text,
        turn_at=TURN_AT,
        question_at=1.0,
        closed=[Closed(0.9, "שלום", ""), Closed(OVER + 0.3, said, "")],
        requests=[Request(0.9, 1, ""), Request(OVER + 0.3, 2, said)],
        replies=[(OVER + 0.7, REPLY), (OVER + 3.0, OTHER_REPLY)],
        heard=[heard(QUESTION, 1.0), heard(REPLY, OVER + 0.9)],
        published=["שלום", said],
        streams=[0.05],
        ended_at=OVER + 5.0,
    )


def cut_into(decided_at: float, audible_at: float | None) -> Trace:
    """A reply was asked for in the pause of 0.8 s, and perhaps heard."""
    made = trace()
    made.closed.insert(1, Closed(decided_at, "קוראים לי", ""))
    made.requests.insert(1, Request(decided_at, 2, "קוראים לי"))
    if audible_at is not None:
        made.replies.insert(0, (audible_at - 0.2, OTHER_REPLY))
        made.heard.insert(1, heard(OTHER_REPLY, audible_at, (0.0, 0.3)))
    return made


def test_a_call_that_went_well() -> None:
    found = score(trace())

    assert found.misses == []
    assert found.decision_s == pytest.approx(0.3)
    assert found.reply_s == pytest.approx(0.9)
    assert [(pause.length_s, pause.decided, pause.audible) for pause in found.pauses] == [(0.8, False, False)]
    assert (found.requests, found.half, found.lost, found.invented) == (1, 0, [], [])


def test_a_decision_in_a_pause_is_a_cut_off_though_nobody_heard_it() -> None:
    found = score(cut_into(TURN_AT + 1.2, None))

    assert (found.cut_decided, found.cut_audible) == (True, False)
    assert (found.pauses[0].decided, found.pauses[0].audible) == (True, False)
    assert found.misses == ["took the turn to be over 1.20 s before its end"]
    assert found.decision_s is None


def test_a_reply_that_is_heard_before_the_end_of_the_turn_is_an_audible_cut_off() -> None:
    found = score(cut_into(TURN_AT + 1.2, TURN_AT + 1.5))

    assert found.cut_audible
    assert found.pauses[0].audible
    assert found.misses == ["talked into the turn 0.90 s before its end"]
    assert not found.doubled


def test_a_decision_just_after_the_caller_has_gone_on_was_made_on_the_pause() -> None:
    assert score(cut_into(TURN_AT + 1.7, None)).pauses[0].decided
    assert not score(cut_into(TURN_AT + 1.9, None)).pauses[0].decided


def test_an_encouragement_is_no_reply() -> None:
    made = trace()
    made.heard.insert(1, heard("כן", TURN_AT + 1.2))

    assert score(made).misses == []


def test_a_request_without_words_that_had_been_said_is_a_reply_to_half_a_sentence() -> None:
    made = trace()
    made.requests[1:] = [Request(OVER + 0.3, 2, "קוראים לי דנה"), Request(OVER + 0.9, 3, "קוראים לי דנה לוי")]
    found = score(made)

    assert (found.requests, found.half) == (2, 1)
    assert found.misses == ["asked for a reply to 'קוראים לי דנה'"]


def test_nobody_can_miss_words_that_come_with_the_final_only() -> None:
    made = trace()
    made.turn = replace(made.turn, hearing=Hearing(late_words=1))
    made.requests[1:] = [Request(OVER + 0.3, 2, "קוראים לי דנה")]

    assert score(made).half == 0


def test_what_nobody_said_is_no_turn() -> None:
    made = trace(words=tuple(replace(word, start_s=word.start_s + 3, end_s=word.end_s + 3) for word in WORDS))
    made.closed[1:] = [Closed(TURN_AT + 1.0, "כן", ""), Closed(OVER + 3.3, made.turn.text, "")]
    made.requests[1:] = [Request(TURN_AT + 1.0, 2, "כן"), Request(OVER + 3.3, 3, f"כן {made.turn.text}")]
    made.heard[1:] = [heard(REPLY, OVER + 3.9)]
    assert score(made).misses == ["asked for a reply before the caller had said a word"]

    made.turn = replace(made.turn, sounds=(Sound("side talk", 0.0, text="כן"),))
    assert score(made).misses == []


def test_a_question_that_is_resumed_after_the_turn_is_no_reply_to_it() -> None:
    made = trace()
    made.heard.insert(1, heard(QUESTION, OVER + 0.2, (0.8, 1.0)))

    assert score(made).reply_s == pytest.approx(0.9)


def test_two_replies_to_one_turn() -> None:
    made = trace()
    made.heard.append(heard(OTHER_REPLY, OVER + 3.0))

    assert score(made).misses == ["answered twice"]


def test_a_turn_that_is_said_again_is_answered_again() -> None:
    made = trace()
    made.turn = replace(made.turn, again=(Word("לוי", 0.0, 0.4),))
    made.again_at = OVER + 2.5
    made.published.append("לוי")
    made.heard.append(heard(OTHER_REPLY, OVER + 3.5))
    assert score(made).misses == []

    made.heard.pop()
    assert score(made).misses == ["what was said after the reply was never answered"]


def test_words_that_are_not_in_the_transcript_are_lost_and_others_invented() -> None:
    made = trace()
    made.published = ["שלום", "קוראים לי", "דנה.", "הלוי"]
    found = score(made)

    assert (found.lost, found.invented) == (["לוי"], ["הלוי"])


def test_the_transcript_has_to_read_as_the_final_does() -> None:
    made = trace()
    made.turn = replace(made.turn, hearing=Hearing(changed={"לוי": "הלוי"}))
    assert score(made).lost == ["הלוי"]

    made.published = ["שלום", "קוראים לי דנה הלוי"]
    assert score(made).misses == []


def test_no_answer_and_a_long_silence() -> None:
    made = trace()
    made.heard.pop()

    assert score(made).misses == ["never answered", "silent for 5.0 s"]


def test_a_filler_does_not_make_up_for_a_reply_that_does_not_come() -> None:
    made = trace()
    made.heard[1:] = [heard("רגע אחד", OVER + 0.8)]
    filler = made.heard[1]
    made.heard.append(heard(REPLY, filler.end + 3.4))
    found = score(made)

    assert found.silence_s == pytest.approx(3.4)
    assert "silent for 3.4 s" in found.misses


def interrupted(stopped_after_s: float, resumed_at: float | None = None) -> Trace:
    """The caller speaks 1 s after the assistant has begun."""
    made = trace(YIELD)
    made.turn_at = 2.0
    length_s = len(clip_of(QUESTION).audio) / 8000
    stopped = 1.0 + stopped_after_s
    made.heard = [heard(QUESTION, 1.0, (0.0, min(1.0, stopped / length_s))), heard(REPLY, 5.3)]
    if resumed_at is not None:
        made.heard.insert(1, heard(QUESTION, resumed_at, (stopped / length_s, 0.8)))
    made.closed[1:] = [Closed(4.7, made.turn.text, "")]
    made.requests[1:] = [Request(4.7, 2, made.turn.text)]
    return made


def test_an_interrupted_assistant_stops() -> None:
    found = score(interrupted(0.35))

    assert found.misses == []
    assert found.yielded
    assert found.yield_s == pytest.approx(0.35)


def test_an_assistant_that_resumes_over_the_caller_has_not_stopped() -> None:
    found = score(interrupted(0.35, resumed_at=2.9))

    assert not found.yielded
    assert "resumed over the caller" in found.misses


def test_an_assistant_that_goes_on_has_not_stopped() -> None:
    assert "did not stop" in score(interrupted(60.0)).misses


def over_the_assistant(*pieces: Heard) -> Trace:
    """A back-channel, which is published and not answered."""
    made = trace(CONTINUE, (Word("אהה", 0.0, 0.3),))
    made.turn_at = 2.0
    made.heard = list(pieces)
    made.closed[1:] = []
    made.requests[1:] = []
    made.replies = []
    made.published = ["שלום", "אהה"]
    return made


def test_what_was_held_and_resumed_was_heard_to_its_end() -> None:
    length_s = len(clip_of(QUESTION).audio) / 8000
    first, second = heard(QUESTION, 1.0, (0.0, 0.5)), heard(QUESTION, 1.0 + length_s / 2 + 0.6, (0.5, 1.0))
    found = score(over_the_assistant(first, second))

    assert found.misses == []
    assert found.kept
    assert found.gaps_s == [pytest.approx(0.6)]


def test_what_was_not_resumed_was_not_heard() -> None:
    found = score(over_the_assistant(heard(QUESTION, 1.0, (0.0, 0.5))))

    assert not found.kept
    assert "of what it was saying was heard" in found.misses[0]


def test_a_back_channel_is_neither_answered_nor_remarked_on() -> None:
    made = over_the_assistant(heard(QUESTION, 1.0), heard("כן אני מקשיב", 6.0))
    assert score(made).misses == ["said 'כן אני מקשיב'"]

    made.requests.append(Request(3.0, 2, "אהה"))
    assert score(made).misses == ["asked for a reply to what was no turn"]


def test_words_of_somebody_else_or_of_nobody_may_be_written_down() -> None:
    made = over_the_assistant(heard(QUESTION, 1.0))
    made.turn = replace(
        made.turn,
        words=(),
        expect=IGNORE,
        sounds=(Sound("side talk", 0.0, text="מי זה"),),
        hearing=Hearing(phantoms=(Phantom("תודה", 1.0),)),
    )
    made.published = ["שלום", "מי זה", "תודה"]
    assert score(made).misses == []

    made.published.append("אסביר")
    assert score(made).misses == ["wrote down 'אסביר'"]


def test_what_is_protected_has_to_be_heard_in_whatever_pieces() -> None:
    made = trace()
    made.turn = replace(made.turn, protected="ובודק את המזגן")
    made.heard[0] = heard(QUESTION, 1.0, (0.0, 0.5))
    assert score(made).kept is False

    made.heard.insert(1, heard("ובודק את המזגן", 4.0))
    assert score(made).kept is True


def gone_on(reply_at: float, ends_at: float) -> Trace:
    """ "Yes", and 0.8 s later "but": a reply to the first is heard in between."""
    made = trace(GO_ON)
    made.closed.insert(1, Closed(TURN_AT + 1.1, "קוראים לי", ""))
    made.requests.insert(1, Request(TURN_AT + 1.1, 2, "קוראים לי"))
    made.replies.insert(0, (reply_at - 0.1, OTHER_REPLY))
    made.heard.insert(1, replace(heard(OTHER_REPLY, reply_at), end=ends_at))
    return made


def test_a_whole_answer_may_be_replied_to_and_what_follows_it_stops_the_reply() -> None:
    found = score(gone_on(TURN_AT + 1.5, TURN_AT + 1.9))

    assert found.misses == []
    assert found.yielded
    assert found.yield_s == pytest.approx(0.3)


def test_a_reply_that_goes_on_over_what_follows_does_not_yield() -> None:
    assert score(gone_on(TURN_AT + 1.5, OVER + 0.5)).misses == ["went on speaking"]


def test_a_call_that_could_not_be_played_counts_as_a_miss() -> None:
    made = trace()
    made.trouble = "the assistant never asked"

    assert score(made) == Score("1", "kind", ANSWER, made.turn.text, misses=["the assistant never asked"])
