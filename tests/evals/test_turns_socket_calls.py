"""The same calls over the service's own WebSocket, in real time."""

import asyncio

from evals.turns.items import Turn
from evals.turns.recognizer import Lags
from evals.turns.scoring import score
from evals.turns.simulation import Conditions
from evals.turns.socket_calls import play
from evals.turns.writing import timed


def test_calls_at_once_are_heard_and_answered_each_for_itself() -> None:
    turns = [
        Turn(str(number), "kind", "מה הכתובת?", "", tuple(timed(str(number), said)))
        for number, said in enumerate(["רחוב הרצל שבע בחולון", "ביאליק עשרים", "שדרות ירושלים חמש"])
    ]
    traces = asyncio.run(play(turns, Conditions(Lags(0.1, 0.35)), at_once=3))

    for turn, trace in zip(turns, traces, strict=True):
        found = score(trace)
        assert found.lost == []
        assert found.invented == []
        assert found.reply_s is not None
        assert trace.clears == []  # its marks came back: it knows that it had finished when the caller began
        assert trace.turn is turn
        assert trace.end_reason == "caller_hangup"
