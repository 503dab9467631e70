"""Speech-to-Text v1: the models `phone_call`, `default` and their like, enhanced or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from google.cloud.speech_v1.types import cloud_speech

from media_service.adapters.google_stt_dialect import SpeechOptions, results_of_single, results_of_stream
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import SAMPLE_RATE_HZ
from media_service.ports import RecognizerProfile

_SERVICE: Final = "/google.cloud.speech.v1.Speech"
_END: Final = "result_end_time"

# The generated messages' own protobuf classes.
_StreamingRequest: Final = cloud_speech.StreamingRecognizeRequest.meta.pb
_StreamingResponse: Final = cloud_speech.StreamingRecognizeResponse.meta.pb
_SingleResponse: Final = cloud_speech.RecognizeResponse.meta.pb


class SpeechV1:
    """The dialect of v1 for one model."""

    streaming_method = f"{_SERVICE}/StreamingRecognize"
    # "Exceeded maximum allowed stream duration of 305 seconds"; 25,600 bytes of LINEAR16 in a request.
    profile = RecognizerProfile("google_streaming", longest_stream_s=305.0, largest_message_bytes=12_800)
    single_method = f"{_SERVICE}/Recognize"
    single_metadata: Sequence[tuple[str, str]] = ()

    def __init__(self, options: SpeechOptions, model: str, *, enhanced: bool) -> None:
        self._config = cloud_speech.RecognitionConfig(
            encoding=cloud_speech.RecognitionConfig.AudioEncoding.LINEAR16,
            sample_rate_hertz=SAMPLE_RATE_HZ,
            audio_channel_count=1,
            language_code=options.language,
            model=model,
            use_enhanced=enhanced,
            enable_automatic_punctuation=options.punctuation,
        )

    def streaming_config(self) -> bytes:
        config = cloud_speech.StreamingRecognitionConfig(config=self._config, interim_results=True)
        request = cloud_speech.StreamingRecognizeRequest(streaming_config=config)
        return bytes(cloud_speech.StreamingRecognizeRequest.serialize(request))

    def streaming_audio(self, audio: bytes) -> bytes:
        message: bytes = _StreamingRequest(audio_content=audio).SerializeToString()
        return message

    def streaming_results(self, response: bytes) -> list[RecognitionResult]:
        return results_of_stream(_StreamingResponse.FromString(response).results, _END)

    def single_request(self, audio: bytes) -> bytes:
        request = cloud_speech.RecognizeRequest(config=self._config, audio=cloud_speech.RecognitionAudio(content=audio))
        return bytes(cloud_speech.RecognizeRequest.serialize(request))

    def single_results(self, response: bytes) -> list[RecognitionResult]:
        return results_of_single(_SingleResponse.FromString(response).results, _END)
