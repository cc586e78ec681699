"""A web service that judges events as they come: one process, one `Live`, and one thread that owns it."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from os import environ

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

import learnorg_rules as lr

REFUSED = {LookupError: 404, ValueError: 422, lr.InputError: 422}
owner = ThreadPoolExecutor(max_workers=1)


async def ask(call, *given):
    """Make a call in the owner's thread, after all that were asked before."""
    return await asyncio.get_running_loop().run_in_executor(owner, call, *given)


@asynccontextmanager
async def lifespan(app):
    """Open the log at the start, close it at the end."""
    live = await ask(lr.Live, lr.load(environ["RULES"]), lr.read_org(environ["ORG"]), environ["LOG"])
    yield {"live": live}
    await ask(live.snapshot)  # so that the next start need not count every event
    await ask(live.close)


def answering(call):
    """A handler that answers with what a call gives for the Live, the parameters and the body."""

    async def handle(request):
        body = (await request.body()).decode(errors="surrogateescape")  # what is not UTF-8 is refused with a reason
        content, status = await ask(call, request.state.live, {**request.query_params, **request.path_params}, body)
        # Days and points have no type in JSON: they become texts, exactly.
        return Response(json.dumps(content, ensure_ascii=False, default=str), status, media_type="application/json")

    return handle


def post(live, given, body):
    """Take in events, one a line. They are on the disk before the answer; 422 where one of them does not count."""
    posted = live.post_many([line for line in body.split("\n") if line.strip()])
    told = [{"seq": p.seq, "state": p.state, "code": p.code, "reason": p.reason, **changed(live, p)} for p in posted]
    return told, 422 if any(p.code for p in posted) else 200


def advance(live, given, body):
    """Let time pass to the end of a day."""
    return changed(live, live.advance(given.get("to", ""))), 200


def changed(live, changes):
    """Changes as CloudEvents."""
    return {"changes": [lr.cloudevent(change, live.rules.id) for change in changes]}


def unit(live, given, body):
    """Duties and points of a unit on the day judged."""
    if given["unit"] not in live.org.nodes:
        raise LookupError(f"there is no unit, body or person '{given['unit']}'")
    found = {n: getattr(live.result(), n).where(subject=given["unit"]) for n in ("duties", "scorecards", "indicators")}
    return {"at": live.at, "seq": live.seq, **{name: t.to_polars().to_dicts() for name, t in found.items()}}, 200


def why(live, given, body):
    """Why a unit has what it has by a rule."""
    return live.why(given["unit"], given["rule"], given.get("period"), given.get("language", "en")).to_dict(), 200


def missing(live, given, body):
    """The fewest events that a unit still needs."""
    return [lr.missing_record(found) for found in live.result().missing(given["unit"], given.get("rule"))], 200


async def changes(request):
    """Changes from now on, of one subject or of all, as server-sent events."""
    live, queue, soon = request.state.live, asyncio.Queue(), asyncio.get_running_loop().call_soon_threadsafe
    stop = await ask(partial(live.subscribe, partial(soon, queue.put_nowait), **request.path_params))

    async def stream():
        try:
            yield ": listening\n\n"
            while queue.qsize() < 10_000:  # who is further behind is let go, and starts again
                yield f"data: {json.dumps(lr.cloudevent(await queue.get(), live.rules.id), ensure_ascii=False)}\n\n"
        finally:
            owner.submit(stop)

    return StreamingResponse(stream(), media_type="text/event-stream")


async def refused(request, error):
    """Answer what the caller can put right. A fault of ours, such as a KeyError, stays one."""
    if type(error) not in REFUSED:
        raise error
    disk = any(issue.code.startswith("S") for issue in getattr(error, "issues", ()))  # nothing was taken in
    return JSONResponse({"reason": str(error)}, 503 if disk else REFUSED[type(error)])


routes = [
    Route("/events", answering(post), methods=["POST"]),
    Route("/advance", answering(advance), methods=["POST"]),
    Route("/units/{unit}", answering(unit)),
    Route("/why/{unit}/{rule}", answering(why)),
    Route("/missing/{unit}", answering(missing)),
    Route("/changes", changes),
    Route("/changes/{subject}", changes),
]
app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=dict.fromkeys(REFUSED, refused))
