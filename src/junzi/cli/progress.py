"""What a person sees while something takes its time: a spinner in a terminal, plain lines anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

console = Console(highlight=False)


@contextmanager
def step(title: str) -> Iterator[Callable[[str], None]]:
    """Shows that `title` is going on and how long it took; what is yielded replaces the text meanwhile."""
    began = time.monotonic()
    if console.is_terminal:
        with console.status(f"{escape(title)} …") as status:
            yield lambda text: status.update(escape(text))
    else:
        console.print(f"{escape(title)} …")
        yield lambda text: console.print(f"  {escape(text)}")
    console.print(f"[green]✓[/] {escape(title)} [dim]{time.monotonic() - began:.1f} s[/]")
