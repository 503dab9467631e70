"""Firestore on this machine, as far as our code uses it: `python -m local.standins.firestore --port P`.

For machines without Google's emulator. Implements what the client libraries send for `get`, `get_all`, `set`,
`create`, `update`, `delete`, batches, bulk writes, transactions, queries (equality, comparison, order, limit,
cursors, sums), `list_documents` and `collections`. Everything else is answered UNIMPLEMENTED. Nothing is kept when it
ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import grpc
from google.cloud.firestore_v1 import types
from google.protobuf import empty_pb2

from local.standins.firestore_queries import chooser, selected, sums
from local.standins.firestore_store import Store, set_micros
from local.standins.firestore_values import FirestoreError, name_key
from local.standins.process import serve_until_stopped

_SERVICE: Final = "google.firestore.v1.Firestore"
# The client library allows any size, and so must we for our refusal of a too large document to be heard.
_OPTIONS: Final = (("grpc.max_receive_message_length", 32 << 20), ("grpc.so_reuseport", 0))


class FirestoreStandin:
    """The service's methods, each for one request message. Never waits, so requests never interleave."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin_transaction(self, _request: Any) -> Any:
        return _new("BeginTransactionResponse", transaction=self._store.begin())

    def rollback(self, request: Any) -> Any:
        self._store.rollback(request.transaction)
        return empty_pb2.Empty()

    def commit(self, request: Any) -> Any:
        results, at = self._store.commit(request.writes, request.transaction)
        response = _new("CommitResponse", write_results=results)
        set_micros(response.commit_time, at)
        return response

    def batch_write(self, request: Any) -> Any:
        """Each write for itself: one that is refused does not keep the others back."""
        response = _new("BatchWriteResponse")
        for write in request.writes:
            result, status = response.write_results.add(), response.status.add()
            try:
                (done,), _ = self._store.commit([write])
                result.CopyFrom(done)
            except FirestoreError as error:
                status.code, status.message = error.status.value[0], error.text
        return response

    def batch_get_documents(self, request: Any) -> list[Any]:
        transaction, begun = self._transaction(request)
        # The transaction that was begun is told first, on its own.
        responses = [_new("BatchGetDocumentsResponse", transaction=transaction)] if begun else []
        for name in request.documents:
            found = self._store.get(name, transaction)
            response = _new("BatchGetDocumentsResponse")
            if found is None:
                response.missing = name
            else:
                response.found.CopyFrom(found)
            set_micros(response.read_time, self._store.tick())
            responses.append(response)
        return responses

    def run_query(self, request: Any) -> list[Any]:
        transaction, begun = self._transaction(request)
        query = request.structured_query
        documents = self._store.query(chooser(request.parent, query), transaction)
        responses = [_new("RunQueryResponse", document=selected(each, query)) for each in documents]
        # A query that finds nothing is answered too: with the time at which there was nothing.
        responses = responses or [_new("RunQueryResponse")]
        if begun:
            responses[0].transaction = transaction
        for response in responses:
            set_micros(response.read_time, self._store.tick())
        return responses

    def run_aggregation_query(self, request: Any) -> list[Any]:
        query = request.structured_aggregation_query
        documents = self._store.query(chooser(request.parent, query.structured_query))
        response = _new("RunAggregationQueryResponse")
        for alias, value in sums(documents, query.aggregations).items():
            response.result.aggregate_fields[alias].CopyFrom(value)
        set_micros(response.read_time, self._store.tick())
        return [response]

    def list_documents(self, request: Any) -> Any:
        prefix = f"{request.parent}/{request.collection_id}/"
        depth = prefix.count("/") + 1
        names = {"/".join(name.split("/")[:depth]) for name in self._store.names() if name.startswith(prefix)}
        documents = []
        for name in sorted(names, key=name_key):
            found = self._store.get(name)
            if found is not None:
                documents.append(found)
            elif request.show_missing:
                documents.append(types.Document.pb()(name=name))
        return _new("ListDocumentsResponse", documents=documents)

    def list_collection_ids(self, request: Any) -> Any:
        prefix = request.parent + "/"
        ids = {name[len(prefix) :].split("/")[0] for name in self._store.names() if name.startswith(prefix)}
        return _new("ListCollectionIdsResponse", collection_ids=sorted(ids))

    def _transaction(self, request: Any) -> tuple[bytes, bool]:
        """The transaction that a read belongs to (b"" for none), and whether it begins with it."""
        if request.WhichOneof("consistency_selector") == "new_transaction":
            return self._store.begin(), True
        return request.transaction, False


def _new(message: str, **fields: Any) -> Any:
    return getattr(types, message).pb()(**fields)


def _unary(method: Callable[[Any], Any]) -> Callable[[Any, Any], Awaitable[Any]]:
    async def answer(request: Any, context: Any) -> Any:
        try:
            return method(request)
        except FirestoreError as error:
            return await context.abort(error.status, error.text)

    return answer


def _streaming(method: Callable[[Any], list[Any]]) -> Callable[[Any, Any], AsyncIterator[Any]]:
    async def answer(request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            responses = method(request)
        except FirestoreError as error:
            await context.abort(error.status, error.text)
            return
        for response in responses:
            yield response

    return answer


def _handlers(service: FirestoreStandin) -> grpc.GenericRpcHandler:
    unary = {
        "BeginTransaction": service.begin_transaction,
        "Rollback": service.rollback,
        "Commit": service.commit,
        "BatchWrite": service.batch_write,
        "ListDocuments": service.list_documents,
        "ListCollectionIds": service.list_collection_ids,
    }
    streaming = {
        "BatchGetDocuments": service.batch_get_documents,
        "RunQuery": service.run_query,
        "RunAggregationQuery": service.run_aggregation_query,
    }
    methods = {
        name: grpc.unary_unary_rpc_method_handler(_unary(method), *_codec(name)) for name, method in unary.items()
    } | {
        name: grpc.unary_stream_rpc_method_handler(_streaming(method), *_codec(name))
        for name, method in streaming.items()
    }
    return grpc.method_handlers_generic_handler(_SERVICE, methods)


def _codec(method: str) -> tuple[Callable[[bytes], Any], Callable[[Any], bytes]]:
    request = getattr(types, method + "Request").pb()
    return request.FromString, lambda message: message.SerializeToString()


@contextlib.asynccontextmanager
async def serving(port: int) -> AsyncIterator[int]:
    """Serve on 127.0.0.1; port 0 takes a free one. Yields the port."""
    server = grpc.aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers([_handlers(FirestoreStandin(Store(lambda: time.time_ns() // 1_000)))])
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.standins.firestore", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(serve_until_stopped(serving(parser.parse_args().port)))


if __name__ == "__main__":
    main()
