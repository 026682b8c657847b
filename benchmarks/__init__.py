"""How fast it is, as ratios against a baseline measured in the same run.

`python -m benchmarks` runs all, `python -m benchmarks append replay` some; `--json` prints one
object, `--smoke` runs each at a tiny size and judges nothing.

A benchmark is a module of this package with a function `run(scale: Scale) -> Result`
(`benchmarks/harness.py`); nothing else has to be told about it. Absolute figures depend on the
machine and on what else it does; ratios of rounds that alternate much less.
"""
