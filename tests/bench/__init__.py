"""Measures what the project promises of its speed, on the same firms and beside its peers; run by `make bench`."""
