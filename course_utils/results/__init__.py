"""Results: your own records, the course's ledger of measured ranges, and how they compare.

The ledger is ``ledger.json`` beside this file, written by ``course ledger`` and by nothing else::

    {
     "schema": 1,
     "rows": [                           sorted by recipe, budget, variant
      {
       "recipe": "lenet",                the name given to cu.record(); recipe, budget and variant
       "budget": "laptop",               together are the row's key
       "variant": "fashion_mnist",       "fashion_mnist/sample" is another row
       "notebook": "03_lenet_fashion_mnist",
       "split": "test",                  only runs on the same split are compared
       "images": 10000,                  images each accuracy was measured on
       "epochs": 8,
       "parameters": 107786,
       "recipe_hash": "0f3c…",           of the cells tagged recipe:lenet; see `recipes`
       "machine": "2 cores, …",
       "versions": {"python": …, "keras": …},
       "measured": "2026-01-31",         UTC date of the newest run
       "runs": {"0": {"accuracy": 0.91, "loss": 0.25, "minutes": 1.2, "peak_memory_mb": 900,
                      "cpu_seconds": 130.0}, "1": …}
      }
     ]
    }

``runs`` has one entry per seed; ``"speed": {"tensorflow": 31.5}`` among its values is how fast the computer was
(see `speed`). A row whose recipe has changed since is shown as "not re-measured".
"""

from .comparison import compare
from .expecting import expect
from .ledger import LedgerRow, ledger_rows
from .recording import record

__all__ = ["LedgerRow", "compare", "expect", "ledger_rows", "record"]
