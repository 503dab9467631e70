"""google.cloud.speech.v1: what its messages mean here, and which configurations it refuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from google.cloud import speech_v1

from local.standins.refusal import invalid
from local.standins.speech.recognition import FinalHeard, InterimHeard, Result, SpeechEvent, Wishes
from local.standins.speech.request_config import HEBREW, Encoding, RequestConfig, check_language, check_rate
from local.standins.speech.stream_limits import V1

SERVICE: Final = "google.cloud.speech.v1.Speech"
STREAM_REQUEST: Final = speech_v1.StreamingRecognizeRequest
STREAM_RESPONSE: Final = speech_v1.StreamingRecognizeResponse
REQUEST: Final = speech_v1.RecognizeRequest
RESPONSE: Final = speech_v1.RecognizeResponse
LIMITS: Final = V1

_MODELS: Final = frozenset(
    {"default", "command_and_search", "phone_call", "latest_long", "latest_short", "telephony", "telephony_short",
     "video", "medical_dictation", "medical_conversation"}
)  # fmt: skip
_HEBREW_MODELS: Final = frozenset({"default", "command_and_search"})
_ENCODINGS: Final[dict[int, Encoding]] = {
    speech_v1.RecognitionConfig.AudioEncoding.LINEAR16: "LINEAR16",
    speech_v1.RecognitionConfig.AudioEncoding.MULAW: "MULAW",
}
_EVENTS: Final = {
    "activity_begin": speech_v1.StreamingRecognizeResponse.SpeechEventType.SPEECH_ACTIVITY_BEGIN,
    "activity_end": speech_v1.StreamingRecognizeResponse.SpeechEventType.SPEECH_ACTIVITY_END,
    "end_of_single_utterance": speech_v1.StreamingRecognizeResponse.SpeechEventType.END_OF_SINGLE_UTTERANCE,
}


def has_stream_config(request: Any) -> bool:
    return "streaming_config" in request


def stream_audio(request: Any) -> bytes:
    return bytes(request.audio_content)


def stream_config(request: Any, unsupported: Iterable[str]) -> RequestConfig:
    """Raises `Refused` for a configuration the service does not take."""
    asked = request.streaming_config
    config = asked.config
    if asked.single_utterance and not (
        config.model in ("", "command_and_search") or (config.model == "phone_call" and config.use_enhanced)
    ):
        raise invalid(f"Invalid 'single_utterance': it is not supported with the model {config.model}.")
    return _config(
        config,
        unsupported,
        Wishes(
            interim_results=asked.interim_results,
            punctuation=config.enable_automatic_punctuation,
            voice_activity_events=asked.enable_voice_activity_events,
            single_utterance=asked.single_utterance,
        ),
    )


def request_config(request: Any, unsupported: Iterable[str]) -> RequestConfig:
    return _config(request.config, unsupported, Wishes(punctuation=request.config.enable_automatic_punctuation))


def request_audio(request: Any) -> bytes:
    if not request.audio.content:
        raise invalid("Invalid recognition 'audio': empty audio content.")
    return bytes(request.audio.content)


def _config(config: Any, unsupported: Iterable[str], wishes: Wishes) -> RequestConfig:
    check_language(config.language_code)
    model = config.model or "default"
    if model not in _MODELS:
        raise invalid("Invalid recognition 'config': Incorrect model specified.")
    if config.language_code in HEBREW and (model not in _HEBREW_MODELS or model in unsupported):
        # he-IL is treated as iw-IL, and the message says so.
        raise invalid(
            "Invalid recognition 'config': The requested model is currently not supported for language : iw-IL."
        )
    if config.encoding not in _ENCODINGS:
        raise invalid("Invalid recognition 'config': bad encoding.")
    check_rate(config.sample_rate_hertz)
    if config.audio_channel_count > 1:
        raise invalid("Invalid recognition 'config': Must use single channel (mono) audio for this encoding.")
    return RequestConfig(_ENCODINGS[config.encoding], config.sample_rate_hertz, config.language_code, model, wishes)


def stream_response(result: Result) -> Any:
    if isinstance(result, SpeechEvent):
        return STREAM_RESPONSE(speech_event_type=_EVENTS[result.kind], speech_event_time=timedelta(seconds=result.at_s))
    if isinstance(result, InterimHeard):
        alternative = speech_v1.SpeechRecognitionAlternative(transcript=result.text)
        found = speech_v1.StreamingRecognitionResult(alternatives=[alternative], stability=result.stability)
    else:
        alternative = speech_v1.SpeechRecognitionAlternative(transcript=result.text, confidence=result.confidence)
        found = speech_v1.StreamingRecognitionResult(alternatives=[alternative], is_final=True)
    found.result_end_time = timedelta(seconds=result.end_s)
    found.language_code = "iw-il"
    return STREAM_RESPONSE(results=[found])


def response(results: Sequence[FinalHeard], duration_s: float) -> Any:
    return RESPONSE(
        results=[
            speech_v1.SpeechRecognitionResult(
                alternatives=[
                    speech_v1.SpeechRecognitionAlternative(transcript=result.text, confidence=result.confidence)
                ],
                result_end_time=timedelta(seconds=result.end_s),
                language_code="iw-il",
            )
            for result in results
        ],
        total_billed_time=timedelta(seconds=-(-duration_s // 1)),
    )
