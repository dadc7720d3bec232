"""A kernel of the Python that runs the course, whatever kernels are installed on the machine."""

import sys

from ..errors import require


def own_kernel_manager():
    """Return a kernel manager whose kernel is ``sys.executable -m ipykernel_launcher``.

    The kernel called "python3" of a machine may belong to another Python, without the course's
    packages; a run must test the Python it was started with.

    Returns
    -------
    jupyter_client.AsyncKernelManager
    """
    require("ipykernel")
    client, kernelspec = require("jupyter_client"), require("jupyter_client.kernelspec")

    class OwnKernel(kernelspec.KernelSpecManager):
        def get_kernel_spec(self, kernel_name):
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return kernelspec.KernelSpec(argv=argv, display_name="This Python", language="python", name=kernel_name)

    return client.AsyncKernelManager(kernel_spec_manager=OwnKernel(), kernel_name="python3")


async def exit_status(manager):
    """Return the exit status of a kernel's process, or None if it still runs or cannot be asked."""
    provisioner = manager.provisioner
    return await provisioner.poll() if provisioner is not None else None


def process_id(manager):
    """Return the process id of a kernel, or None."""
    return getattr(manager.provisioner, "pid", None)
