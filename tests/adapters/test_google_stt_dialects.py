from typing import Any

import pytest
from google.cloud.speech_v1.types import cloud_speech as v1
from google.cloud.speech_v2.types import cloud_speech as v2

from media_service.adapters.google_stt_dialect import Dialect, SpeechOptions, google_language
from media_service.adapters.google_stt_v1 import SpeechV1
from media_service.adapters.google_stt_v2 import SpeechV2, recognizer_path
from media_service.core.events import RecognitionResult

OPTIONS = SpeechOptions(language="iw-IL", punctuation=True)
RECOGNIZER = "projects/p/locations/eu/recognizers/_"
V1 = SpeechV1(OPTIONS, "default", enhanced=True)
V2 = SpeechV2(OPTIONS, "chirp_3", RECOGNIZER)


def response(dialect: Dialect, *results: dict[str, Any]) -> bytes:
    version, end = (v1, "result_end_time") if dialect is V1 else (v2, "result_end_offset")
    for each in results:
        if "end" in each:
            each[end] = {"seconds": each["end"] // 1000, "nanos": each.pop("end") % 1000 * 1_000_000}
    return bytes(
        version.StreamingRecognizeResponse.serialize(version.StreamingRecognizeResponse(results=list(results)))
    )


def said(text: str, **more: Any) -> dict[str, Any]:
    confidence = more.pop("confidence", 0.0)
    return {"alternatives": [{"transcript": text, "confidence": confidence}, {"transcript": "worse"}], **more}


@pytest.mark.parametrize("tag", ["he", "he-IL", "iw-IL", "HE-il", " iw "])
def test_google_hears_hebrew_under_its_old_code(tag: str) -> None:
    assert google_language(tag) == "iw-IL"


def test_other_languages_keep_their_tag() -> None:
    assert google_language("en-US") == "en-US"


def test_v1_asks_for_the_model_in_the_format_of_the_phone_line() -> None:
    request = v1.StreamingRecognizeRequest.deserialize(V1.streaming_config())
    config = request.streaming_config.config
    assert request.streaming_config.interim_results
    assert not request.streaming_config.single_utterance
    assert (config.model, config.use_enhanced, config.language_code) == ("default", True, "iw-IL")
    assert config.encoding == v1.RecognitionConfig.AudioEncoding.LINEAR16
    assert (config.sample_rate_hertz, config.audio_channel_count) == (8000, 1)
    assert config.enable_automatic_punctuation


def test_v2_names_its_recognizer_and_decoding() -> None:
    request = v2.StreamingRecognizeRequest.deserialize(V2.streaming_config())
    config = request.streaming_config.config
    assert request.recognizer == RECOGNIZER
    assert request.streaming_config.streaming_features.interim_results
    assert (config.model, list(config.language_codes)) == ("chirp_3", ["iw-IL"])
    decoding = config.explicit_decoding_config
    assert decoding.encoding == v2.ExplicitDecodingConfig.AudioEncoding.LINEAR16
    assert (decoding.sample_rate_hertz, decoding.audio_channel_count) == (8000, 1)
    assert V2.single_metadata == (("x-goog-request-params", f"recognizer={RECOGNIZER}"),)


def test_punctuation_is_asked_for_only_where_it_is_wanted() -> None:
    plain = SpeechV1(SpeechOptions("iw-IL", punctuation=False), "default", enhanced=False)
    config = v1.StreamingRecognizeRequest.deserialize(plain.streaming_config()).streaming_config.config
    assert not config.enable_automatic_punctuation
    assert not config.use_enhanced


@pytest.mark.parametrize(
    ("host", "location"),
    [
        ("eu-speech.googleapis.com", "eu"),
        ("us-speech.googleapis.com", "us"),
        ("speech.googleapis.com", "global"),
    ],
)
def test_the_recognizer_is_where_the_endpoint_is(host: str, location: str) -> None:
    assert recognizer_path("p", host) == f"projects/p/locations/{location}/recognizers/_"


def test_audio_goes_alone_in_a_request() -> None:
    first = v1.StreamingRecognizeRequest.deserialize(V1.streaming_audio(b"\x01\x02"))
    second = v2.StreamingRecognizeRequest.deserialize(V2.streaming_audio(b"\x01\x02"))
    assert (first.audio_content, bool(first.streaming_config)) == (b"\x01\x02", False)
    assert (second.audio, bool(second.streaming_config), second.recognizer) == (b"\x01\x02", False, "")


@pytest.mark.parametrize("dialect", [V1, V2])
class TestResultsOfAStream:
    def test_interims_of_a_response_are_one_text(self, dialect: Dialect) -> None:
        results = dialect.streaming_results(
            response(dialect, said("קוראים לי", stability=0.9), said(" דנה", stability=0.25, end=1480))
        )
        assert results == [
            RecognitionResult(
                "קוראים לי דנה", is_final=False, end_s=1.48, stability=0.25, recognizer="google_streaming"
            )
        ]

    def test_a_final_comes_before_the_interims_that_follow_it(self, dialect: Dialect) -> None:
        results = dialect.streaming_results(
            response(dialect, said("שלום.", is_final=True, confidence=0.93, end=2500), said(" אני"), said(" צריכה"))
        )
        assert results == [
            RecognitionResult("שלום.", is_final=True, end_s=2.5, confidence=0.93, recognizer="google_streaming"),
            RecognitionResult("אני צריכה", is_final=False, recognizer="google_streaming"),
        ]

    def test_what_was_not_said_is_none(self, dialect: Dialect) -> None:
        (result,) = dialect.streaming_results(response(dialect, said("כן", is_final=True)))
        assert (result.end_s, result.confidence, result.stability) == (None, None, 0.0)

    def test_nothing_heard_is_no_result(self, dialect: Dialect) -> None:
        assert dialect.streaming_results(b"") == []
        empty = response(dialect, {"alternatives": []}, said(" ", is_final=True), said(""))
        assert dialect.streaming_results(empty) == []


def test_each_version_says_what_it_takes() -> None:
    """A stream is changed before its version ends it, and a message is below 25,600 and 15,000 bytes of LINEAR16."""
    assert (V1.profile.longest_stream_s, V2.profile.longest_stream_s) == (305.0, 300.0)
    assert 2 * V1.profile.largest_message_bytes <= 25_600
    assert 2 * V2.profile.largest_message_bytes <= 15_000


def test_single_requests_carry_config_and_audio_and_give_finals() -> None:
    one = v1.RecognizeRequest.deserialize(V1.single_request(b"\x01\x02"))
    two = v2.RecognizeRequest.deserialize(V2.single_request(b"\x01\x02"))
    assert (one.audio.content, one.config.model) == (b"\x01\x02", "default")
    assert (two.content, two.config.model, two.recognizer) == (b"\x01\x02", "chirp_3", RECOGNIZER)
    answer = v1.RecognizeResponse(results=[said("כן", result_end_time={"seconds": 1}), {"alternatives": []}])
    assert V1.single_results(v1.RecognizeResponse.serialize(answer)) == [
        RecognitionResult("כן", is_final=True, end_s=1.0, recognizer="google_single")
    ]
    other = v2.RecognizeResponse(results=[said("לא", result_end_offset={"seconds": 2}, confidence=0.5)])
    assert V2.single_results(v2.RecognizeResponse.serialize(other)) == [
        RecognitionResult("לא", is_final=True, end_s=2.0, confidence=0.5, recognizer="google_single")
    ]
