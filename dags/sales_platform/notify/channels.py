"""E-mail and chat. Their addresses are one secret in Secret Manager, a JSON object with any of ``webhook_url``,
``smtp_url`` (``smtp://`` or ``smtps://``, with user, password, host and port) and ``sender``.

Nothing here fails a run: a channel that does not accept a message is reported in the log.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from tenacity import Retrying, stop_after_attempt, wait_incrementing

from sales_platform.google.secret_manager import newest_value, secret_manager
from sales_platform.settings import CloudSettings
from sales_platform.shared.log_events import emit

ATTEMPTS = 3
PAUSE = wait_incrementing(start=2, increment=2)
"""Seconds before the second attempt, and before the third."""
SEND_SECONDS = 20


def title(message: dict[str, Any]) -> str:
    """The notification in one line."""
    return " ".join(str(part) for part in (message["dag_id"], message.get("days"), message["status"]) if part)


def text(message: dict[str, Any]) -> str:
    """The notification in one line a detail, a line each for the parts of a list, the link last."""
    details = {name: value for name, value in message.items() if name not in ("event", "dag_id", "status", "link")}
    lines = [
        "\n- ".join([f"{name}:", *map(str, value)]) if isinstance(value, list) else f"{name}: {value}"
        for name, value in details.items()
    ]
    return "\n".join([title(message), *lines, message["link"]])


def send_chat(url: str, message: dict[str, Any]) -> None:
    """Posts to a webhook; Google Chat, Slack and Mattermost accept this form."""
    requests.post(url, json={"text": text(message)}, timeout=SEND_SECONDS).raise_for_status()


def send_email(url: str, sender: str, receivers: tuple[str, ...], message: dict[str, Any]) -> None:
    """Sends one encrypted message to all receivers."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = title(message), sender, ", ".join(receivers)
    mail.set_content(text(message))
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
        smtp.send_message(mail)


def _try(channel: str, send: Callable[[], None]) -> None:
    try:
        Retrying(stop=stop_after_attempt(ATTEMPTS), wait=PAUSE, reraise=True)(send)
    except Exception as error:
        # Not the error's message: it holds the address, which is secret.
        status = getattr(getattr(error, "response", None), "status_code", None)
        reason = type(error).__name__ + (f" {status}" if status else "")
        emit({"event": "notification_failed", "channel": channel, "reason": reason})


def send(message: dict[str, Any]) -> None:
    """Sends a notification to every channel that the secret names."""
    try:
        settings = CloudSettings.read()
        secret = newest_value(secret_manager(), settings.pyspark_project_id, settings.notification_secret)
        channels: dict[str, str] = json.loads(secret) if secret else {}
    except Exception as error:
        # Whatever it is: the run has ended, and its result is in the log.
        emit({"event": "notification_failed", "channel": "secret", "reason": type(error).__name__})
        return
    if url := channels.get("webhook_url"):
        _try("chat", lambda: send_chat(url, message))
    receivers = settings.notification_emails
    if (smtp := channels.get("smtp_url")) and receivers:
        _try("email", lambda: send_email(smtp, channels.get("sender") or receivers[0], receivers, message))
