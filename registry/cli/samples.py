"""`registry sample verify ID`: draws a sample again from what is on record, and says whether it comes out the same."""

import sys

import click

from registry.config import load_settings
from registry.domain.errors import NotFound


@click.group("sample")
def sample_group() -> None:
    """随机抽样 · Samples drawn by lot."""


@sample_group.command("verify")
@click.argument("number", type=click.IntRange(1, 2**31))
def verify(number: int) -> None:
    """按记录的名单和种子重新抽取，并与记录比较 · Draw again from the list and the seed on record, and compare.

    NUMBER is that of the draw, as its page has it. Changes nothing. Exit status: 0 the same, 1 not the same, 2 there is
    no such draw.
    """
    from sqlalchemy.orm import Session

    from registry.store.engine import open_ready, refusing
    from registry.store.examination_lists import draw_by_number, members_of
    from registry.work.draw_sample import drawn_again

    engine = open_ready(load_settings().database_url)
    with refusing(engine), Session(engine) as session:
        row = draw_by_number(session, number)
        if row is None:
            raise NotFound(f"没有第 {number} 次抽样 (there is no such draw)")
        again = drawn_again(row, members_of(session, number))
        seed, digest = row.seed, row.digest
    engine.dispose()
    click.echo(f"种子 seed {seed}\n名单摘要 digest {digest}")
    click.echo(f"重新抽取 drawn again {len(again.drawn)}：{' '.join(again.drawn)}")
    if again.is_same_list and again.is_same_draw:
        click.echo("一致 (the same)")
        return
    if not again.is_same_list:
        click.echo("名单与记录的摘要不符 (the list does not have the digest on record)", err=True)
    if not again.is_same_draw:
        click.echo("抽中的与记录不同 (others are drawn than those on record)", err=True)
    sys.exit(1)
