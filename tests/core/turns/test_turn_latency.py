from media_service.core.actions import ReportTurn
from media_service.core.turns.turn_latency import TurnLatency
from media_service.core.turns.utterance import Progress, Utterance


def test_the_four_times_of_a_turn() -> None:
    said = Utterance("caller", started_at=1.0, ended_at=2.0, closed_at=2.25, progress=Progress(1.5))
    latency = TurnLatency(said)
    latency.text_ready(2.5)
    latency.text_ready(2.6)
    latency.audio_ready(2.75)
    latency.audio_ready(2.9)

    assert latency.first_frame_sent(3.0) == ReportTurn(partial_s=0.5, final_s=0.25, tts_s=0.25, total_s=1.0)


def test_what_did_not_happen_in_a_turn_has_no_time() -> None:
    """A single request has no interims, and an opener is played before any audio is ready."""
    latency = TurnLatency(Utterance("caller", started_at=1.0, ended_at=2.0, closed_at=2.25))

    assert latency.first_frame_sent(3.0) == ReportTurn(partial_s=None, final_s=0.25, tts_s=None, total_s=1.0)
