"""What a kernel of the course's tests is told."""

import os
from pathlib import Path

GUARD = Path(__file__).parent / "notebooks" / "guard"


def kernel_environment(attempts):
    """Return the environment variables of a kernel that can reach nothing but this machine.

    `attempts` is the file in which attempts to use the network are written down.
    """
    path = os.pathsep.join([str(GUARD), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"PYTHONPATH": path, "NETWORK_ATTEMPTS": str(attempts)}
