"""An ASGI application, asked without a network.

Belongs here: its lifespan and its event loop beside the test.
Does not: what is asked.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from starlette.applications import Starlette

_T = TypeVar("_T")


class Client:
    """Asks an application that runs in another thread."""

    def __init__(self, app: Starlette, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://receiver")

    def wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run something in the loop of the application."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def get(self, path: str) -> httpx.Response:
        return self.wait(self._client.get(path))

    def post(self, path: str, content: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.wait(self._client.post(path, content=content, headers=headers))


@contextmanager
def running(app: Starlette) -> Iterator[Client]:
    """The application, started; it is shut down at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    client = Client(app, loop)
    lifespan = app.router.lifespan_context(app)
    try:
        client.wait(lifespan.__aenter__())
        try:
            yield client
        finally:
            client.wait(lifespan.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
