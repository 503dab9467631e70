"""google.cloud.speech.v2: what its messages mean here, and which configurations it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from google.cloud import speech_v2

from local.standins.refusal import invalid
from local.standins.speech.recognition import FinalHeard, InterimHeard, Result, SpeechEvent, Wishes
from local.standins.speech.request_config import Encoding, RequestConfig, check_language, check_rate
from local.standins.speech.stream_limits import V2

SERVICE: Final = "google.cloud.speech.v2.Speech"
STREAM_REQUEST: Final = speech_v2.StreamingRecognizeRequest
STREAM_RESPONSE: Final = speech_v2.StreamingRecognizeResponse
REQUEST: Final = speech_v2.RecognizeRequest
RESPONSE: Final = speech_v2.RecognizeResponse
LIMITS: Final = V2

_RECOGNIZER: Final = re.compile(r"projects/[^/]+/locations/(?P<location>[^/]+)/recognizers/[^/]+\Z")
_LOCATIONS_OF_CHIRP_3: Final = frozenset({"eu", "us"})
_OTHER_MODELS: Final = frozenset({"long", "short", "telephony", "telephony_short", "latest_long", "latest_short",
                                  "chirp", "chirp_2"})  # fmt: skip
_ENCODINGS: Final[dict[int, Encoding]] = {
    speech_v2.ExplicitDecodingConfig.AudioEncoding.LINEAR16: "LINEAR16",
    speech_v2.ExplicitDecodingConfig.AudioEncoding.MULAW: "MULAW",
}
_EVENTS: Final = {
    "activity_begin": speech_v2.StreamingRecognizeResponse.SpeechEventType.SPEECH_ACTIVITY_BEGIN,
    "activity_end": speech_v2.StreamingRecognizeResponse.SpeechEventType.SPEECH_ACTIVITY_END,
    "end_of_single_utterance": speech_v2.StreamingRecognizeResponse.SpeechEventType.END_OF_SINGLE_UTTERANCE,
}


def has_stream_config(request: Any) -> bool:
    return "streaming_config" in request


def stream_audio(request: Any) -> bytes:
    return bytes(request.audio)


def stream_config(request: Any, unsupported: Iterable[str]) -> RequestConfig:
    """Raises `Refused` for a configuration the service does not take."""
    asked = request.streaming_config
    config = _config(request.recognizer, asked.config, unsupported)
    return replace(
        config,
        wishes=replace(
            config.wishes,
            interim_results=asked.streaming_features.interim_results,
            voice_activity_events=asked.streaming_features.enable_voice_activity_events,
        ),
    )


def request_config(request: Any, unsupported: Iterable[str]) -> RequestConfig:
    return _config(request.recognizer, request.config, unsupported)


def request_audio(request: Any) -> bytes:
    if not request.content:
        raise invalid("Audio content is empty.")
    return bytes(request.content)


def _config(recognizer: str, config: Any, unsupported: Iterable[str]) -> RequestConfig:
    match = _RECOGNIZER.match(recognizer)
    if not match:
        raise invalid(f'Invalid resource name "{recognizer}" of a recognizer.')
    location = match["location"]
    language = config.language_codes[0] if config.language_codes else ""
    check_language(language)
    _check_model(config.model, location, language, unsupported)
    _check_features(config.features)
    decoding = config.explicit_decoding_config
    if "explicit_decoding_config" not in config or decoding.encoding not in _ENCODINGS:
        raise invalid("Audio encoding could not be detected; headerless audio needs an explicit decoding config.")
    check_rate(decoding.sample_rate_hertz)
    if decoding.audio_channel_count != 1:
        raise invalid("Invalid explicit decoding config: bad audio channel count.")
    # chirp_3 punctuates whether it is asked to or not.
    return RequestConfig(
        _ENCODINGS[decoding.encoding], decoding.sample_rate_hertz, language, config.model, Wishes(punctuation=True)
    )


def _check_model(model: str, location: str, language: str, unsupported: Iterable[str]) -> None:
    known = location in _LOCATIONS_OF_CHIRP_3 if model == "chirp_3" else model in _OTHER_MODELS
    if not known:
        raise invalid(f'The model "{model}" does not exist in the location named "{location}".')
    if model != "chirp_3" or language not in ("iw-IL", "auto") or model in unsupported:
        raise invalid(
            f'The language "{language}" is not supported by the model "{model}" in the location named "{location}".'
        )


def _check_features(features: Any) -> None:
    refused = {
        "word_level_confidence": features.enable_word_confidence,
        "word_level_timestamps": features.enable_word_time_offsets,
        "profanity_filter": features.profanity_filter,
        "spoken_punctuation": features.enable_spoken_punctuation,
    }
    for name, asked in refused.items():
        if asked:
            raise invalid(f"Recognizer does not support feature: {name}")


def stream_response(result: Result) -> Any:
    if isinstance(result, SpeechEvent):
        return STREAM_RESPONSE(
            speech_event_type=_EVENTS[result.kind], speech_event_offset=timedelta(seconds=result.at_s)
        )
    if isinstance(result, InterimHeard):
        alternative = speech_v2.SpeechRecognitionAlternative(transcript=result.text)
        found = speech_v2.StreamingRecognitionResult(alternatives=[alternative], stability=result.stability)
    else:
        alternative = speech_v2.SpeechRecognitionAlternative(transcript=result.text, confidence=result.confidence)
        found = speech_v2.StreamingRecognitionResult(alternatives=[alternative], is_final=True)
    found.result_end_offset = timedelta(seconds=result.end_s)
    found.language_code = "iw-IL"
    return STREAM_RESPONSE(results=[found])


def response(results: Sequence[FinalHeard], duration_s: float) -> Any:
    return RESPONSE(
        results=[
            speech_v2.SpeechRecognitionResult(
                alternatives=[
                    speech_v2.SpeechRecognitionAlternative(transcript=result.text, confidence=result.confidence)
                ],
                result_end_offset=timedelta(seconds=result.end_s),
                language_code="iw-IL",
            )
            for result in results
        ],
        metadata=speech_v2.RecognitionResponseMetadata(total_billed_duration=timedelta(seconds=-(-duration_s // 1))),
    )
