"""The program `registry`: finds the command, runs it, and turns a refusal into exit status 2 without a traceback."""

import gc
import importlib
import sys

import click

from registry import __version__
from registry.domain.errors import RegistryError

# Command: where it lives. Imported when called, so that `registry assess` never waits for a database.
COMMANDS = {
    "assess": "registry.cli.assessing:assess",
    "rules": "registry.cli.rules:rules_group",
    "export": "registry.cli.exports:export_group",
    "import": "registry.cli.imports:import_group",
    "screen": "registry.cli.screening:screen",
    "counts": "registry.cli.counting:counts",
    "publications": "registry.cli.publications:publications_group",
    "targets": "registry.cli.targets:targets",
    "watch": "registry.cli.watching:watch",
    "holidays": "registry.cli.holidays:holidays_group",
    "books": "registry.cli.books:books_group",
    "audit": "registry.cli.audit:audit_group",
    "sample": "registry.cli.samples:sample_group",
    "trail": "registry.cli.trail:trail_group",
    "user": "registry.cli.user:user_group",
    "token": "registry.cli.tokens:token_group",
    "keys": "registry.cli.keys:keys_group",
    "upgrade": "registry.cli.database:upgrade",
    "settings": "registry.cli.database:settings",
    "backup": "registry.cli.backup:backup_group",
    "doctor": "registry.cli.doctor:doctor",
    "worker": "registry.cli.worker:worker",
    "restore": "registry.cli.backup:restore",
    "clock": "registry.cli.clock:clock_group",
    "serve": "registry.cli.serving:serve",
    "demo": "registry.cli.demo:demo",
}


class _LazyGroup(click.Group):
    """A group that imports a command only when it is wanted."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        # What is loaded stays until the end: to look through it for circles meanwhile only takes time.
        looked = gc.isenabled()
        gc.disable()
        try:
            command: click.Command = getattr(importlib.import_module(module), attribute)
        finally:
            if looked:
                gc.enable()
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="registry")
def program() -> None:
    """优质中小企业梯度培育库 · the enterprise tiered-cultivation registry."""


def main() -> None:
    """Run the program; a refused input ends it with 2 and one line a fault on standard error."""
    for stream in (sys.stdout, sys.stderr):
        # Chinese is printed whatever the locale of the machine says.
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        program(prog_name="registry")
    except RegistryError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read our output has enough; nothing more can be said to them.
        sys.stderr.close()
        sys.exit(1)
