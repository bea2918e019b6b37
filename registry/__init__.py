"""The tiered-cultivation registry. Imports nothing, so the domain can be imported without Flask."""

__version__ = "0.5.0"
