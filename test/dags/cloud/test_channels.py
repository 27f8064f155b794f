"""Notifications by real HTTP and SMTP servers on this machine; and that sending them never fails a run."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from google_server import Google
from tenacity import wait_none
from tls_postgres import certificate

from sales_platform.notify import channels

MESSAGE = {
    "event": "pipeline_run",
    "status": "done",
    "dag_id": "sales_analytics_etl",
    "run_id": "scheduled__2026-03-03",
    "days": "2026-03-03",
    "rows_read": 45,
    "rows_loaded": 43,
    "warnings": ["stores: S9 sold nothing", "prices: 3 times those of other Tuesdays"],
    "seconds": 12.5,
    "link": "https://airflow.example.com/run",
}
SAID = (
    "sales_analytics_etl 2026-03-03 done\nrun_id: scheduled__2026-03-03\ndays: 2026-03-03\n"
    "rows_read: 45\nrows_loaded: 43\nwarnings:\n- stores: S9 sold nothing\n- prices: 3 times those of other Tuesdays\n"
    "seconds: 12.5\nhttps://airflow.example.com/run"
)


class Chat(HTTPServer):
    """A chat's webhook; ``answers`` are the status codes it gives, 200 after the last."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Any]] = []
        self.answers: list[int] = []
        super().__init__(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server_port}/hook?key=secret"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                chat.got.append((self.path, json.loads(body)))
                self.send_response(chat.answers.pop(0) if chat.answers else 200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


class Mail(socketserver.ThreadingTCPServer):
    """A mail server that takes TLS and one login; ``lines`` are those of the messages."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        self.lines: list[str] = []
        self.commands: list[str] = []
        super().__init__(("127.0.0.1", 0), self._handler(context))
        self.url = f"smtp://robot:p%40ss@127.0.0.1:{self.server_address[1]}"

    def _handler(self, context: ssl.SSLContext) -> type[socketserver.StreamRequestHandler]:
        mail = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line: str) -> None:
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self) -> None:
                self.say("220 mail")
                while line := self.rfile.readline().decode().strip():
                    mail.commands.append(line)
                    verb = line.upper().split()[0]
                    if verb == "EHLO":
                        self.say("250-mail\r\n250-AUTH PLAIN\r\n250 STARTTLS")
                    elif verb == "STARTTLS":
                        self.say("220 go")
                        self.request = context.wrap_socket(self.request, server_side=True)
                        self.setup()
                    elif verb == "AUTH":
                        self.say("235 ok")
                    elif verb == "DATA":
                        self.say("354 go")
                        while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                            mail.lines.append(text)
                        self.say("250 kept")
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

        return Handler


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """Serves until the end of the block."""
    threading.Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def chat() -> Iterator[Chat]:
    """A chat."""
    server = Chat()
    with serving(server):
        yield server


@pytest.fixture
def mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mail]:
    """A mail server, whose certificate no authority has signed."""
    context, _ = certificate(tmp_path)
    server = Mail(context)
    monkeypatch.setattr(ssl, "create_default_context", ssl._create_unverified_context)
    with serving(server):
        yield server


@pytest.fixture
def configured(
    google: Google, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Callable[[str], None]:
    """Fills the channels' secret."""
    monkeypatch.setattr(channels, "PAUSE", wait_none())
    caplog.set_level(logging.INFO)

    def fill(content: str) -> None:
        answer = {"payload": {"data": base64.b64encode(content.encode()).decode()}}
        google.routes.insert(0, (r"GET .*/secrets/sales-channels/versions/latest:access", lambda *_: answer))

    return fill


def failures(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Events of channels that did not accept a message."""
    return [json.loads(line) for line in caplog.messages if line.startswith('{"event":"notification_failed"')]


def test_chat_and_mail_get_the_same(
    configured: Callable[[str], None],
    chat: Chat,
    mail: Mail,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("NOTIFICATION_EMAILS", "a@example.com,b@example.com")
    configured(json.dumps({"webhook_url": chat.url, "smtp_url": mail.url, "sender": "robot@example.com"}))
    channels.send(MESSAGE)
    assert chat.got == [("/hook?key=secret", {"text": SAID})]
    lines = mail.lines
    assert "Subject: sales_analytics_etl 2026-03-03 done" in lines
    assert "To: a@example.com, b@example.com" in lines
    assert "\n".join(lines[lines.index("") + 1 :]) == SAID
    login = next(line for line in mail.commands if line.startswith("AUTH PLAIN"))
    assert base64.b64decode(login.split()[2]) == b"\0robot\0p@ss"
    # Nothing but the greeting before the connection is encrypted.
    assert [line.split()[0].upper() for line in mail.commands][:2] == ["EHLO", "STARTTLS"]
    assert failures(caplog) == []


def test_a_channel_that_fails_now_and_then_is_tried_again(
    configured: Callable[[str], None], chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    configured(json.dumps({"webhook_url": chat.url}))
    chat.answers += [500, 503]
    channels.send(MESSAGE)
    assert len(chat.got) == 3
    assert failures(caplog) == []


def test_a_channel_that_is_gone_is_reported_in_the_log_without_its_address(
    configured: Callable[[str], None], chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    configured(json.dumps({"webhook_url": chat.url}))
    chat.answers += [404] * 3
    channels.send(MESSAGE)
    assert failures(caplog) == [{"event": "notification_failed", "channel": "chat", "reason": "HTTPError 404"}]
    assert "secret" not in caplog.text.replace("sales-channels", "")


@pytest.mark.parametrize("content", ["no json", json.dumps({"webhook_url": "http://127.0.0.1:1/x"})])
def test_a_wrong_secret_fails_nothing(
    configured: Callable[[str], None], content: str, caplog: pytest.LogCaptureFixture
) -> None:
    configured(content)
    channels.send(MESSAGE)
    assert len(failures(caplog)) == 1


def test_without_a_version_of_the_secret_the_log_alone_has_the_message(
    google: Google, caplog: pytest.LogCaptureFixture
) -> None:
    channels.send(MESSAGE)
    assert failures(caplog) == []
    assert urlsplit(google.requests[-1][1]).path.endswith("/secrets/sales-channels/versions/latest:access")


def test_a_missed_deadline_is_notified_once(
    google: Google, parse_dags: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    from airflow.exceptions import TaskDeferralError, TaskDeferred

    caplog.set_level(logging.INFO)
    sensor = parse_dags().dags["watch_deadline"].get_task("sales_day_is_done")
    assert (sensor.retries, sensor.execution_timeout) == (0, dt.timedelta(hours=12))
    day = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
    run = SimpleNamespace(dag_id="watch_deadline", run_id="r", data_interval_start=day)
    context = {"dag_run": run, "logical_date": day, "task_instance": SimpleNamespace(log_url="https://log")}
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context)
    assert deferred.value.timeout == dt.timedelta(hours=12)
    with pytest.raises(TaskDeferralError):
        sensor.resume_execution("__fail__", {"error": "Trigger timeout"}, context)
    sensor.on_failure_callback(context)
    (line,) = [json.loads(line) for line in caplog.messages if "deadline_missed" in line]
    assert {name: line[name] for name in ("event", "status", "dag_id", "days", "hours")} == {
        "event": "deadline_missed",
        "status": "late",
        "dag_id": "sales_analytics_etl",
        "days": "2026-03-03",
        "hours": 12,
    }
