"""Language models that answer whole, on a real socket: OpenAI's chat completions, Anthropic's Messages and
Google's generateContent, told apart by the path. Each request takes the next of `replies`.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "a-key-of-the-vendor-1234"


@dataclass
class Reply:
    """`text` is what the model wrote. `refuses`: it declines; `cut`: the limit of tokens ends it. `status`
    other than 200 is an error with `headers`. `raw` takes the place of the whole body; `slow_s`: thinks so
    long; `drip_s`: waits so long before each byte."""

    text: str = ""
    refuses: bool = False
    cut: bool = False
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    slow_s: float = 0.0
    drip_s: float = 0.0
    usage: tuple[int, int] = (100, 20)


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def key(self) -> str:
        names = ("authorization", "x-api-key", "x-goog-api-key", "api-key")
        return next(
            (self.headers[name].removeprefix("Bearer ") for name in names if name in self.headers), ""
        )

    @property
    def said(self) -> list[str]:
        """The texts of the messages, instructions left out."""
        if "contents" in self.body:
            return [message["parts"][0]["text"] for message in self.body["contents"]]
        return [m["content"] for m in self.body["messages"] if m["role"] != "system"]

    @property
    def schema(self) -> Any:
        """What the answer is held to; None: to nothing."""
        form = self.body.get("response_format") or {}
        settings = self.body.get("generationConfig") or {}
        output = (self.body.get("output_config") or {}).get("format") or {}
        return (
            (form.get("json_schema") or {}).get("schema")
            or settings.get("responseJsonSchema")
            or output.get("schema")
        )


@dataclass
class ChatModels:
    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def will(self, *replies: Reply | str | dict[str, Any]) -> None:
        """What the next requests are answered with; a dict is the JSON that a model writes."""
        for one in replies:
            text = json.dumps(one) if isinstance(one, dict) else one
            self.replies.append(one if isinstance(one, Reply) else Reply(str(text)))


@contextmanager
def chat_models() -> Iterator[ChatModels]:
    """One on a port of its own of the loopback."""
    models = ChatModels()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            models.asked.append(Asked(self.path, headers, body))
            reply = models.replies.pop(0) if models.replies else Reply(status=500)
            time.sleep(reply.slow_s)
            with contextlib.suppress(ConnectionError):  # who waited has gone
                self._answer(reply)

        def _answer(self, reply: Reply) -> None:
            told = json.dumps(_body(self.path, reply) if reply.status == 200 else {"error": "secret words"})
            data = reply.raw if reply.raw is not None else told.encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if not reply.drip_s:
                self.wfile.write(data)
                return
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(reply.drip_s)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    models.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield models
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _body(path: str, reply: Reply) -> dict[str, Any]:
    prompt, completion = reply.usage
    if path.endswith("/messages"):
        stop = "refusal" if reply.refuses else "max_tokens" if reply.cut else "end_turn"
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": reply.text}],
            "stop_reason": stop,
            "usage": {
                "input_tokens": prompt - 40,
                "cache_read_input_tokens": 40,
                "output_tokens": completion,
            },
        }
    if path.endswith(":generateContent"):
        reason = "SAFETY" if reply.refuses else "MAX_TOKENS" if reply.cut else "STOP"
        content = {"role": "model", "parts": [{"text": reply.text}]}
        return {
            "candidates": [{"content": content, "finishReason": reason}],
            "usageMetadata": {"promptTokenCount": prompt, "candidatesTokenCount": completion},
        }
    message = {"role": "assistant", "content": None if reply.refuses else reply.text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "message": message | ({"refusal": "I will not."} if reply.refuses else {}),
                "finish_reason": "length" if reply.cut else "stop",
            }
        ],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion},
    }
