"""What our code relies on in Firestore, through the real client library. Emulator and stand-in must agree."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from local.emulators import Emulators

pytestmark = pytest.mark.emulator
AT = datetime(2026, 1, 1, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def client(either_pair: Emulators, project: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", either_pair.firestore_host)
    client: Any = firestore.Client(project=project)
    yield client
    client.close()


@pytest.fixture
def call(client: Any) -> Any:
    return client.document("calls/CA1")


def test_a_document_reads_as_it_was_written(call: Any) -> None:
    written = {
        "text": "שלום",
        "number": 7,
        "ratio": 0.5,
        "yes": True,
        "none": None,
        "at": AT,
        "bytes": b"\x00\xff",
        "list": [1, "a", {"b": None}],
        "map": {"empty": {}, "a.b": 1},
    }
    call.set(written)
    found = call.get()
    assert found.to_dict() == written
    assert found.create_time == found.update_time
    assert not call.parent.document("CA2").get().exists


def test_create_refuses_what_exists(call: Any) -> None:
    call.create({"a": 1})
    with pytest.raises(exceptions.AlreadyExists):
        call.create({"a": 2})
    assert call.get().to_dict() == {"a": 1}


def test_update_refuses_what_is_missing(call: Any) -> None:
    with pytest.raises(exceptions.NotFound):
        call.update({"a": 1})
    assert not call.get().exists


def test_set_replaces_and_merge_keeps(call: Any) -> None:
    call.set({"a": 1, "map": {"x": 1, "y": {"z": 1}}})
    call.set({"map": {"y": {"w": 2}}, "b": 2}, merge=True)
    assert call.get().to_dict() == {"a": 1, "b": 2, "map": {"x": 1, "y": {"z": 1, "w": 2}}}
    call.set({"map": {"x": 5, "ignored": 1}}, merge=["map.x"])
    assert call.get().to_dict()["map"] == {"x": 5, "y": {"z": 1, "w": 2}}
    call.set({"c": 3})
    assert call.get().to_dict() == {"c": 3}


def test_merge_makes_a_missing_document(call: Any) -> None:
    call.set({"end_reason": "silence"}, merge=True)
    assert call.get().to_dict() == {"end_reason": "silence"}


def test_update_changes_fields_by_their_paths(call: Any) -> None:
    call.set({"map": {"x": 1, "y y": 2}, "gone": 1})
    call.update({"map.x": 3, "map.`y y`": 4, "new.deep": 5, "gone": firestore.DELETE_FIELD})
    assert call.get().to_dict() == {"map": {"x": 3, "y y": 4}, "new": {"deep": 5}}


def test_the_server_works_out_times_sums_and_sets(call: Any) -> None:
    call.set({"count": 1, "tags": ["a"]})
    call.update(
        {
            "count": firestore.Increment(2),
            "tags": firestore.ArrayUnion(["a", "b", "b"]),
            "at": firestore.SERVER_TIMESTAMP,
        }
    )
    found = call.get().to_dict()
    assert (found["count"], found["tags"]) == (3, ["a", "b"])
    assert isinstance(found["at"], datetime)
    call.update({"count": firestore.Increment(0.5), "tags": firestore.ArrayRemove(["a"]), "top": firestore.Maximum(4)})
    assert call.get().to_dict() == {"count": 3.5, "tags": ["b"], "top": 4, "at": found["at"]}


def test_a_write_may_depend_on_the_version_that_was_read(client: Any, call: Any) -> None:
    call.set({"a": 1})
    read = call.get()
    call.update({"a": 2}, option=client.write_option(last_update_time=read.update_time))
    with pytest.raises(exceptions.FailedPrecondition):
        call.update({"a": 3}, option=client.write_option(last_update_time=read.update_time))
    assert call.get().to_dict() == {"a": 2}
    assert call.get().update_time > read.update_time


def test_deleting_what_is_missing_is_no_error_unless_it_has_to_exist(client: Any, call: Any) -> None:
    call.delete()
    with pytest.raises(exceptions.NotFound):
        call.delete(option=client.write_option(exists=True))
    call.set({"a": 1})
    call.delete()
    assert not call.get().exists


def test_a_batch_is_written_whole_or_not_at_all(client: Any, call: Any) -> None:
    batch = client.batch()
    batch.set(call, {"a": 1})
    batch.update(client.document("calls/missing"), {"a": 1})
    with pytest.raises(exceptions.NotFound):
        batch.commit()
    assert not call.get().exists
    batch = client.batch()
    batch.create(call, {"a": 1})
    batch.update(call, {"b": 2})
    batch.commit()
    assert call.get().to_dict() == {"a": 1, "b": 2}


def test_several_documents_are_read_at_once(client: Any, call: Any) -> None:
    call.set({"a": 1})
    missing = client.document("leads/1")
    found = {each.reference.path: each.to_dict() for each in client.get_all([call, missing])}
    assert found == {"calls/CA1": {"a": 1}, "leads/1": None}


@pytest.mark.parametrize("name", ["__x__", ".", "..", "x" * 1501])
def test_reserved_ids_are_refused(client: Any, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        client.collection("calls").document(name).set({"a": 1})


def _nested(levels: int) -> dict[str, Any]:
    return {"m": _nested(levels - 1)} if levels else {"a": 1}


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"t": "א" * 600_000}, "longer than 1048487 bytes"),
        ({"t": "א" * 400_000, "u": "א" * 400_000}, "maximum entity size is 1048576 bytes"),
        ({"t": [[1]]}, "Cannot convert an array value in an array value"),
        ({"__t__": 1}, "field name __t__ is reserved"),
        (_nested(25), "contains an invalid nested entity"),
    ],
)
def test_what_cannot_be_stored_is_refused(call: Any, fields: dict[str, Any], because: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=because):
        call.set(fields)
    assert not call.get().exists


def test_a_transaction_sees_its_reads_and_writes_at_the_end(client: Any, call: Any) -> None:
    call.set({"count": 1})

    @firestore.transactional
    def add(transaction: Any) -> int:
        count = call.get(transaction=transaction).to_dict()["count"] + 1
        transaction.update(call, {"count": count})
        transaction.create(client.document(f"calls/CA1/seen/{count}"), {})
        assert call.get().to_dict() == {"count": 1}
        return int(count)

    assert add(client.transaction()) == 2
    assert call.get().to_dict() == {"count": 2}
    assert client.document("calls/CA1/seen/2").get().exists


def test_a_transaction_that_raises_writes_nothing(client: Any, call: Any) -> None:
    @firestore.transactional
    def fail(transaction: Any) -> None:
        transaction.set(call, {"a": 1})
        raise LookupError

    with pytest.raises(LookupError):
        fail(client.transaction())
    assert not call.get().exists


def test_no_update_is_lost_between_two_transactions(client: Any, call: Any) -> None:
    call.set({"count": 0})
    together = threading.Barrier(2, timeout=10)

    @firestore.transactional
    def add(transaction: Any, first: list[bool]) -> None:
        count = call.get(transaction=transaction).to_dict()["count"]
        if first.pop() if first else False:
            together.wait()
        transaction.update(call, {"count": count + 1})

    def work() -> None:
        add(client.transaction(max_attempts=20), [True])

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert call.get().to_dict() == {"count": 2}


def test_a_transaction_that_has_ended_is_refused(client: Any, call: Any) -> None:
    transaction = client.transaction()
    transaction._begin()
    number = transaction._id
    transaction._commit()
    with pytest.raises(exceptions.InvalidArgument, match="Transaction is invalid or closed"):
        client._firestore_api.commit(request={"database": client._database_string, "transaction": number})


def test_a_collection_reads_in_the_order_of_its_ids(client: Any, call: Any) -> None:
    for name in ("1-00010", "2-00001", "1-00002"):
        call.collection("utterances").document(name).set({"id": name})
    client.document("calls/CA2/utterances/1-00001").set({"id": "another call's"})
    assert [each.id for each in call.collection("utterances").stream()] == ["1-00002", "1-00010", "2-00001"]
    assert list(client.collection("calls").document("CA3").collection("utterances").stream()) == []


VALUES: list[Any] = [None, False, True, 1, 2.5, AT, "a", "א", b"x", [1], {"a": 1}, 3]


@pytest.fixture
def values(client: Any) -> Any:
    collection = client.collection("values")
    for index, value in enumerate(VALUES):
        collection.document(f"d{index:02}").set({"v": value, "even": index % 2 == 0})
    collection.document("without").set({"even": False})
    return collection


def _where(field: str, operator: str, value: object) -> Callable[[Any], Any]:
    return lambda values: values.where(filter=FieldFilter(field, operator, value))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (lambda values: values.order_by("v"), [0, 1, 2, 3, 4, 11, 5, 6, 7, 8, 9, 10]),
        (lambda values: values.order_by("v", direction="DESCENDING").limit(3), [10, 9, 8]),
        (lambda values: values.order_by("v").offset(2).limit(2), [2, 3]),
        (lambda values: values.order_by("v").limit_to_last(2), [9, 10]),
        (lambda values: values.order_by("missing"), []),
        (lambda values: values.order_by("v").start_at({"v": "a"}).limit(2), [6, 7]),
        (lambda values: values.order_by("v").start_after({"v": 3}).end_before({"v": "א"}), [5, 6]),
        (lambda values: values.order_by("v", direction="DESCENDING").end_at({"v": [1]}), [10, 9]),
        (lambda values: values.order_by("v").start_after(values.document("d09").get()), [10]),
        (_where("v", "==", 1), [3]),
        (_where("v", "==", None), [0]),
        (_where("v", "!=", 1), [1, 2, 4, 11, 5, 6, 7, 8, 9, 10]),
        (_where("v", ">", 1), [4, 11]),
        (_where("v", "<=", 2.5), [3, 4]),
        (_where("v", ">=", "a"), [6, 7]),
        (_where("v", "in", [1, "a"]), [3, 6]),
        (_where("v", "array_contains", 1), [9]),
        (lambda values: _where("even", "==", True)(values).order_by("v"), [0, 2, 4, 6, 8, 10]),
    ],
)
def test_queries_find_and_order(values: Any, query: Callable[[Any], Any], expected: list[int]) -> None:
    assert [int(each.id[1:]) for each in query(values).get()] == expected


def test_a_query_may_ask_for_some_fields(values: Any) -> None:
    assert [each.to_dict() for each in values.select(["v"]).limit(2).stream()] == [{"v": None}, {"v": False}]


def test_a_query_in_a_transaction_guards_what_it_found(client: Any, call: Any) -> None:
    call.collection("utterances").document("1-00001").set({"text": "א"})

    @firestore.transactional
    def sum_up(transaction: Any) -> list[str]:
        texts = [each.to_dict()["text"] for each in call.collection("utterances").stream(transaction=transaction)]
        transaction.set(call, {"transcript": "\n".join(texts)})
        return texts

    assert sum_up(client.transaction()) == ["א"]
    assert call.get().to_dict() == {"transcript": "א"}


def test_documents_and_collections_are_listed(client: Any, call: Any) -> None:
    call.set({})
    client.document("calls/CA9/utterances/1-00001").set({})
    assert [each.id for each in client.collection("calls").list_documents()] == ["CA1", "CA9"]
    assert [each.id for each in client.collection("calls").stream()] == ["CA1"]
    assert [each.id for each in client.document("calls/CA9").collections()] == ["utterances"]
    assert [each.reference.path for each in client.collection_group("utterances").stream()] == [
        "calls/CA9/utterances/1-00001"
    ]


def test_a_document_is_deleted_with_all_below_it(client: Any, call: Any) -> None:
    call.set({})
    for number in range(3):
        call.collection("utterances").document(f"1-0000{number}").set({})
    client.document("calls/CA2").set({})
    client.recursive_delete(call)
    assert not call.get().exists
    assert list(call.collection("utterances").stream()) == []
    assert client.document("calls/CA2").get().exists


async def test_the_async_client_works_too(
    either_pair: Emulators, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", either_pair.firestore_host)
    client = firestore.AsyncClient(project=project)

    @firestore.async_transactional
    async def add(transaction: Any) -> None:
        found = await client.document("calls/CA1").get(transaction=transaction)
        transaction.set(client.document("calls/CA1"), {"count": (found.to_dict() or {"count": 0})["count"] + 1})

    await add(client.transaction())
    await add(client.transaction())
    assert [each.to_dict() async for each in client.collection("calls").stream()] == [{"count": 2}]
    await client._firestore_api.transport.close()


def test_a_sum_is_over_what_is_chosen_and_over_numbers_alone(client: Any) -> None:
    calls = client.collection("calls")
    for name, minute, seconds in (("a", 0, 100), ("b", 1, 60.5), ("c", 2, None), ("d", 3, "7"), ("e", 4, 2)):
        calls.document(name).set({"at": AT.replace(minute=minute), "duration_s": seconds})
    late = calls.where(filter=FieldFilter("at", ">", AT.replace(minute=0)))
    nothing = calls.where(filter=FieldFilter("at", ">", AT.replace(minute=30)))

    assert [query.sum("duration_s").get()[0][0].value for query in (calls, late, nothing)] == [162.5, 62.5, 0]
