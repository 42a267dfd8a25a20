"""How much a request may carry, held where the raw API cannot get round it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xai.limits import MAX_BYTES

# A film travels inside JSON as base64, four bytes for three, with a little around it.
MAX_BODY = MAX_BYTES * 4 // 3 + 2**20


class BodyLimit:
    """ASGI middleware: refuses a request body of more than ``MAX_BODY`` bytes while it arrives, before it is parsed."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting."""
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > MAX_BODY:
                raise HTTPException(413, f"over the size limit of {MAX_BYTES >> 20} MB: send a smaller film")
            return message

        await self.app(scope, counted if scope["type"] == "http" else receive, send)
