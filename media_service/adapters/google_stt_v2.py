"""Speech-to-Text v2: `chirp_3`, which knows Hebrew in the multi-regions `eu` and `us` only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from google.cloud.speech_v2.types import cloud_speech

from media_service.adapters.google_stt_dialect import SpeechOptions, results_of_single, results_of_stream
from media_service.core.events import RecognitionResult
from media_service.core.vad.audio import SAMPLE_RATE_HZ
from media_service.ports import RecognizerProfile

_SERVICE: Final = "/google.cloud.speech.v2.Speech"
_END: Final = "result_end_offset"

_StreamingRequest: Final = cloud_speech.StreamingRecognizeRequest.meta.pb
_StreamingResponse: Final = cloud_speech.StreamingRecognizeResponse.meta.pb
_SingleResponse: Final = cloud_speech.RecognizeResponse.meta.pb


def recognizer_path(project: str, endpoint_host: str) -> str:
    """The implicit recognizer at the location that the endpoint serves: `eu-speech.googleapis.com` serves `eu`."""
    name = endpoint_host.partition(".")[0]
    location = name.removesuffix("-speech") if name.endswith("-speech") else "global"
    return f"projects/{project}/locations/{location}/recognizers/_"


class SpeechV2:
    """The dialect of v2 for one model."""

    streaming_method = f"{_SERVICE}/StreamingRecognize"
    # "Max duration of 5 minutes reached for stream"; 15 KB of LINEAR16 in a request, by the messages' own definition.
    profile = RecognizerProfile("google_streaming", longest_stream_s=300.0, largest_message_bytes=7_500)
    single_method = f"{_SERVICE}/Recognize"

    def __init__(self, options: SpeechOptions, model: str, recognizer: str) -> None:
        self._recognizer = recognizer
        self._config = cloud_speech.RecognitionConfig(
            explicit_decoding_config=cloud_speech.ExplicitDecodingConfig(
                encoding=cloud_speech.ExplicitDecodingConfig.AudioEncoding.LINEAR16,
                sample_rate_hertz=SAMPLE_RATE_HZ,
                audio_channel_count=1,
            ),
            model=model,
            language_codes=[options.language],
            features=cloud_speech.RecognitionFeatures(enable_automatic_punctuation=options.punctuation),
        )
        self.single_metadata: Sequence[tuple[str, str]] = (
            ("x-goog-request-params", urlencode({"recognizer": recognizer}, safe="/")),
        )

    def streaming_config(self) -> bytes:
        config = cloud_speech.StreamingRecognitionConfig(
            config=self._config,
            streaming_features=cloud_speech.StreamingRecognitionFeatures(interim_results=True),
        )
        request = cloud_speech.StreamingRecognizeRequest(recognizer=self._recognizer, streaming_config=config)
        return bytes(cloud_speech.StreamingRecognizeRequest.serialize(request))

    def streaming_audio(self, audio: bytes) -> bytes:
        message: bytes = _StreamingRequest(audio=audio).SerializeToString()
        return message

    def streaming_results(self, response: bytes) -> list[RecognitionResult]:
        return results_of_stream(_StreamingResponse.FromString(response).results, _END)

    def single_request(self, audio: bytes) -> bytes:
        request = cloud_speech.RecognizeRequest(recognizer=self._recognizer, config=self._config, content=audio)
        return bytes(cloud_speech.RecognizeRequest.serialize(request))

    def single_results(self, response: bytes) -> list[RecognitionResult]:
        return results_of_single(_SingleResponse.FromString(response).results, _END)
