"""TwiML as the contract spells it, whatever the values are."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from functions.incoming_call.twiml import Spoken, StreamTarget, connect, goodbye, hang_up, listen, voicemail

TARGET = StreamTarget("wss://media.example/ws/twilio-media", "https://st.example", "start mark stop")


def test_a_new_call_is_connected_exactly_as_promised() -> None:
    assert connect(TARGET, {"token": "v1.1.99.abc"}, "https://in.example/after-stream") == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<Response>\n"
        '  <Connect action="https://in.example/after-stream">\n'
        '    <Stream url="wss://media.example/ws/twilio-media" track="inbound_track"'
        ' statusCallbackEvent="start mark stop" statusCallback="https://st.example">\n'
        '      <Parameter name="token" value="v1.1.99.abc"/>\n'
        "    </Stream>\n"
        "  </Connect>\n"
        "</Response>\n"
    )


def test_a_caller_who_has_to_wait_is_told_so_and_connected_after_some_seconds() -> None:
    say, pause, again = ElementTree.fromstring(  # noqa: S314 - our own document
        connect(TARGET, {"token": "t"}, "https://in.example/after-stream", Spoken("רק רגע", "he-IL", "V"))
    )
    assert (say.tag, say.attrib, say.text) == ("Say", {"language": "he-IL", "voice": "V"}, "רק רגע")
    assert (pause.tag, pause.attrib) == ("Pause", {"length": "4"})
    assert again.tag == "Connect"


def test_status_events_that_are_switched_off_leave_no_attribute() -> None:
    quiet = StreamTarget(TARGET.url, TARGET.status_callback, "")
    assert "statusCallbackEvent" not in connect(quiet, {"token": "t"}, "https://in.example/after-stream")


def test_in_listen_mode_both_sides_are_copied_and_a_person_is_called() -> None:
    start, dial = ElementTree.fromstring(listen(TARGET, {"token": "t"}, "+97231234567"))  # noqa: S314 - our own document
    assert (start.tag, start.attrib) == ("Start", {})
    assert start[0].attrib == {
        "url": TARGET.url,
        "track": "both_tracks",
        "statusCallbackEvent": "start mark stop",
        "statusCallback": "https://st.example",
    }
    assert (dial.tag, dial.text) == ("Dial", "+97231234567")


def test_voicemail_speaks_then_records_then_hangs_up() -> None:
    """Twilio does not ask for the action when nothing was recorded; then the next verb ends the call."""
    document = ElementTree.fromstring(voicemail(Spoken("נחזור", "he-IL", "V"), "https://in.example/recording"))  # noqa: S314
    assert [verb.tag for verb in document] == ["Say", "Record", "Hangup"]
    assert document[0].text == "נחזור"
    assert document[0].attrib == {"language": "he-IL", "voice": "V"}
    assert document[1].get("action") == "https://in.example/recording"


def test_hanging_up_is_one_verb() -> None:
    assert hang_up() == '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Hangup/>\n</Response>\n'


@given(st.text(), st.text(), st.text())
def test_no_value_can_add_a_verb_or_break_the_document(one: str, two: str, three: str) -> None:
    target = StreamTarget(one, two, three)
    for document, verbs in (
        (connect(target, {one: two}, three), ["Response", "Connect", "Stream", "Parameter"]),
        (listen(target, {one: two}, three), ["Response", "Start", "Stream", "Parameter", "Dial"]),
        (voicemail(Spoken(one, two, three), one), ["Response", "Say", "Record", "Hangup"]),
        (goodbye(Spoken(one, two, three)), ["Response", "Say", "Hangup"]),
    ):
        assert document.startswith("<?xml")
        assert [element.tag for element in ElementTree.fromstring(document).iter()] == verbs  # noqa: S314
