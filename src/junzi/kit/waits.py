"""What a task waits for, in words: for the log of a server that does not end, and of a test that does not."""

import asyncio
from typing import Any, cast


def waits(task: "asyncio.Task[Any]") -> str:
    """Its name, and the coroutines and lines in which it waits, from its own inwards."""
    names, coroutine = [task.get_name()], cast(Any, task.get_coro())
    while getattr(coroutine, "cr_frame", None) is not None:
        names.append(f"{coroutine.__qualname__}:{coroutine.cr_frame.f_lineno}")
        coroutine = coroutine.cr_await
    return " > ".join(names)
