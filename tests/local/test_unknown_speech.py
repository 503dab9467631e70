"""Speech that the recognizer of the local system does not know is nothing, and that is said."""

from __future__ import annotations

import numpy as np

from local.standins.speech.unknown_speech import UnknownSpeech

TWO_SECONDS = np.zeros(21_600, np.int16)


class Told:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.now = 0.0

    def asked(self, whisper=None) -> UnknownSpeech:
        return UnknownSpeech(whisper, self.lines.append, lambda: self.now)


def test_one_line_says_what_came_back_as_nothing_and_how_own_words_are_recognized() -> None:
    told = Told()

    assert told.asked().words(TWO_SECONDS) == ""

    (line,) = told.lines
    assert line.startswith("2.0 s of speech came back as nothing")
    assert 'REAL="speech tts"' in line
    assert "WHISPER_MODEL" in line


def test_it_is_said_once_in_ten_seconds_and_counted_each_time() -> None:
    told = Told()
    unknown = told.asked()
    for told.now in (0.0, 4.0, 9.9, 10.0):
        unknown.words(TWO_SECONDS)

    assert len(told.lines) == 2
    assert unknown.count == 4


def test_words_of_whisper_are_the_answer_and_nothing_is_said() -> None:
    told = Told()
    unknown = told.asked(lambda samples: "החתול ישב")

    assert unknown.words(TWO_SECONDS) == "החתול ישב"
    assert told.lines == []
    assert unknown.count == 0


def test_what_whisper_does_not_know_either_is_nothing() -> None:
    told = Told()
    unknown = told.asked(lambda samples: "")

    assert unknown.words(TWO_SECONDS) == ""
    assert unknown.count == 1
