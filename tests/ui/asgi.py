"""Ask an ASGI application as a browser would, without a server."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """What came back."""

    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Browser:
    """A browser with cookies."""

    app: ASGIApp
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, *, headers: dict[str, str] | None = None) -> Answer:
        return asyncio.run(self._ask("GET", address, headers or {}, b""))

    def post(self, address: str, *, json: Any = None, content: bytes | str | None = None) -> Answer:
        body = _body(json) if content is None else content
        return asyncio.run(
            self._ask("POST", address, {}, body.encode() if isinstance(body, str) else body)
        )

    async def _ask(self, method: str, address: str, headers: dict[str, str], body: bytes) -> Answer:
        path, _, query = address.partition("?")
        sent = {**headers, "host": "localhost"}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": quote(query, safe="=&,.*%-").encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in sent.items()],
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
        }
        answer = Answer()

        asked = 0

        async def receive() -> Message:
            nonlocal asked
            asked += 1
            if asked > 1:
                await asyncio.Event().wait()  # the browser stays: it never hangs up
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status_code = message["status"]
                answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            elif message["type"] == "http.response.body":
                answer.content += message.get("body", b"")

        await self.app(scope, receive, send)
        return answer


def _body(value: Any) -> str:
    return json.dumps(value)
