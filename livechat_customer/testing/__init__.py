"""For tests of apps: a sandbox in process, virtual time, faults of the network.

Nothing here needs pytest. What talks to a sandbox needs the extra `sandbox`.
"""
