"""The long proofs: `make proof` runs them all, each prints its figure; `python -m tests.proof kills` runs one."""
