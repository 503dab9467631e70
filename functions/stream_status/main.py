"""Entry point of the function `stream_status`: Twilio reports that a media stream started, stopped or failed."""

from __future__ import annotations

import os

import flask
import functions_framework

from calls import json_logging
from functions.shared.entry import records_of_instance, respond
from functions.shared.firestore_records import FirestoreRecords

from .reporting import Reporting
from .settings import load

json_logging.configure(os.environ)
_settings = load(os.environ)
_reporting = Reporting(_settings, records_of_instance(FirestoreRecords(_settings.project), _settings.write_budget_s))


@functions_framework.http
def stream_status(request: flask.Request) -> flask.Response:
    return respond(request, _reporting.reply)
