"""What Twilio is answered, also when the records cannot be reached."""

import threading
import time
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

import pytest

from calls import caller_parameter
from calls.bounded_work import BoundedWork
from calls.events import Parties
from calls.json_logging import payload
from calls.missing_records import Documents, MetCall
from calls.stream_token import verify
from calls.twilio_signature import signature
from calls.twilio_webhook import WebhookRequest
from functions.incoming_call.answering import Answering
from functions.incoming_call.decisions import Decision
from functions.incoming_call.settings import Settings, load
from functions.incoming_call.used_budgets import UsedBudgets
from functions.shared.bounded_records import BoundedRecords, Records
from functions.shared.errors import RecordsUnavailable
from functions.shared.webhook import Reply

URL = "https://in.example/hook"
FORM = {"CallSid": "CA1", "From": "+972501234567", "To": "+97231234567", "CallStatus": "in-progress", "CallerName": ""}
ENVIRON = {
    "INCOMING_CALL_URL": URL,
    "PUBLIC_HOST": "media.example",
    "TWILIO_AUTH_TOKEN": "old,new",
    "STREAM_TOKEN_SECRET": "secret",
    "LEAD_WRITE_BUDGET_MS": "5000",
}


class InMemory:
    """Records as Firestore would keep them."""

    def __init__(self) -> None:
        self.calls: dict[str, dict[str, Any]] = {}
        self.leads: dict[str, dict[str, Any]] = {}
        self._one_at_a_time = threading.Lock()

    def change(
        self, call_sid: str, lead_id: str, decide: Callable[[Documents], Decision], give_up_at: float
    ) -> Decision:
        with self._one_at_a_time:
            decision = decide(Documents(self.calls.get(call_sid), self.leads.get(lead_id)))
            if decision.call:
                self.calls[call_sid] = {**self.calls.get(call_sid, {}), **decision.call}
            if decision.lead:
                self.leads[lead_id] = {**self.leads.get(lead_id, {}), **decision.lead}
            return decision


class Broken:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def change(self, *_: object) -> Decision:
        raise self._error


class Hanging:
    def __init__(self) -> None:
        self.released = threading.Event()

    def change(self, *_: object) -> Decision:
        self.released.wait(30)
        raise RecordsUnavailable("DeadlineExceeded")


def answering(records: Records, **environ: str) -> Answering:
    settings: Settings = load(ENVIRON | environ)
    return Answering(settings, BoundedRecords(records, BoundedWork(8, 16), settings.write_budget_s))


def post(
    app: Answering, path: str = "/", form: dict[str, str] | None = None, *, url: str = "", key: str = "new", **more: str
) -> Reply:
    params = FORM if form is None else form
    header = signature(key, url or URL + path.rstrip("/"), params.items())
    webhook = WebhookRequest(
        more.get("method", "POST"),
        more.get("query", ""),
        "application/x-www-form-urlencoded",
        header,
        urlencode(params).encode(),
    )
    return app.reply(path, webhook, more.get("delivery", ""))


def token_of(reply: Reply) -> str:
    return reply.body.partition('value="')[2].partition('"')[0]


def test_a_ringing_phone_is_connected_with_a_token_for_its_first_leg() -> None:
    records = InMemory()
    reply = post(answering(records))
    assert reply.status == 200
    assert '<Connect action="https://in.example/hook/after-stream">' in reply.body
    assert verify("secret", token_of(reply), "CA1", time.time()) == 1
    assert set(records.calls) == {"CA1"}
    assert set(records.leads) == {"972501234567"}


def test_the_token_lives_as_long_as_configured() -> None:
    token = token_of(post(answering(InMemory(), STREAM_TOKEN_TTL_SEC="60")))
    assert 58 <= int(token.split(".")[2]) - time.time() <= 60


def test_in_listen_mode_a_person_is_called() -> None:
    records = InMemory()
    reply = post(answering(records, CALL_MODE="listen", FORWARD_TO="+97239999999"))
    assert "<Dial>+97239999999</Dial>" in reply.body
    assert 'track="both_tracks"' in reply.body
    assert records.calls["CA1"]["mode"] == "listen"


@pytest.mark.parametrize("url", [URL, URL + "/"])
@pytest.mark.parametrize("path", ["/", "", "/hook", "/hook/"])
@pytest.mark.parametrize("key", ["old", "new"])
def test_the_ring_is_accepted_under_either_spelling_of_its_url(url: str, path: str, key: str) -> None:
    """With either token of a rotation, and with or without the path of the public URL before the function."""
    assert post(answering(InMemory()), path, url=url, key=key).status == 200


@pytest.mark.parametrize("path", ["/after-stream", "/hook/after-stream"])
def test_the_other_paths_lie_under_the_public_url(path: str) -> None:
    assert post(answering(InMemory()), path, url=URL + "/after-stream").status == 200
    assert post(answering(InMemory()), path, url=URL).status == 403


@pytest.mark.parametrize("path", ["/admin", "/after-stream/", "//", "/hook/x", "/hookx", "/recording/1", "/..", "/%2e"])
def test_any_other_path_is_404(path: str) -> None:
    assert post(answering(InMemory()), path, url=URL) == Reply(404)


@pytest.mark.parametrize(
    ("status", "broken"),
    [
        (405, {"method": "GET"}),
        (403, {"key": "bad"}),
        (403, {"query": "x=1"}),
        (403, {"url": "http://in.example/hook"}),
        (403, {"url": "https://in.example/hook//"}),
    ],
)
def test_what_twilio_did_not_send_is_refused_with_no_body_and_nothing_written(
    status: int, broken: dict[str, str]
) -> None:
    records = InMemory()
    assert post(answering(records), **broken) == Reply(status)  # type: ignore[arg-type]
    assert not records.calls
    assert not records.leads


def test_a_webhook_without_a_usable_call_sid_is_400_and_writes_nothing() -> None:
    records = InMemory()
    for sid in ("", "a/b", "..", "__id__", "CA1\nx"):
        assert post(answering(records), form=FORM | {"CallSid": sid}) == Reply(400)
    assert not records.calls


def test_the_same_ring_three_times_at_once_makes_one_lead_and_one_call() -> None:
    records = InMemory()
    app = answering(records)
    threads = [threading.Thread(target=post, args=(app,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert records.leads["972501234567"]["calls_count"] == 1


def test_lost_streams_are_connected_again_then_sent_to_voicemail_whose_message_is_kept() -> None:
    records = InMemory()
    app = answering(records)
    post(app)
    legs = [verify("secret", token_of(post(app, "/after-stream")), "CA1", time.time()) for _ in range(2)]
    voicemail = post(app, "/after-stream")
    assert legs == [2, 3]
    assert 'language="he-IL"' in voicemail.body
    assert 'action="https://in.example/hook/recording"' in voicemail.body
    message = FORM | {"RecordingUrl": "https://api.twilio.com/RE1", "RecordingDuration": "7"}
    assert "<Hangup/>" in post(app, "/recording", message).body
    assert records.calls["CA1"]["recording_url"] == "https://api.twilio.com/RE1"
    assert records.leads["972501234567"]["status"] == "needs_callback"


@pytest.mark.parametrize("spelling", ["whatsapp:+972501234567", "sip:+972501234567@a.example", "0501234567"])
def test_one_person_is_one_lead_however_the_number_is_spelled(spelling: str) -> None:
    records = InMemory()
    app = answering(records)
    post(app)
    post(app, form=FORM | {"CallSid": "CA2", "From": spelling})
    assert set(records.leads) == {"972501234567"}
    assert records.leads["972501234567"]["calls_count"] == 2


def test_a_recording_elsewhere_is_refused_loudly_and_the_caller_called_back(caplog: pytest.LogCaptureFixture) -> None:
    records = InMemory()
    message = FORM | {"RecordingUrl": "https://api.twilio.com.evil.example/RE1", "RecordingDuration": "7"}
    assert "<Hangup/>" in post(answering(records), "/recording", message).body
    (warning,) = [vars(each) for each in caplog.records if each.message == "recording_refused"]
    assert (warning["levelname"], warning["call_sid"]) == ("WARNING", "CA1")
    assert warning["reason"] == "not a host of Twilio's"
    assert "evil" not in str(warning)
    assert records.leads["972501234567"]["status"] == "needs_callback"
    assert not records.calls["CA1"]["recording_url"]


def test_a_repeated_delivery_gets_a_fresh_token_for_the_same_leg() -> None:
    app = answering(InMemory())
    tokens = [token_of(post(app, "/after-stream", delivery="d1")) for _ in range(2)]
    assert [verify("secret", token, "CA1", time.time()) for token in tokens] == [2, 2]


def test_a_call_that_ended_is_hung_up() -> None:
    records = InMemory()
    app = answering(records)
    post(app)
    records.calls["CA1"]["end_reason"] = "assistant_goodbye"
    assert "<Hangup/>" in post(app, "/after-stream").body


@pytest.mark.parametrize("error", [RecordsUnavailable("ServiceUnavailable"), RuntimeError("leads/972501234567")])
def test_without_records_a_ringing_phone_is_connected_and_a_lost_stream_goes_to_voicemail(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a count of the attempts, connecting again could go on for ever."""
    app = answering(Broken(error))
    assert "<Connect" in post(app).body
    assert "<Record" in post(app, "/after-stream").body
    assert "<Record" not in post(app, "/after-stream", FORM | {"CallStatus": "completed"}).body
    assert "<Hangup/>" in post(app, "/recording").body
    assert "97250" not in str([payload(record) for record in caplog.records])


def caller_of(reply: Reply) -> str:
    return reply.body.partition('<Parameter name="caller" value="')[2].partition('"')[0]


@pytest.mark.parametrize("environ", [{}, {"CALL_MODE": "listen", "FORWARD_TO": "+97231234567"}])
def test_where_the_call_cannot_be_written_down_its_stream_is_told_who_calls(environ: dict[str, str]) -> None:
    """With Firestore away for the whole call, no webhook that comes later could make up for it."""
    without = post(answering(Broken(RecordsUnavailable("ServiceUnavailable")), **environ))
    told = caller_parameter.unseal("secret", caller_of(without), "CA1")
    assert told == Parties("+972501234567", "+97231234567")
    assert verify("secret", token_of(without), "CA1", time.time()) == 1
    assert post(answering(InMemory(), **environ)).body.count("<Parameter") == 1


def test_an_answer_waits_for_hanging_records_no_longer_than_its_budget() -> None:
    records = Hanging()
    app = answering(records, LEAD_WRITE_BUDGET_MS="50")
    started = time.monotonic()
    assert "<Connect" in post(app).body
    assert "<Record" in post(app, "/after-stream").body
    assert time.monotonic() - started < 2
    records.released.set()


def test_hanging_records_do_not_collect_work_without_bound() -> None:
    records = Hanging()
    app = Answering(load(ENVIRON), BoundedRecords(records, BoundedWork(1, 2), budget_s=0.0))
    assert all("<Connect" in post(app).body for _ in range(10))
    records.released.set()


def test_logs_name_calls_and_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    app = answering(InMemory())
    post(app)
    post(app, "/after-stream")
    post(app, key="bad")
    everything = str([payload(record) for record in caplog.records])
    assert "CA1" in everything
    for personal in ("97250", "97231234567", "secret"):
        assert personal not in everything


class Asked:
    """What was used of the budgets: as said, after a while, or not to be had."""

    def __init__(self, answer: str | Exception, after_s: float = 0.0) -> None:
        self._answer = answer
        self._after_s = after_s
        self.times = 0

    def used_up(self, ringing: MetCall) -> str:
        self.times += 1
        time.sleep(self._after_s)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def with_budgets(records: Records, budgets: Asked, **environ: str) -> Answering:
    settings: Settings = load(ENVIRON | environ)
    bounded = BoundedRecords(records, BoundedWork(8, 16), settings.write_budget_s)
    return Answering(settings, bounded, cast(UsedBudgets, budgets))


def test_above_a_budget_a_caller_hears_a_sentence_and_no_stream_is_opened(caplog: pytest.LogCaptureFixture) -> None:
    records = InMemory()
    reply = post(with_budgets(records, Asked("CALLS_PER_NUMBER_PER_HOUR")))
    assert "<Say" in reply.body
    assert "<Hangup/>" in reply.body
    assert "Stream" not in reply.body
    assert records.calls["CA1"]["end_reason"] == "over_budget"
    assert records.leads["972501234567"]["status"] == "needs_callback"
    [told] = [each for each in caplog.records if each.message == "caller_over_budget"]
    assert vars(told)["budget"] == "CALLS_PER_NUMBER_PER_HOUR"
    assert "972501234567" not in payload(told).__str__()


@pytest.mark.parametrize("budgets", [Asked(""), Asked(RecordsUnavailable("DeadlineExceeded"))])
def test_a_caller_is_put_through_within_the_budgets_and_where_they_cannot_be_read(budgets: Asked) -> None:
    records = InMemory()
    assert "<Connect" in post(with_budgets(records, budgets)).body
    assert records.calls["CA1"]["status"] == "ringing"


def test_a_caller_who_was_put_through_while_the_budgets_were_asked_for_is_not_written_off() -> None:
    """The answer goes out in time, and the write that comes after it says the same."""
    records = InMemory()
    app = with_budgets(records, Asked("MINUTES_PER_DAY", after_s=0.3), LEAD_WRITE_BUDGET_MS="100")
    assert "<Connect" in post(app).body
    for _ in range(100):
        if records.calls:
            break
        time.sleep(0.02)
    assert records.calls["CA1"]["status"] == "ringing"


def test_where_a_person_answers_nobody_is_turned_away() -> None:
    budgets = Asked("MINUTES_PER_DAY")
    app = with_budgets(InMemory(), budgets, CALL_MODE="listen", FORWARD_TO="+97239999999")
    assert "<Dial>" in post(app).body
    assert budgets.times == 0


def test_budgets_are_asked_for_once_a_ring_and_at_nothing_else() -> None:
    class Racing(InMemory):
        def change(self, call_sid: str, lead_id: str, decide: Any, give_up_at: float) -> Decision:
            decide(Documents())
            return super().change(call_sid, lead_id, decide, give_up_at)

    budgets = Asked("")
    app = with_budgets(Racing(), budgets)
    post(app)
    post(app, "/after-stream")
    assert budgets.times == 1
