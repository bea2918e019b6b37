"""Floor 3: what is kept, and in which shape. Knows the domain and SQLAlchemy, never Flask."""
