"""Lays a procedure out as the API tells it. Decides nothing."""

from typing import Any

from registry.domain.procedure import Procedure, Stage


def procedure_told(one: Procedure) -> dict[str, Any]:
    """Return a procedure as plain data."""
    return {
        "id": one.id,
        "tier": one.tier,
        "version": one.version,
        "document": one.document,
        "title": one.title[0],
        "title_en": one.title[1],
        "in_force_from": one.in_force_from,
        "in_force_until": one.in_force_until,
        "correction_limit": one.correction_limit,
        "ban_years": one.ban_years,
        "filings": [
            {"kind": filing.kind, "opens": filing.opens, "days_before_expiry": filing.days_before_expiry}
            for filing in one.filings
        ],
        "stages": [_stage(stage) for stage in one.stages],
        "digest": one.digest,
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "key": stage.key,
        "label": stage.words[0],
        "label_en": stage.words[1],
        "kind": stage.kind,
        "level": stage.level,
        "roles": list(stage.roles),
        "limit": stage.limit,
        "publicity_days": stage.publicity.days if stage.publicity else None,
        "publicity_unit": stage.publicity.unit if stage.publicity else None,
        "sample_percent": stage.sample.share_percent if stage.sample else None,
        "source": stage.source,
        "outcomes": [
            {"key": way.key, "label": way.words[0], "label_en": way.words[1], "to": str(way.to)}
            for way in stage.outcomes
        ],
    }
