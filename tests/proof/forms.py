"""Every form against Hypothesis: what nobody meant is sent to each, and every page is asked what it was not made for.

Each form is looked up on its page, and filled in as its example does but for what is drawn by lot. After each deed the
books and the trail are proved before the city is put back as it was.
"""

import logging
import math
from collections import Counter
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import structlog
from form_attack import Attacked, attack
from form_pages import FOR_PROGRAMS, UNSEEN, all_targets
from form_questions import ask_pages
from matrix_build import build
from test_matrix import routes

WANTED = 10_000


def prove(folder: Path, small: bool) -> str:
    """Run it at the size of the goal: 10,000 posts, spread over every form that anybody is shown."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    city = build(folder, is_planted=False)
    targets = all_targets(city, everybody=not small)
    endpoints = {one.endpoint for one in targets}
    posted = {rule.endpoint for rule, method, _asked in routes(city) if method == "POST"}
    assert posted - endpoints == FOR_PROGRAMS.keys(), f"left out: {sorted(posted - endpoints - FOR_PROGRAMS.keys())}"
    forms, found = Counter(one.endpoint for one in targets), Attacked()
    each = 1 if small else math.ceil(WANTED / len(endpoints))
    # What Hypothesis prints of a failure is told below, as small as it was made.
    with redirect_stdout(StringIO()):
        for number, target in enumerate(targets):
            attack(city, target, examples=max(2, math.ceil(each / forms[target.endpoint])), number=number, found=found)
    asked = ask_pages(city, examples=1 if small else 25, found=found)
    for endpoint in sorted(endpoints):
        told = f"{found.posts[endpoint]} posts, {found.changed[endpoint]} kept something"
        print(f"  {endpoint}: {forms[endpoint]} forms, {told}")
    for endpoint, why in (UNSEEN | FOR_PROGRAMS).items():
        print(f"  not on a page: {endpoint}: {why}")
    assert not found.failures, "\n".join(found.failures[:20])
    assert not endpoints - found.posts.keys()
    assert small or found.posts.total() >= WANTED, found.told()
    return f"{found.told()}; {asked}"
