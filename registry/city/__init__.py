"""The demo city: firms, titles and stays invented from a seed. Knows the domain only; nothing in it is law or real."""

from registry.city.build import City, build_city, city_blocks

__all__ = ["City", "build_city", "city_blocks"]
