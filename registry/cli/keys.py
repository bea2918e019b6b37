"""`registry keys …`: the keys of confidential fields are renewed, and what is sealed is sealed anew."""

from datetime import datetime

import click

from registry.config import load_settings
from registry.domain.trail import Doer


@click.group("keys")
def keys_group() -> None:
    """敏感字段密钥的更换 · Renew the keys that seal confidential fields."""


@keys_group.command("rotate")
def rotate() -> None:
    """换用新密钥，并把已存内容全部改封 · Seal everything kept under the newest key.

    With keys in a file beside an SQLite database a new key is made first; with REGISTRY_FIELD_KEYS put the new key in
    front of the old ones yourself, and restart running servers, before. Servers that run meanwhile know nothing of a
    key in a file: restart them afterwards. Old keys may be taken away once all have restarted and this has run again.
    """
    from registry.store.engine import open_ready, writing
    from registry.work.seal_anew import seal_anew
    from registry.work.seal_keys import add_key, field_keys

    settings = load_settings()
    engine = open_ready(settings.database_url)
    if settings.field_keys is None:
        keys = add_key(settings.database_url)
    else:
        keys = field_keys(settings.field_keys, settings.database_url)
    with writing(engine) as session:
        changed = seal_anew(session, keys, doer=Doer.program("keys rotate"), now=datetime.now(settings.zone))
    engine.dispose()
    click.echo(f"密钥 {keys.current_id}：改封 {changed:,} 项 (sealed anew)")
    if settings.field_keys is None:
        click.echo(
            "请立即重启正在运行的服务，它们还不认识新密钥 (restart running servers: they do not know it)", err=True
        )
