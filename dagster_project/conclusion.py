"""How a run ends: published, or refused by the gate.

Belongs here: asking for the publication and noting it in the run's record.
Does not: the decision (`reports/gate.py`), the swap (`reports/publish.py`).
"""

from __future__ import annotations

import dagster as dg

from dagster_project.resources import NightlyRun
from reports.gate import GateRefused
from reports.publish import PublishedBuild, publish


def conclude(nightly: NightlyRun) -> PublishedBuild:
    """Publish this run's warehouse if its gate lets it.

    Raises:
        dagster.Failure: the gate refused; the verdicts are in the description, and trying again would not change them.
    """
    try:
        published = publish(nightly.paths.root, nightly.paths.warehouse, nightly.build_info(), nightly.settings.publish.keep_builds)
    except GateRefused as refused:
        raise dg.Failure(str(refused), allow_retries=False) from refused
    nightly.keep(published=published.manifest.build_id)
    return published
