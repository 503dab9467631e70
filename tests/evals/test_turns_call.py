"""Whole calls on the clock that jumps: what the caller does, what reaches the service, what comes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evals.turns.call import play
from evals.turns.items import CONTINUE, IGNORE, Echo, Hearing, Phantom, Sound, Turn
from evals.turns.recognizer import Lags
from evals.turns.scoring import score
from evals.turns.simulation import Conditions, timer_only
from evals.turns.trace import Trace
from evals.turns.writing import timed
from media_service.core.call_settings import CallSettings

QUESTION = "אני אסביר איך זה עובד. הטכנאי מגיע אליכם הביתה ובודק את המזגן."
QUICK = Conditions(Lags(0.1, 0.35))


def turn(said: str, **rest: object) -> Turn:
    made = Turn("1", "kind", "מה הכתובת?", "שלום", tuple(timed("1", said)))
    return replace(made, **rest)  # type: ignore[arg-type]


def replies_heard(trace: Trace) -> list[int]:
    return sorted({number for piece in trace.heard if (number := trace.reply_of(piece)) is not None})


def test_a_turn_is_asked_for_said_and_answered() -> None:
    trace = play(turn("רחוב הרצל שבע בחולון"), QUICK)

    assert trace.trouble == ""
    assert [said.rstrip(".") for said in trace.published] == ["שלום", "רחוב הרצל שבע בחולון"]
    assert [request.caller_said for request in trace.requests[:1]] == [""]
    assert replies_heard(trace)
    assert trace.end_reason == "caller_hangup"


def test_the_caller_waits_for_the_end_of_the_question_and_takes_as_long_as_people_do() -> None:
    trace = play(turn("רחוב הרצל"), QUICK)
    ended = max(piece.end for piece in trace.of_question)

    assert 0.3 <= trace.words_at - ended <= 1.0


def test_a_question_that_nobody_spoke_before_is_the_greeting() -> None:
    trace = play(turn("רחוב הרצל", opener=""), QUICK)

    assert trace.question_at < 0.3
    assert trace.published[0].startswith("רחוב")


def test_the_same_call_is_played_the_same_each_time_and_with_another_seed_otherwise() -> None:
    said = turn("רחוב הרצל שבע [0.8] בחולון")

    assert play(said, QUICK).results == play(said, QUICK).results
    assert play(said, QUICK).results != play(said, replace(QUICK, seed=1)).results


@pytest.mark.parametrize(("during", "after_s"), [(1.0, 1.0), (-0.5, None)])
def test_a_turn_may_begin_while_the_assistant_speaks(during: float, after_s: float | None) -> None:
    trace = play(turn("רגע", question=QUESTION, during_s=during), QUICK)
    began = trace.question_at if after_s is not None else max(piece.end for piece in trace.of_question)

    assert abs(trace.words_at - (began + during)) < 0.5
    assert any(piece.start < trace.words_at < piece.end + 0.6 for piece in trace.of_question)


def test_what_is_said_after_the_reply_is_a_turn_of_its_own() -> None:
    trace = play(turn("רחוב הרצל", again=tuple(timed("1", "בחולון"))), QUICK)

    assert trace.again_at is not None
    assert trace.again_at > max(piece.start for piece in trace.heard if trace.reply_of(piece) == 0)
    assert "חולון" in " ".join(trace.published)


def test_finals_come_as_late_as_the_conditions_say() -> None:
    late = play(turn("רחוב הרצל שבע"), Conditions(Lags(0.1, 2.0)))
    final = next(result for result in late.results if result.is_final and result.at > late.turn_at)

    assert 1.6 < final.at - late.over_at < 2.6


def test_the_timer_alone_cuts_off_a_pause_that_is_longer_than_it_and_none_that_is_shorter() -> None:
    said = turn("רחוב הרצל [0.8] בחולון")
    cut = score(play(said, replace(QUICK, settings=timer_only(CallSettings(), 0.3))))
    patient = score(play(said, replace(QUICK, settings=timer_only(CallSettings(), 1.5))))

    assert cut.cut_decided
    assert not patient.cut_decided
    assert patient.misses == []
    assert patient.decision_s == pytest.approx(1.6, abs=0.25)


def test_the_assistant_s_words_come_back_on_the_line_and_are_recognized() -> None:
    said = turn("", words=(), question=QUESTION, expect=CONTINUE, during_s=0.5, echo=Echo(0.3, -20.0))
    trace = play(said, QUICK)

    assert any("אסביר" in result.text for result in trace.results if result.at > trace.question_at)


def test_a_phantom_reaches_the_service() -> None:
    hearing = Hearing(phantoms=(Phantom("תודה", 1.0),))
    trace = play(turn("", words=(), expect=IGNORE, hearing=hearing), QUICK)

    assert [result.text for result in trace.results if result.at > trace.turn_at] == ["תודה"]


def test_a_sound_reaches_the_service_and_has_no_words() -> None:
    sound = Sound("side talk", 0.0, 1.5, -20.0, "מי זה בטלפון")
    heard = play(turn("", words=(), expect=IGNORE, sounds=(sound,)), QUICK)
    cough = play(turn("", words=(), expect=IGNORE, sounds=(Sound("cough", 0.0),)), QUICK)

    assert any("מי זה" in result.text for result in heard.results)
    assert [result for result in cough.results if result.at > cough.turn_at + 0.5] == []
