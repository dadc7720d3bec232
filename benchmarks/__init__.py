"""The recipes of five well-known web tutorials beside the course's own, measured in one run on one machine.

``course bench`` measures all targets, ``course bench mnist_dense`` one, ``course bench --table`` writes the table of
what is measured. Each measurement is a process of its own with the same number of threads; for every seed the
reference comes first and the course's recipe, executed from the cells of its notebook, right after it. What is
finished lies in ``benchmarks/results.json``; a call that was interrupted goes on there. For numbers that mean something
use ``--data full`` and a machine that does nothing else; the slowest references run in part, and every table says so.

``course bench footprint`` measures the course itself: importing the package, the set-up cells, updates of the widgets,
and memory and minutes of every notebook; its results lie in ``benchmarks/footprint.json``.

- `benchmarks.targets`: what is compared, and what the course must reach
- `benchmarks.references`: the tutorials' recipes, one module each, with their published slips
- `benchmarks.measuring`: which measurement is next, in which process, and what is kept
- `benchmarks.worker`, `benchmarks.recording`: one measurement, and its clock
- `benchmarks.summary`, `benchmarks.table`: means, ratios, extrapolations, and the table
- `benchmarks.footprint`, `benchmarks.startup`, `benchmarks.widget_updates`: what is measured of the course itself
- `benchmarks.footprint_store`, `benchmarks.footprint_table`, `benchmarks.footprint_command`: what is kept, and shown
- `benchmarks.bench`: both together
"""
