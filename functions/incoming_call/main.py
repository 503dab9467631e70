"""Entry point of the function `incoming_call`: Twilio asks what to do with a call, and is answered with TwiML."""

from __future__ import annotations

import os

import flask
import functions_framework

from calls import json_logging
from functions.shared.entry import records_of_instance, respond
from functions.shared.firestore_records import FirestoreRecords

from .answering import Answering
from .settings import load
from .used_budgets import UsedBudgets

json_logging.configure(os.environ)
_settings = load(os.environ)
_firestore = FirestoreRecords(_settings.project)
_answering = Answering(
    _settings,
    records_of_instance(_firestore, _settings.write_budget_s),
    # Half of what the answer may wait for Firestore is left for the write.
    UsedBudgets(_firestore, _settings.budgets, _settings.write_budget_s / 2),
)


@functions_framework.http
def incoming_call(request: flask.Request) -> flask.Response:
    delivery = request.headers.get("I-Twilio-Idempotency-Token", "")
    return respond(request, lambda webhook: _answering.reply(request.path, webhook, delivery))
