"""The first page of whoever signed in."""

import pytest
from clients import sign_in_as
from flask import Flask
from make import code
from small_city import NOW


@pytest.mark.parametrize(("who", "leads"), [("applicant", True), ("delegate", False)])
def test_a_firms_own_people_are_led_to_them_and_an_intermediary_is_not(app: Flask, who: str, leads: bool) -> None:
    page = sign_in_as(app, who, NOW).get("/home").text

    assert f'href="/firms/{code(1)}"' in page
    assert (f'href="/firms/{code(1)}/people"' in page) == leads
