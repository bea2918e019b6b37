"""The kinds of long work, each with its handler: what `registry worker` knows to do."""

from collections.abc import Mapping

from registry.config import Settings, files_folder
from registry.evidence.vault import Vault
from registry.policy import Options
from registry.work.job_imports import check_list, file_list
from registry.work.job_screening import write_call_up, write_list
from registry.work.run_jobs import Handler

KINDS = ("screen", "call_up", "check_list", "file_list")


def handlers(settings: Settings) -> Mapping[str, Handler]:
    """Return the handlers, by kind of job."""
    options = Options(settings.local_table, settings.higher_title_counts)
    folder = files_folder(settings)
    vault = Vault(folder) if folder else None
    return {
        "screen": lambda running: write_list(running, vault, options),
        "call_up": lambda running: write_call_up(running, vault, options),
        "check_list": lambda running: check_list(running, vault),
        "file_list": lambda running: file_list(running, vault),
    }
