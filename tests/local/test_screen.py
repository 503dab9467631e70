from __future__ import annotations

import io

from rich.console import Console

from local.narration import Row, Who
from local.screen import Screen
from local.service_log import TurnLatency
from local.turns import Turn
from local.twilio.report import HeardTurn

ROW = Row(4.25, Who.CALLER, "שלום, אני צריכה הצעת מחיר להתקנת מזגן " * 3)
NOW = Row(0.0, Who.HEARD, "שלום אני ...")


def drawn_on(*, terminal: bool) -> tuple[Screen, io.StringIO]:
    output = io.StringIO()
    return Screen(Console(file=output, force_terminal=terminal, width=60, highlight=False)), output


def test_a_log_gets_whole_plain_lines_in_logical_order() -> None:
    """Nothing is cut, wrapped, coloured or turned round, however long the line and narrow the screen."""
    screen, output = drawn_on(terminal=False)
    with screen.call() as call:
        call.show([ROW], NOW)

    assert output.getvalue() == f"   4.2 s  caller    {ROW.text}\n"


def test_a_terminal_shows_what_is_going_on_and_takes_it_away_again() -> None:
    screen, output = drawn_on(terminal=True)
    with screen.call() as call:
        call.show([], NOW)
        call.show([ROW], None)

    before_the_row, _, after = output.getvalue().partition("4.2 s")
    assert NOW.text in before_the_row
    assert NOW.text not in after


def test_turns_are_listed_with_what_the_service_measured_and_what_was_heard() -> None:
    screen, output = drawn_on(terminal=False)
    heard = HeardTurn("כן", 1.0, 2.0, 2.6, barge_in=True, silenced_s=0.3)
    unanswered = HeardTurn("שלום", 5.0, 6.0, None, barge_in=False, silenced_s=None)

    screen.turns([Turn(heard, TurnLatency(0.5, 0.3, 0.2, 0.55)), Turn(unanswered, None)])

    assert [line.split() for line in output.getvalue().splitlines()[1:]] == [
        [
            "1",
            "0.50",
            "s",
            "0.30",
            "s",
            "0.20",
            "s",
            "0.55",
            "s",
            "0.60",
            "s",
            "כן",
            "(talking",
            "over",
            "the",
            "assistant)",
        ],
        ["2", "-", "-", "-", "-", "-", "שלום"],
        ["p50", "0.55", "s", "0.60", "s"],
        ["p95", "0.55", "s", "0.60", "s"],
    ]


def test_a_document_is_set_off_by_its_path() -> None:
    screen, output = drawn_on(terminal=False)

    screen.document(["leads/1", '  name: "דנה"'])

    assert output.getvalue() == '\n  leads/1\n    name: "דנה"\n'


def test_square_brackets_are_text() -> None:
    screen, output = drawn_on(terminal=False)

    screen.line("[bold]not markup[/bold] :smile:")

    assert output.getvalue() == "  [bold]not markup[/bold] :smile:\n"
