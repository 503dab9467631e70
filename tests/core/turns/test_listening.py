"""One speaker: audio and results in, utterances out."""

from dataclasses import replace

from media_service.core import actions as act
from media_service.core.events import RecognitionResult
from media_service.core.recognition.wording import Wording, unpunctuated
from media_service.core.turns import utterance as ear
from media_service.core.turns.listening import Listener, ListeningSettings, Step
from media_service.core.vad.audio import FRAME_BYTES, FRAME_S

VOICE, QUIET = b"\x10\x90" * (FRAME_BYTES // 2), b"\xff" * FRAME_BYTES
SETTINGS = ListeningSettings()


class Ear:
    def __init__(self, settings: ListeningSettings = SETTINGS) -> None:
        self.listener = Listener("caller", settings, 0.0)
        self.now = 0.0
        self.all: list[object] = []
        self.take(self.listener.start(0.0))
        if settings.streaming:
            self.take(self.listener.opened("caller-1", 0.0))

    def take(self, step: Step) -> list[object]:
        self.all += step
        return [item for item in step if isinstance(item, ear.SpeechFact)]

    def listen(self, seconds: float, frame: bytes = QUIET) -> list[object]:
        heard: list[object] = []
        for _ in range(round(seconds / FRAME_S)):
            self.now = round(self.now + FRAME_S, 6)
            if self.now >= self.listener.deadline():
                heard += self.take(self.listener.on_timer(self.now))
            heard += self.take(self.listener.feed(frame, self.now))
        return heard

    def speak(self, seconds: float) -> list[object]:
        return self.listen(seconds, VOICE)

    def interim(self, text: str) -> list[object]:
        return self.take(self.listener.result("caller-1", RecognitionResult(text, False, stability=0.9), self.now))

    def final(self, text: str, confidence: float = 0.9) -> list[object]:
        result = RecognitionResult(text, True, confidence=confidence)
        return self.take(self.listener.result("caller-1", result, self.now))

    @property
    def requests(self) -> list[str]:
        return [item.request for item in self.all if isinstance(item, act.RecognizeOnce)]


def closed(heard: list[object]) -> list[str]:
    return [item.utterance.text for item in heard if isinstance(item, ear.UtteranceClosed)]


def settled(heard: list[object]) -> list[str]:
    return [item.utterance.text for item in heard if isinstance(item, ear.UtteranceSettled)]


def test_a_strong_interim_ends_the_utterance_at_the_hangover() -> None:
    heard = Ear()
    heard.speak(1.0)
    heard.interim("אני צריכה הצעת מחיר")

    assert closed(heard.listen(0.20)) == []
    (end,) = heard.listen(0.02)
    assert isinstance(end, ear.UtteranceClosed)
    assert end.utterance.ended_at == 1.0
    assert abs(end.utterance.closed_at - 1.22) < 1e-6
    assert end.utterance.started_at <= 0.06


def test_a_weak_interim_waits_longer() -> None:
    heard = Ear()
    heard.speak(0.6)
    heard.interim("כן")
    assert closed(heard.listen(0.44)) == []
    assert closed(heard.listen(0.02)) == ["כן"]


def test_the_final_that_comes_in_time_corrects_what_is_published() -> None:
    heard = Ear()
    heard.speak(1.0)
    heard.interim("אני צריך הצעת מחיר")
    heard.listen(0.3)
    result = heard.final("אני צריכה הצעת מחיר.", confidence=0.8)

    assert settled(result) == ["אני צריכה הצעת מחיר."]
    assert not any(isinstance(item, ear.UtteranceAmended) for item in result)
    last = result[-1]
    assert isinstance(last, ear.UtteranceSettled)
    assert last.utterance.confidence == 0.8


def test_words_only_the_final_has_amend_the_utterance() -> None:
    heard = Ear()
    heard.speak(1.0)
    heard.interim("אני צריכה הצעת מחיר")
    heard.listen(0.3)
    result = heard.final("אני צריכה הצעת מחיר למזגן")

    assert [type(item) for item in result] == [ear.UtteranceAmended, ear.UtteranceSettled]
    assert settled(result) == ["אני צריכה הצעת מחיר למזגן"]


def test_without_a_final_an_utterance_is_published_as_it_is_within_a_second() -> None:
    heard = Ear()
    heard.speak(1.0)
    heard.interim("אני צריכה הצעת מחיר")
    assert settled(heard.listen(0.9)) == []
    assert settled(heard.listen(0.1)) == ["אני צריכה הצעת מחיר"]
    assert not heard.listener.owes_words


def test_a_final_that_comes_after_that_and_says_other_words_makes_a_revision() -> None:
    """Google's finals come 0.9 s after the voice in the median, and were seen after two seconds."""
    heard = Ear()
    heard.speak(1.0)
    heard.interim("אני צריך הצעת מחיר")
    heard.listen(1.8)
    assert settled(heard.all) == ["אני צריך הצעת מחיר"]
    (revised,) = heard.final("אני צריכה הצעת מחיר.", confidence=0.8)
    assert isinstance(revised, ear.UtteranceRevised)
    assert (revised.utterance.text, revised.utterance.confidence) == ("אני צריכה הצעת מחיר.", 0.8)


def test_a_final_that_only_says_it_again_revises_nothing() -> None:
    heard = Ear()
    heard.speak(1.0)
    heard.interim("אני צריכה הצעת מחיר")
    heard.listen(1.8)
    assert heard.final("אני צריכה הצעת מחיר") == []


def test_two_utterances_in_one_segment_do_not_repeat_each_other() -> None:
    """A caller who goes on after a short pause; the recognizer decides both at once."""
    heard = Ear()
    heard.speak(1.0)
    heard.interim("אני צריכה הצעת מחיר")
    first = closed(heard.listen(0.4))
    heard.speak(1.0)
    heard.interim("אני צריכה הצעת מחיר למזגן בסלון")
    second = closed(heard.listen(0.5))
    result = heard.final("אני צריכה הצעת מחיר למזגן בסלון, תודה")

    assert first == ["אני צריכה הצעת מחיר"]
    assert second == ["למזגן בסלון"]
    assert settled(result) == ["למזגן בסלון, תודה"]


def test_a_final_for_half_of_it_does_not_cut_the_other_half() -> None:
    heard = Ear()
    heard.speak(1.0)
    heard.interim("אני צריכה הצעת מחיר")
    heard.listen(0.3)
    assert settled(heard.final("אני צריכה")) == []
    assert settled(heard.final("הצעת מחיר.")) == ["אני צריכה הצעת מחיר."]


def test_a_pause_inside_a_sentence_is_no_end_while_nothing_strong_was_heard() -> None:
    heard = Ear()
    heard.speak(0.5)
    heard.interim("אני")
    assert closed(heard.listen(0.3)) == []
    heard.speak(0.5)
    heard.interim("אני רוצה מזגן")
    assert closed(heard.listen(0.5)) == ["אני רוצה מזגן"]


def test_speech_without_words_is_noise_in_the_end() -> None:
    heard = Ear()
    assert isinstance(heard.speak(0.3)[0], ear.SpeechBegan)
    assert heard.listen(2.9) == []
    assert [type(fact) for fact in heard.listen(0.2)] == [ear.SpeechDismissed]
    assert not heard.listener.is_speaking


def test_a_click_on_the_line_is_not_even_that() -> None:
    heard = Ear()
    assert heard.speak(0.04) == []
    assert heard.listen(5.0) == []


def test_nobody_is_taken_for_noise_while_no_stream_listens() -> None:
    heard = Ear()
    heard.take(heard.listener.stream_ended("caller-1", "broke", 0.0))
    heard.speak(0.6)
    assert ear.SpeechDismissed not in map(type, heard.listen(5.0))


def test_words_without_any_voice_are_an_utterance_too() -> None:
    """Speech below the threshold of the detector, which the recognizer understood all the same."""
    heard = Ear()
    heard.listen(2.0)
    heard.final("אפשר לדבר עם מישהו")
    assert closed(heard.listen(0.5)) == ["אפשר לדבר עם מישהו"]


def test_interims_are_shown_without_punctuation_and_finals_with_it_as_configured() -> None:
    heard = Ear(replace(SETTINGS, wording=Wording(punctuate_interims=False, punctuate_finals=True)))
    heard.speak(1.0)
    shown = [item.text for item in heard.interim("שלום, אני דנה.") if isinstance(item, ear.InterimShown)]
    heard.listen(0.3)
    assert shown == ["שלום אני דנה"]
    assert settled(heard.final("שלום, אני דנה.")) == ["שלום, אני דנה."]

    plain = Ear(replace(SETTINGS, wording=Wording(punctuate_finals=False)))
    plain.speak(1.0)
    plain.final("ב-3.5 שקלים, נכון?")
    assert settled(plain.listen(0.3)) == ["ב-3.5 שקלים נכון"]
    assert unpunctuated("שלום , לך !") == "שלום לך"


def test_audio_may_come_in_pieces_of_any_length() -> None:
    heard = Ear()
    audio = VOICE * 30
    for start in range(0, len(audio), 7):
        heard.take(heard.listener.feed(audio[start : start + 7], 0.6))
    sent = b"".join(item.audio for item in heard.all if isinstance(item, act.SendAudio))
    assert audio.startswith(sent)
    assert len(sent) >= len(audio) - 640


def test_single_requests_answered_out_of_order_are_told_in_order() -> None:
    heard = Ear(replace(SETTINGS, streaming=False))
    for _ in range(2):
        heard.speak(1.0)
        heard.listen(0.6)
    first, second = heard.requests

    assert heard.take(heard.listener.recognized(second, [RecognitionResult("שני", True)], "whisper", 4.0)) == []
    both = heard.take(heard.listener.recognized(first, [RecognitionResult("ראשון", True)], "google_single", 5.0))
    assert settled(both) == ["ראשון", "שני"]
    recognizers = [item.utterance.recognizer for item in both if isinstance(item, ear.UtteranceSettled)]
    assert recognizers == ["google_single", "whisper"]
    assert heard.take(heard.listener.recognized(first, [RecognitionResult("שוב", True)], "google_single", 6.0)) == []


def test_a_click_makes_no_single_request_and_the_word_after_it_keeps_its_beginning() -> None:
    heard = Ear(replace(SETTINGS, streaming=False))
    heard.listen(1.0)
    heard.speak(0.04)
    heard.listen(3.0)
    assert (heard.requests, heard.listener.is_speaking) == ([], False)

    heard.speak(0.7)
    heard.listen(0.6)
    (request,) = [item for item in heard.all if isinstance(item, act.RecognizeOnce)]
    first_voiced = request.audio.index(VOICE)
    assert request.audio[:first_voiced] == QUIET * 18
    assert request.audio[first_voiced:].startswith(VOICE * 35)


def test_a_click_before_hanging_up_is_asked_of_nobody() -> None:
    heard = Ear(replace(SETTINGS, streaming=False))
    heard.speak(0.04)
    heard.take(heard.listener.finish(heard.now))

    assert heard.requests == []


def test_a_failed_request_lets_those_after_it_pass() -> None:
    heard = Ear(replace(SETTINGS, streaming=False))
    for _ in range(2):
        heard.speak(1.0)
        heard.listen(0.6)
    first, second = heard.requests
    heard.take(heard.listener.recognized(second, [RecognitionResult("שני", True)], "google_single", 4.0))
    assert settled(heard.take(heard.listener.request_failed(first, "503", 5.0))) == ["שני"]


def test_what_streaming_had_heard_is_kept_when_it_is_given_up_in_mid_sentence() -> None:
    """A final for the first half, an interim for the second; the rest comes by a single request."""
    heard = Ear()
    heard.speak(1.0)
    heard.final("אני צריכה")
    heard.speak(1.0)
    heard.interim("הצעת")
    for number in (1, 2, 3):
        heard.take(heard.listener.stream_ended(f"caller-{number}", "broke", heard.now))
        heard.speak(0.3)
    heard.listen(1.0)
    (request,) = heard.requests
    result = heard.take(
        heard.listener.recognized(request, [RecognitionResult("הצעת מחיר", True)], "google_single", heard.now)
    )
    assert settled(result) == ["אני צריכה הצעת מחיר"]


def test_hanging_up_between_two_streams_loses_nothing() -> None:
    heard = Ear()
    heard.speak(1.0)
    heard.take(heard.listener.stream_ended("caller-1", "broke", heard.now))
    heard.take(heard.listener.finish(heard.now))
    (request,) = heard.requests
    assert heard.listener.owes_words
    result = heard.take(
        heard.listener.recognized(request, [RecognitionResult("תחזרו אליי", True)], "google_single", heard.now)
    )
    assert settled(result) == ["תחזרו אליי"]


def test_closing_settles_what_was_heard_as_it_is() -> None:
    heard = Ear()
    heard.speak(1.0)
    heard.interim("תחזרו")
    heard.take(heard.listener.finish(heard.now))
    assert settled(heard.take(heard.listener.close(99.0))) == ["תחזרו"]
    assert not heard.listener.owes_words


def streaming_again_with_a_request_under_way(settings: ListeningSettings = SETTINGS) -> tuple[Ear, str]:
    """The first sentence went into a single request; then a stream opened and heard the second."""
    heard = Ear(settings)
    heard.speak(1.0)
    for number in (1, 2, 3):
        heard.take(heard.listener.stream_ended(f"caller-{number}", "broke", heard.now))
        heard.listen(0.3)
    heard.listen(22.0)
    (request,) = heard.requests
    heard.take(heard.listener.opened("caller-4", heard.now))
    heard.speak(1.0)
    result = RecognitionResult("השני", True, confidence=0.9)
    early = heard.take(heard.listener.result("caller-4", result, heard.now)) + heard.listen(0.3)
    assert closed(early) == settled(early) == []
    return heard, request


def test_what_a_stream_hears_waits_for_the_request_before_it() -> None:
    heard, request = streaming_again_with_a_request_under_way()
    both = heard.take(
        heard.listener.recognized(request, [RecognitionResult("הראשון", True)], "google_single", heard.now)
    )
    assert closed(both) == settled(both) == ["הראשון", "השני"]


def test_it_does_not_wait_for_ever() -> None:
    heard, request = streaming_again_with_a_request_under_way(replace(SETTINGS, keep_order_s=2.0))
    assert settled(heard.listen(2.0)) == ["השני"]
    late = heard.take(
        heard.listener.recognized(request, [RecognitionResult("הראשון", True)], "google_single", heard.now)
    )
    assert settled(late) == ["הראשון"]


def test_what_waits_comes_out_at_the_end_of_the_call() -> None:
    heard, _ = streaming_again_with_a_request_under_way()
    heard.take(heard.listener.finish(heard.now))
    assert settled(heard.take(heard.listener.close(99.0))) == ["השני"]
