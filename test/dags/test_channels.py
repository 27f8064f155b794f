"""What people are told, by real HTTP and SMTP servers on this machine; and that telling never fails a run."""

import base64
import datetime as dt
import json
import logging
import socketserver
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from tls_postgres import certificate

from sales_platform.notify import channels

TOLD = {
    "event": "pipeline_run",
    "status": "done",
    "dag_id": "sales_analytics_etl",
    "run_id": "scheduled__2026-03-03",
    "days": "2026-03-03",
    "rows_read": 45,
    "rows_loaded": 43,
    "seconds": 12.5,
    "link": "https://airflow.example.com/run",
}
SAID = (
    "sales_analytics_etl 2026-03-03 done\nrun_id: scheduled__2026-03-03\ndays: 2026-03-03\n"
    "rows_read: 45\nrows_loaded: 43\nseconds: 12.5\nhttps://airflow.example.com/run"
)


@pytest.fixture
def chat():
    """A chat's webhook; ``answers`` are the status codes it gives, 200 after the last."""
    got, answers = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(answers.pop(0) if answers else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.got, server.answers, server.url = got, answers, f"http://127.0.0.1:{server.server_port}/hook?key=secret"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail(tmp_path, monkeypatch):
    """A mail server that takes TLS and one login."""
    got = {"lines": [], "commands": []}
    context = certificate(tmp_path)

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line):
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self):
            self.say("220 mail")
            while line := self.rfile.readline().decode().strip():
                got["commands"].append(line)
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
                        got["lines"].append(text)
                    self.say("250 kept")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # The certificate is nobody's.
    monkeypatch.setattr(ssl, "create_default_context", ssl._create_unverified_context)
    server.got, server.url = got, f"smtp://robot:p%40ss@127.0.0.1:{server.server_address[1]}"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def configured(google, monkeypatch, caplog):
    """Fills the channels' secret."""
    monkeypatch.setattr(channels, "PAUSE_SECONDS", 0)
    caplog.set_level(logging.INFO)

    def fill(content):
        data = base64.b64encode(content.encode()).decode()
        google.routes.insert(0, (r"GET .*/secrets/sales-channels/versions/latest:access", lambda *_: {
            "payload": {"data": data}
        }))  # fmt: skip

    return fill


def failures(caplog):
    return [json.loads(line) for line in caplog.messages if line.startswith('{"event":"notification_failed"')]


def test_chat_and_mail_get_the_same(configured, chat, mail, monkeypatch, caplog):
    monkeypatch.setenv("NOTIFICATION_EMAILS", "a@example.com,b@example.com")
    configured(json.dumps({"webhook_url": chat.url, "smtp_url": mail.url, "sender": "robot@example.com"}))
    channels.send(TOLD)
    assert chat.got == [("/hook?key=secret", {"text": SAID})]
    lines = mail.got["lines"]
    assert "Subject: sales_analytics_etl 2026-03-03 done" in lines
    assert "To: a@example.com, b@example.com" in lines
    assert "\n".join(lines[lines.index("") + 1 :]) == SAID
    login = next(line for line in mail.got["commands"] if line.startswith("AUTH PLAIN"))
    assert base64.b64decode(login.split()[2]) == b"\0robot\0p@ss"
    # Nothing but the greeting before the connection is encrypted.
    assert [line.split()[0].upper() for line in mail.got["commands"]][:2] == ["EHLO", "STARTTLS"]
    assert failures(caplog) == []


def test_a_channel_that_fails_now_and_then_is_tried_again(configured, chat, caplog):
    configured(json.dumps({"webhook_url": chat.url}))
    chat.answers += [500, 503]
    channels.send(TOLD)
    assert len(chat.got) == 3
    assert failures(caplog) == []


def test_a_channel_that_is_gone_is_told_in_the_log_without_its_address(configured, chat, caplog):
    configured(json.dumps({"webhook_url": chat.url}))
    chat.answers += [404] * 3
    channels.send(TOLD)
    assert failures(caplog) == [{"event": "notification_failed", "channel": "chat", "reason": "HTTPError 404"}]
    assert "secret" not in caplog.text.replace("sales-channels", "")


@pytest.mark.parametrize("content", ["no json", json.dumps({"webhook_url": "http://127.0.0.1:1/x"})])
def test_a_wrong_secret_fails_nothing(configured, content, caplog):
    configured(content)
    channels.send(TOLD)
    assert len(failures(caplog)) == 1


def test_without_a_secrets_value_only_the_log_is_told(google, caplog):
    channels.send(TOLD)
    assert failures(caplog) == []
    assert google.requests[-1][1].endswith("/secrets/sales-channels/versions/latest:access")


def test_a_missed_deadline_is_told_once(google, parse_dags, caplog):
    from airflow.exceptions import TaskDeferralError, TaskDeferred
    from airflow.utils import timezone

    caplog.set_level(logging.INFO)
    sensor = parse_dags().dags["watch_deadline"].get_task("sales_day_is_done")
    assert (sensor.retries, sensor.execution_timeout) == (0, dt.timedelta(hours=12))
    day = timezone.datetime(2026, 3, 3)
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
