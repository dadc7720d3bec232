"""Checkpoints: networks the course has trained, as weights for a model of your own and the history of their training.

They ship in ``shipped/``, written by ``course checkpoint`` and by nothing else: one ``.npz`` per network (see
`packing`) and ``catalog.json`` (see `catalog`), which says on which data, in which budget and with which seed each was
trained, how well it does, and the SHA-256 of its file. A network's code is the notebook's, never ours.
"""

from .loading import is_filled, load_checkpoint

__all__ = ["is_filled", "load_checkpoint"]
