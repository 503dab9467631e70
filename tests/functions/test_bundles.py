"""What is deployed is what was tested: the bundles are built, and started the way the cloud starts them."""

import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from calls.twilio_signature import signature
from infra.bundle_functions import ROOT, CannotBundle, bundle_all

ENVIRON = {
    "INCOMING_CALL_URL": "https://in.example",
    "STREAM_STATUS_URL": "https://st.example",
    "PUBLIC_HOST": "media.example",
    "TWILIO_AUTH_TOKEN": "token",
    "STREAM_TOKEN_SECRET": "secret",
    "LEAD_WRITE_BUDGET_MS": "100",
    "GOOGLE_CLOUD_PROJECT": "test",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",  # nobody listens: a caller is answered all the same
}


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundles")
    bundle_all(ROOT, out)
    return out


def small_root(folder: Path) -> Path:
    """A tree with two functions and everything a bundle must leave out."""
    for name, text in {
        "functions/one/main.py": "ONE = 1\n",
        "functions/one/requirements.txt": "flask\n",
        "functions/one/texts/he.toml": 'hello = "שלום"\n',
        "functions/one/__pycache__/main.cpython-311.pyc": "cache",
        "functions/one/tests/test_one.py": "",
        "functions/one/.env": "SECRET=1",
        "functions/two/main.py": "from functions.shared import edge\n",
        "functions/two/requirements.txt": "",
        "functions/unfinished/__init__.py": "",
        "functions/shared/edge.py": "import understanding.words\n",
        "functions/shared/__pycache__/edge.cpython-311.pyc": "cache",
        "understanding/words.py": "import understanding.he\n",
        "understanding/he.toml": "",
        "calls/__init__.py": "",
        "calls/events.py": "",
        "calls/__pycache__/events.cpython-311.pyc": "cache",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def hashes(archives: list[Path]) -> dict[str, str]:
    return {archive.name: hashlib.sha256(archive.read_bytes()).hexdigest() for archive in archives}


def test_a_bundle_holds_the_functions_files_and_calls_and_nothing_else(tmp_path: Path) -> None:
    archives = bundle_all(small_root(tmp_path / "root"), tmp_path / "out")
    assert [archive.name for archive in archives] == ["one.zip", "two.zip"]
    with zipfile.ZipFile(archives[0]) as bundle:
        assert bundle.namelist() == [
            "calls/__init__.py",
            "calls/events.py",
            "main.py",
            "requirements.txt",
            "texts/he.toml",
        ]
        unpacked = {name: bundle.read(name) for name in bundle.namelist()}
    folder = tmp_path / "out" / "one"
    assert {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    } == unpacked


def test_a_bundle_holds_what_the_function_imports_of_the_shared_packages(tmp_path: Path) -> None:
    """At the same path as in the tree, and through each other: the import lines are the same in both places."""
    archives = bundle_all(small_root(tmp_path / "root"), tmp_path / "out")
    with zipfile.ZipFile(archives[1]) as bundle:
        assert bundle.namelist() == [
            "calls/__init__.py",
            "calls/events.py",
            "functions/shared/edge.py",
            "main.py",
            "requirements.txt",
            "understanding/he.toml",
            "understanding/words.py",
        ]


def test_the_same_sources_give_the_same_bytes_wherever_and_whenever(tmp_path: Path) -> None:
    first = bundle_all(small_root(tmp_path / "here"), tmp_path / "one")
    elsewhere = small_root(tmp_path / "there")
    for path in elsewhere.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    assert hashes(bundle_all(elsewhere, tmp_path / "two")) == hashes(first)


def test_changing_one_function_changes_its_bundle_alone(tmp_path: Path) -> None:
    root = small_root(tmp_path / "root")
    before = hashes(bundle_all(root, tmp_path / "out"))
    (root / "functions/one/main.py").write_text("ONE = 11\n")
    after = hashes(bundle_all(root, tmp_path / "out"))
    assert after["two.zip"] == before["two.zip"]
    assert after["one.zip"] != before["one.zip"]


def test_a_file_that_was_removed_does_not_stay_in_the_folder(tmp_path: Path) -> None:
    root = small_root(tmp_path / "root")
    bundle_all(root, tmp_path / "out")
    (root / "functions/one/texts/he.toml").unlink()
    bundle_all(root, tmp_path / "out")
    assert not (tmp_path / "out/one/texts").exists()


def test_a_function_without_requirements_is_not_bundled_silently(tmp_path: Path) -> None:
    root = small_root(tmp_path / "root")
    (root / "functions/two/requirements.txt").unlink()
    with pytest.raises(CannotBundle, match="two has no requirements"):
        bundle_all(root, tmp_path / "out")
    with pytest.raises(CannotBundle, match="no function"):
        bundle_all(tmp_path / "nowhere", tmp_path / "out")


def test_the_real_functions_bundle_to_the_same_bytes_twice(bundles: Path, tmp_path: Path) -> None:
    built = {archive.name: hashlib.sha256(archive.read_bytes()).hexdigest() for archive in bundles.glob("*.zip")}
    assert set(built) == {"incoming_call.zip", "stream_status.zip", "summarize.zip"}
    assert hashes(bundle_all(ROOT, tmp_path)) == built


@contextmanager
def served(bundles: Path, name: str, cwd: Path, environ: dict[str, str]) -> Iterator[int]:
    """The function as the cloud runs it, from its bundle and nothing else; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = start(bundles, name, cwd, environ, port)
    try:
        wait_for(port, process)
        yield port
    finally:
        # All it started, at once: ending in peace it would go on trying to reach Firestore for its 8 seconds.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=20)


def start(bundles: Path, name: str, cwd: Path, environ: dict[str, str], port: int) -> subprocess.Popen[str]:
    command = Path(sys.executable).parent / "functions-framework"
    arguments = ["--target", name, "--source", str(bundles / name / "main.py")]
    return subprocess.Popen(  # noqa: S603 - our own command
        [str(command), *arguments, "--host", "127.0.0.1", "--port", str(port)],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate()[0])


def post(
    port: int, url: str, path: str = "/", key: str = "token", method: str = "POST", padding: str = ""
) -> tuple[int, dict[str, str], str]:
    form = {"CallSid": "CA1", "From": "+972501234567", "CallStatus": "ringing", "StreamEvent": "stream-started"}
    form["CallerName"] = padding
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature(key, url, form.items()),
        "X-Forwarded-Proto": "http",
        "Host": "evil.example",
    }
    try:
        connection.request(method, path, urlencode(form), headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def test_incoming_call_answers_from_its_bundle(bundles: Path, tmp_path: Path) -> None:
    """Whatever the request headers say of host and scheme, and with no Firestore at all."""
    with served(bundles, "incoming_call", tmp_path, ENVIRON) as port:
        status, headers, body = post(port, "https://in.example/")
        assert (status, headers["content-type"]) == (200, "text/xml; charset=utf-8")
        assert body.startswith('<?xml version="1.0" encoding="UTF-8"?>')
        assert [verb.tag for verb in ElementTree.fromstring(body)] == ["Connect"]  # noqa: S314 - our own document
        assert "<Record" in post(port, "https://in.example/after-stream", "/after-stream")[2]
        assert post(port, "https://in.example/", key="bad")[::2] == (403, "")
        assert post(port, "http://evil.example/")[::2] == (403, "")
        assert post(port, "https://in.example/", "/elsewhere")[::2] == (404, "")
        assert post(port, "https://in.example/", padding="x" * 100_000)[::2] == (413, "")
        status, headers, _ = post(port, "https://in.example/", method="GET")
        assert (status, headers["allow"]) == (405, "POST")


def test_stream_status_answers_from_its_bundle(bundles: Path, tmp_path: Path) -> None:
    with served(bundles, "stream_status", tmp_path, ENVIRON) as port:
        assert post(port, "https://st.example")[::2] == (204, "")
        assert post(port, "https://st.example/", "/webhook/stream_status")[::2] == (204, "")
        assert post(port, "https://st.example", key="bad")[::2] == (403, "")
        assert post(port, "https://st.example", method="GET")[0] == 405


def test_summarize_starts_from_its_bundle(bundles: Path, tmp_path: Path) -> None:
    """With everything it imports: `understanding` and what the functions share."""
    with served(bundles, "summarize", tmp_path, ENVIRON) as port:
        assert post(port, "https://su.example", method="GET")[0] == 405


@pytest.mark.parametrize("name", ["incoming_call", "stream_status"])
def test_a_bundle_in_a_bad_environment_refuses_to_start_and_says_why(bundles: Path, tmp_path: Path, name: str) -> None:
    process = start(bundles, name, tmp_path, {"RETENTION_DAYS": "0"}, port=0)
    output, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    for problem in ("TWILIO_AUTH_TOKEN", "RETENTION_DAYS", "_URL"):
        assert problem in output


@pytest.mark.parametrize("name", ["incoming_call", "stream_status", "summarize"])
def test_the_same_file_is_imported_from_the_repository(name: str) -> None:
    """Deployed it is `main` beside `calls`, here it is `functions.<name>.main`: its imports must work as both."""
    program = f"from functions.{name}.main import {name}; print({name}.__name__)"
    imported = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **ENVIRON},
        capture_output=True,
        check=True,
    )
    assert imported.stdout.decode().strip() == name
