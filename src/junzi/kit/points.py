"""Named points between two steps of a flow, where tests let the process die.

A flow is repeatable from its intent row; that holds only if it was killed at every one of these points and came out right.
"""

import os
import signal

POINTS: dict[str, "Point"] = {}
"""Every point there is, by name."""

DIES_AT = "dies at "
"""How a process begins its last words."""


class Point:
    """A place between two steps, declared once beside the flow it belongs to."""

    def __init__(self, name: str) -> None:
        if name in POINTS:
            raise ValueError(f"there are two points named {name}")
        self.name = name
        POINTS[name] = self

    def passed(self) -> None:
        """Go on, unless the environment says that the process dies here: it names points, with commas in between."""
        if self.name in os.environ.get("JUNZI_DIE_AT", "").split(","):
            os.write(2, f"{DIES_AT}{self.name}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)
