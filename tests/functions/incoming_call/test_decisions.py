"""How a call goes on, and that deciding twice changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import records
from calls.missing_records import Documents, MetCall
from functions.incoming_call.decisions import (
    Connect,
    Decision,
    HangUp,
    OverBudget,
    TurnedAway,
    Voicemail,
    above_budget,
    after_recording,
    after_stream,
    at_ring,
)

NOW = datetime(2026, 1, 1, 10, tzinfo=UTC)
CALL = MetCall("CA1", "+972501234567", "+97231234567", "assistant", NOW, 365)
HIDDEN = MetCall("CA1", "anonymous", "+97231234567", "assistant", NOW, 365)
URL = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"


def stored(documents: Documents, decision: Decision) -> Documents:
    """What Firestore holds after the decision."""
    return Documents(
        call={**(documents.call or {}), **decision.call} or None,
        lead={**(documents.lead or {}), **decision.lead} or None,
        placeholder=None if decision.drop_placeholder else documents.placeholder,
    )


def rung(ringing: MetCall = CALL, **on_call: Any) -> Documents:
    """A call as it is after the phone rang."""
    documents = stored(Documents(), at_ring(ringing, Documents()))
    return Documents({**(documents.call or {}), **on_call}, documents.lead)


def ended(
    documents: Documents, *, status: str = "in-progress", request: str = "r1", most: int = 2, in_time: bool = True
) -> Decision:
    return after_stream(CALL, status, request, most, in_time, documents)


def test_a_first_call_leaves_a_lead_and_a_call_and_is_connected() -> None:
    decision = at_ring(CALL, Documents())
    assert decision.answer == Connect(1)
    assert decision.call == records.new_call("CA1", "+972501234567", "+97231234567", "assistant", NOW, 365)
    assert decision.lead == records.new_lead("CA1", "+972501234567", "+97231234567", NOW, 365)


def test_a_caller_who_calls_again_is_counted_and_stays_the_same_lead() -> None:
    lead = rung().lead | {"status": "captured", "name": "דנה", "last_call_sid": "CA0", "calls": []}  # type: ignore[operator]
    decision = at_ring(CALL, Documents(lead=lead))
    assert decision.lead["calls_count"] == 2
    assert not {"status", "name"} & set(decision.lead)


@pytest.mark.parametrize("ringing", [CALL, HIDDEN])
def test_the_same_webhook_again_changes_nothing_and_is_answered_the_same(ringing: MetCall) -> None:
    again = at_ring(ringing, rung(ringing))
    assert again == Decision(Connect(1))


@pytest.mark.parametrize("over", [{"status": "completed"}, {"status": "failed"}, {"end_reason": "silence"}])
def test_a_replayed_webhook_of_a_call_that_is_over_gets_no_stream(over: dict[str, Any]) -> None:
    assert at_ring(CALL, rung(**over)) == Decision(HangUp())


def test_a_call_that_someone_met_before_us_gets_its_number_and_is_counted_once() -> None:
    """stream_status was there first, and did not know who calls."""
    met = records.new_call("CA1", "", "", "", NOW, 365) | {"status": "in_progress", "stream": {"sid": "MZ1"}}
    placeholder = records.new_lead("CA1", "", "", NOW, 365) | {"status": "in_call"}
    known = records.new_lead("CA0", "+972501234567", "", NOW, 365)
    documents = Documents(met, known, placeholder)
    decision = at_ring(CALL, documents)
    after = stored(documents, decision)
    assert after.call is not None
    assert after.lead is not None
    assert (after.call["lead_id"], after.call["from"], after.call["mode"]) == (
        "972501234567",
        "+972501234567",
        "assistant",
    )
    assert (after.call["status"], after.call["stream"]) == ("in_progress", {"sid": "MZ1"})
    assert after.lead["calls_count"] == 2
    assert after.placeholder is None
    assert at_ring(CALL, after) == Decision(Connect(1))


def test_a_new_lead_takes_over_that_the_caller_is_on_the_line() -> None:
    met = records.new_call("CA1", "", "", "", NOW, 365)
    placeholder = records.new_lead("CA1", "", "", NOW, 365) | {"status": "in_call"}
    assert at_ring(CALL, Documents(met, None, placeholder)).lead["status"] == "in_call"


def test_what_a_placeholder_was_filled_with_is_taken_over() -> None:
    met = records.new_call("CA1", "", "", "", NOW, 365)
    filled = records.new_lead("CA1", "", "", NOW, 365) | {"name": "דנה"}
    decision = at_ring(CALL, Documents(met, None, filled))
    assert (decision.lead["name"], decision.drop_placeholder) == ("דנה", True)


def test_a_call_document_of_which_only_the_end_is_written_is_completed() -> None:
    """The media service may write an end reason before the write at ring came through."""
    documents = Documents(call={"end_reason": "silence", "ended_at": NOW})
    decision = at_ring(CALL, documents)
    after = stored(documents, decision)
    assert decision.answer == HangUp()
    assert after.call is not None
    assert (after.call["end_reason"], after.call["ended_at"], after.call["lead_id"]) == (
        "silence",
        NOW,
        "972501234567",
    )
    assert after.lead is not None


def test_a_lead_removed_by_a_person_stays_removed() -> None:
    removed = Documents(call=rung().call)
    assert at_ring(CALL, removed).lead == {}
    assert ended(removed, most=0) == Decision(Voicemail())


def test_a_lost_stream_is_opened_again_as_the_next_leg() -> None:
    documents = rung()
    first = ended(documents, request="r1")
    assert first.answer == Connect(2, after_pause=True)
    assert ended(stored(documents, first), request="r2").answer == Connect(3, after_pause=True)


def test_a_stream_that_was_lost_is_opened_again_at_once_and_one_that_never_started_after_a_pause() -> None:
    """Where nothing answers, both reconnections would be over within 40 ms."""
    documents = rung(stream={"leg": 1})
    again = ended(documents, request="r1")
    assert again.answer == Connect(2)
    refused = ended(stored(documents, again), request="r2")
    assert refused.answer == Connect(3, after_pause=True)


def test_after_the_last_reconnection_comes_voicemail_for_ever() -> None:
    documents = rung()
    answers = []
    for number in range(5):
        decision = ended(documents, request=f"r{number}")
        answers.append(decision.answer)
        documents = stored(documents, decision)
    assert answers == [Connect(2, True), Connect(3, True), Voicemail(), Voicemail(), Voicemail()]
    assert documents.lead is not None
    assert documents.lead["status"] == "needs_callback"


def test_one_webhook_delivered_twice_gets_one_leg() -> None:
    documents = rung()
    first = ended(documents)
    assert ended(stored(documents, first)) == Decision(first.answer)


@given(st.lists(st.integers(0, 4), max_size=15), st.integers(0, 4))
def test_there_are_never_more_legs_than_allowed(requests: list[int], most: int) -> None:
    """Whatever mixture of new and repeated webhooks comes."""
    documents = rung()
    for number in requests:
        decision = ended(documents, request=f"r{number}", most=most)
        assert not isinstance(decision.answer, Connect) or decision.answer.leg <= most + 1
        documents = stored(documents, decision)


def test_no_reconnection_allowed_means_voicemail_at_once() -> None:
    assert ended(rung(), most=0).answer == Voicemail()


def test_a_leg_that_started_is_counted_even_if_our_count_is_gone() -> None:
    assert ended(rung(stream={"leg": 2})).answer == Connect(3)
    assert ended(rung(stream={"leg": 3})).answer == Voicemail()


def test_a_decision_nobody_waits_for_gives_no_leg_away() -> None:
    decision = ended(rung(), in_time=False)
    assert decision.answer == Voicemail()
    assert "reconnects" not in decision.call


@pytest.mark.parametrize("reason", ["caller_hangup", "assistant_goodbye", "silence", "max_duration", "error"])
def test_a_call_that_was_ended_is_hung_up(reason: str) -> None:
    assert ended(rung(end_reason=reason)) == Decision(HangUp())


def test_a_reason_that_is_known_stays_when_twilio_tells_the_end() -> None:
    assert "end_reason" not in ended(rung(end_reason="max_duration"), status="completed").call


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_an_old_webhook_of_a_call_that_is_over_gets_no_token(status: str) -> None:
    over = stored(rung(), ended(rung(), status="completed"))
    assert ended(over, request="replayed") == Decision(HangUp())
    assert ended(rung(status=status), request="replayed") == Decision(HangUp())


def test_an_end_that_only_an_event_tells_is_no_answer_to_twilio_which_has_the_caller_on_the_line() -> None:
    told: dict[str, Any] = {
        "status": "completed",
        "end_reason": "caller_hangup",
        "ended_at": NOW,
        "end_told_by": "event",
    }
    documents = rung(stream={"leg": 1}, **told)
    decision = ended(documents)
    after = stored(documents, decision).call
    assert decision.answer == Connect(2)
    assert after is not None
    assert {name: after[name] for name in told} == {
        "status": "in_progress",
        "end_reason": None,
        "ended_at": None,
        "end_told_by": None,
    }
    assert ended(documents, most=0).answer == Voicemail()


def test_a_drained_instance_is_a_lost_one_and_the_call_goes_on() -> None:
    documents = rung(end_reason="drained", ended_at=NOW, stream={"leg": 1})
    decision = ended(documents)
    after = stored(documents, decision)
    assert decision.answer == Connect(2)
    assert after.call is not None
    assert (after.call["end_reason"], after.call["ended_at"]) == (None, None)


@pytest.mark.parametrize(
    ("status", "ours"),
    [("completed", "completed"), ("busy", "failed"), ("no-answer", "failed"), ("canceled", "failed")],
)
def test_a_caller_who_is_gone_is_hung_up_and_the_end_is_noted(status: str, ours: str) -> None:
    documents = rung()
    decision = ended(documents, status=status)
    reason = {"end_reason": "caller_hangup"} if status == "completed" else {}
    assert decision == Decision(HangUp(), call={"status": ours, "ended_at": NOW, "end_told_by": "twilio", **reason})
    assert ended(stored(documents, decision), status=status) == Decision(HangUp())


def test_the_first_we_hear_of_a_call_may_be_that_its_stream_was_lost() -> None:
    after = stored(Documents(), ended(Documents()))
    assert after.call is not None
    assert after.lead is not None
    assert (after.call["lead_id"], after.call["reconnects"]) == ("972501234567", 1)
    assert after.lead["calls_count"] == 1


def test_a_message_is_stored_on_both_documents() -> None:
    documents = rung(status="in_progress")
    decision = after_recording(CALL, URL, "7", documents)
    after = stored(documents, decision)
    assert decision.answer == HangUp()
    assert after.call is not None
    assert after.lead is not None
    assert {name: after.call[name] for name in ("recording_url", "end_reason", "status", "ended_at")} == {
        "recording_url": URL,
        "end_reason": "voicemail",
        "status": "completed",
        "ended_at": NOW,
    }
    assert after.call["recording_duration_s"] == 7
    assert (after.lead["status"], after.lead["recording_url"]) == ("needs_callback", URL)


def test_a_message_kept_in_another_region_is_stored_like_any_other() -> None:
    url = "https://api.dublin.ie1.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"
    decision = after_recording(CALL, url, "7", rung())
    assert decision.call["recording_url"] == decision.lead["recording_url"] == url


def test_a_message_delivered_twice_does_not_undo_what_a_person_did_since() -> None:
    documents = rung()
    after = stored(documents, after_recording(CALL, URL, "7", documents))
    assert after.lead is not None
    called_back = Documents(after.call, {**after.lead, "status": "captured"})
    later = MetCall("CA1", CALL.from_number, "", "assistant", NOW + timedelta(hours=1), 365)
    assert after_recording(later, URL, "7", called_back) == Decision(HangUp())


def test_a_message_of_a_call_we_never_heard_of_makes_both_documents() -> None:
    after = stored(Documents(), after_recording(CALL, URL, "7", Documents()))
    assert after.call is not None
    assert after.lead is not None
    assert (after.call["lead_id"], after.call["recording_url"]) == ("972501234567", URL)
    assert (after.lead["phone"], after.lead["status"], after.lead["calls_count"]) == (
        "+972501234567",
        "needs_callback",
        1,
    )


def test_a_message_brings_a_removed_lead_back() -> None:
    decision = after_recording(CALL, URL, "7", Documents(call=rung().call))
    assert (decision.lead["phone"], decision.lead["status"]) == ("+972501234567", "needs_callback")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://api.twilio.com/x",
        "https://api.twilio.com.evil.example/x",
        "https://evil.example/api.twilio.com/x",
        "https://api.twilio.com@evil.example/x",
        "https://api.twilio.com:8443/x",
        "https://169.254.169.254/computeMetadata/v1/",
        "https://api.twilio.com/x\n",
        "javascript:alert(1)",
    ],
)
def test_a_recording_elsewhere_than_at_twilio_is_not_stored_but_the_callback_is(url: str) -> None:
    decision = after_recording(CALL, url, "x", rung())
    assert "recording_url" not in decision.call
    assert "recording_duration_s" not in decision.call
    assert decision.call["end_reason"] == "voicemail"
    assert decision.lead["status"] == "needs_callback"


TEXTS = TurnedAway("לא נענתה", "לחזור")


def test_a_caller_above_a_budget_is_turned_away_and_leaves_a_lead_to_call_back() -> None:
    decision = above_budget(CALL, TEXTS, Documents())
    assert decision.answer == OverBudget()
    assert (
        decision.call.items()
        >= {
            "status": "completed",
            "end_reason": "over_budget",
            "ended_at": NOW,
            "duration_s": 0.0,
            "summary_status": "done",
            "sweep_at": None,
            "from": "+972501234567",
        }.items()
    )
    assert (
        decision.lead.items()
        >= {
            "phone": "+972501234567",
            "status": "needs_callback",
            "summary": "לא נענתה",
            "next_step": "לחזור",
        }.items()
    )


def test_what_an_earlier_call_told_stays_on_the_lead_of_a_caller_who_is_turned_away() -> None:
    lead = rung().lead | {"status": "captured", "summary": "מזגן", "last_call_sid": "CA0", "calls": []}  # type: ignore[operator]
    decision = above_budget(CALL, TEXTS, Documents(lead=lead))
    assert (decision.lead["status"], decision.lead["calls_count"]) == ("needs_callback", 2)
    assert (decision.lead["summary"], decision.lead["next_step"]) == ("מזגן", "")


@pytest.mark.parametrize("still_above", [True, False])
def test_who_was_turned_away_is_turned_away_again_by_the_same_webhook(still_above: bool) -> None:
    turned_away = stored(Documents(), above_budget(CALL, TEXTS, Documents()))
    again = above_budget(CALL, TEXTS, turned_away) if still_above else at_ring(CALL, turned_away)
    assert again == Decision(OverBudget())


def test_a_call_that_was_put_through_is_not_taken_away_by_a_repeated_webhook() -> None:
    assert above_budget(CALL, TEXTS, rung()) == Decision(Connect(1))
    assert above_budget(CALL, TEXTS, rung(status="in_progress")).answer == Connect(1)
