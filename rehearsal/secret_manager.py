"""Stand-in for Secret Manager: one secret with one version."""

from __future__ import annotations

from typing import Any

import grpc
from google.cloud.secretmanager_v1.types import AccessSecretVersionRequest, AccessSecretVersionResponse

from rehearsal.google_front import method

SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"


def methods(secret: str, value: str) -> dict[str, grpc.RpcMethodHandler]:
    """The methods of the service. ``secret`` is the full name of the secret."""

    def access(request: Any, context: grpc.ServicerContext) -> Any:
        if request.name not in (f"{secret}/versions/latest", f"{secret}/versions/1"):
            context.abort(grpc.StatusCode.NOT_FOUND, f"Secret [{request.name}] not found or has no versions.")
        return AccessSecretVersionResponse(name=f"{secret}/versions/1", payload={"data": value.encode()})

    return {"AccessSecretVersion": method(access, AccessSecretVersionRequest, AccessSecretVersionResponse)}
