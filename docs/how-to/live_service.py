"""A web service that judges events as they come: one process, one `Live`, one thread that owns it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import learnorg_rules as lr
from learnorg_rules.explain import missing_record

BEHIND = 1000  # changes that a listener may be behind before it is let go
listeners: dict[MemoryObjectSendStream[dict[str, Any]], str | None] = {}  # each with the unit it wants to hear of


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    """Open the log in the thread that owns it, and close it there."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1) as thread:

        def begin() -> lr.Live:
            live = lr.Live(lr.load(os.environ["RULES"]), lr.read_org(os.environ["ORG"]), os.environ["LOG"])
            live.subscribe(lambda change: loop.call_soon_threadsafe(tell, lr.cloudevent(change, live.rules.id)) and None)
            return live

        live = await loop.run_in_executor(thread, begin)
        try:
            yield {"ask": lambda call: loop.run_in_executor(thread, call, live)}
        finally:
            await loop.run_in_executor(thread, live.snapshot)
            await loop.run_in_executor(thread, live.close)
