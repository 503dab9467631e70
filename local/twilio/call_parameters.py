"""The form fields of Twilio's requests. Pure.

Includes fields Twilio sends but does not document, and empty ones: both belong to what is signed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


def new_sid(prefix: str) -> str:
    return prefix + uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class CallIdentity:
    call_sid: str
    account_sid: str
    from_number: str
    to_number: str

    def voice(self, status: str) -> dict[str, str]:
        """Of every voice webhook. `status` is Twilio's `CallStatus`."""
        place = {f"{who}{what}": "" for who in ("Caller", "Called", "From", "To") for what in ("City", "State", "Zip")}
        countries = {f"{who}Country": "IL" for who in ("Caller", "Called", "From", "To")}
        return {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": self.call_sid,
            "CallStatus": status,
            "CallToken": '{"parentCallInfoToken":"e30","identityHeaderTokens":[]}',
            "Called": self.to_number,
            "Caller": self.from_number,
            "Direction": "inbound",
            "From": self.from_number,
            "To": self.to_number,
            **place,
            **countries,
        }

    def stream(self, stream_sid: str, name: str | None, event: str, error: str, at: datetime) -> dict[str, str]:
        """Of a stream status callback. `at` in UTC."""
        params = {
            "AccountSid": self.account_sid,
            "CallSid": self.call_sid,
            "StreamSid": stream_sid,
            "StreamName": name or stream_sid,
            "StreamEvent": event,
            "Timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        return {**params, "StreamError": error} if error else params

    def recording(self, recording_sid: str, duration_s: float) -> dict[str, str]:
        """What a finished `<Record>` adds."""
        return {
            "RecordingSid": recording_sid,
            "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{self.account_sid}/Recordings/{recording_sid}",
            "RecordingDuration": str(max(1, round(duration_s))),
        }
