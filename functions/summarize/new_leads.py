"""Publish to topic new-leads. Beside `gemini.py` the only file that knows a vendor's library.

Google's plain client, and not its batching one, which starts threads and retries for minutes whatever it is given: a
message that is not out in time is due on its lead, and the sweep sends it.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import grpc
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.pubsub_v1 import PublisherClient, PubsubMessage
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from calls.lead_notice import Message

from .errors import NotNow

_TIMEOUT_S: Final = 5.0


class NewLeads:
    """Shared by all requests of the instance. Connected on first use, so not before a server forks."""

    def __init__(self, project: str, topic: str, emulator_host: str = "") -> None:
        self._topic = f"projects/{project}/topics/{topic}"
        self._emulator_host = emulator_host
        self._client: Any = None
        self._making = threading.Lock()

    def publish(self, message: Message) -> None:
        """Raises `NotNow`."""
        sent = PubsubMessage(data=message.data, attributes=message.attributes, ordering_key=message.lead_id)
        try:
            self._connected().publish(topic=self._topic, messages=[sent], retry=None, timeout=_TIMEOUT_S)
        except (GoogleAPIError, GoogleAuthError, OSError) as exc:
            # The kind of error only: messages of the vendor's name what they were about.
            raise NotNow(f"Pub/Sub: {type(exc).__name__}") from None

    def _connected(self) -> Any:
        with self._making:
            if self._client is None:
                self._client = self._new_client()
            return self._client

    def _new_client(self) -> Any:
        if not self._emulator_host:
            return PublisherClient()
        return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(self._emulator_host)))
