"""People's channels: e-mail and a chat's webhook. What they need is one secret in Secret Manager, a JSON object with
any of ``webhook_url``, ``smtp_url`` (``smtp://`` or ``smtps://``, with user, password, host and port) and ``sender``.

Nothing here fails a run: a channel that does not take a message is told in the log.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from sales_platform.google.api import GoogleApi, secret_text
from sales_platform.settings import CloudSettings
from sales_platform.shared.log_events import emit

ATTEMPTS = 3
PAUSE_SECONDS = 2.0
"""Before the second attempt; doubled before the third."""
SEND_SECONDS = 20
NONE = "none"


def title(told: dict[str, Any]) -> str:
    """One line."""
    return " ".join(str(part) for part in (told["dag_id"], told.get("days"), told["status"]) if part)


def text(told: dict[str, Any]) -> str:
    """What is told, a line each, the link last."""
    lines = [f"{name}: {value}" for name, value in told.items() if name not in ("event", "dag_id", "status", "link")]
    return "\n".join([title(told), *lines, told["link"]])


def send_chat(url: str, told: dict[str, Any]) -> None:
    """Posts to a webhook; Google Chat, Slack and Mattermost take this form."""
    requests.post(url, json={"text": text(told)}, timeout=SEND_SECONDS).raise_for_status()


def send_email(url: str, sender: str, receivers: list[str], told: dict[str, Any]) -> None:
    """Sends one message to all receivers, encrypted."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = title(told), sender, ", ".join(receivers)
    message.set_content(text(told))
    server = urlsplit(url)
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.hostname or "", server.port or 465, timeout=SEND_SECONDS, context=context
        )
    else:
        smtp = smtplib.SMTP(server.hostname or "", server.port or 587, timeout=SEND_SECONDS)
    with smtp:
        if server.scheme == "smtp":
            smtp.starttls(context=context)
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)


def _try(channel: str, send: Callable[[], None]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            send()
            return
        except Exception as error:
            if attempt == ATTEMPTS:
                # Not the error's own words: they hold the address, which is the secret.
                status = getattr(getattr(error, "response", None), "status_code", None)
                reason = type(error).__name__ + (f" {status}" if status else "")
                emit({"event": "notification_failed", "channel": channel, "reason": reason})
            else:
                time.sleep(PAUSE_SECONDS * attempt)


def send(told: dict[str, Any]) -> None:
    """Sends to every channel that is configured."""
    try:
        settings = CloudSettings.read()
        secret = secret_text(GoogleApi(), settings.pyspark_project_id, settings.notification_secret)
        channels: dict[str, str] = json.loads(secret) if secret else {}
    except Exception as error:
        # Whatever it is: the run has ended, and how it did is in the log.
        emit({"event": "notification_failed", "channel": "secret", "reason": type(error).__name__})
        return
    if url := channels.get("webhook_url"):
        _try("chat", lambda: send_chat(url, told))
    receivers = [] if settings.notification_emails == NONE else settings.notification_emails.split(",")
    if (smtp := channels.get("smtp_url")) and receivers:
        _try("email", lambda: send_email(smtp, channels.get("sender") or receivers[0], receivers, told))
