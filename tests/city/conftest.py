"""The demo city, built once: whole for the counts, small for everything that does not count."""

import pytest

from registry.city import City, build_city


@pytest.fixture(scope="session")
def city() -> City:
    return build_city()


@pytest.fixture(scope="session")
def town() -> City:
    return build_city(seed=7, firms=1_000)
