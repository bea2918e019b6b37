"""Floor 4: what people do. A deed takes a session and the moment; it flushes, the edge commits."""
