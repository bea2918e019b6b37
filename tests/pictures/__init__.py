"""The pictures of the guides, taken anew from the demo city."""
