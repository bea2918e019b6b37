"""Two statements of a firm beside each other: what differs, in which order, and what is not compared."""

from make import firm

from registry.work.compare_rounds import Change, changed, paths_of, value_at

BEFORE = firm(ip_class1=3, ip_in_use=True, awards=(), years={2024: {"revenue": 100, "employees": 5}})
AFTER = firm(
    ip_class1=4, awards=({"level": "city"},), field_sei=False, years={2025: {"revenue": 0}, 2024: {"revenue": 100}}
)


def test_what_differs_is_told_by_path_firm_first_then_the_years_newest_first() -> None:
    assert changed(BEFORE, AFTER) == [
        Change("facts.awards", (), ({"level": "city"},)),
        Change("facts.ip_class1", 3, 4),
        Change("facts.ip_in_use", True, None),
        # Known to be false is not unknown, and known to be zero neither.
        Change("facts.field_sei", None, False),
        Change("years.2025.revenue", None, 0),
        Change("years.2024.employees", 5, None),
    ]


def test_the_same_statement_differs_in_nothing() -> None:
    assert changed(BEFORE, BEFORE) == []


def test_the_name_and_the_code_are_not_compared() -> None:
    assert changed(firm(1, name="甲"), firm(2, name="乙")) == []


def test_paths_are_those_of_any_statement_each_once() -> None:
    assert paths_of(BEFORE, AFTER) == [
        "facts.awards",
        "facts.ip_class1",
        "facts.ip_in_use",
        "facts.field_sei",
        "years.2025.revenue",
        "years.2024.revenue",
        "years.2024.employees",
    ]


def test_a_value_is_found_by_its_path_and_unknown_is_none() -> None:
    assert value_at(AFTER, "years.2025.revenue") == 0
    assert value_at(AFTER, "years.2019.revenue") is None
    assert value_at(AFTER, "facts.own_brand") is None
