"""Expectations of `stage_gate_compliance`: every gate of core, and a verdict that agrees with its decision."""

from __future__ import annotations

from expectations.vocabulary import Between, NoRows, NotEmptied, OneOf, RowCount, Suite
from reports.verdicts import Severity

SUITE = Suite(
    "stage_gate_compliance",
    (
        NotEmptied(),
        RowCount(),
        OneOf("decision", ("approved", "approved_with_conditions", "rejected", "waived")),
        Between("cycle_days", minimum=0),
        NoRows(
            "bypassed_agrees_with_passed",
            """
            select project_id, gate, decision, passed_before_next_phase, bypassed
            from {batch}
            where bypassed is distinct from coalesce(not passed_before_next_phase, false)
                or (passed_before_next_phase and coalesce(decision not in ('approved', 'approved_with_conditions', 'waived'), true))
            """,
            "a gate counted as passed that was not, or bypassed although it was passed in time",
        ),
        NoRows(
            "decided_only_with_a_decision",
            "select project_id, gate, decided_at from {batch} where decided_at is not null and decision is null",
            "a gate was decided, and the register does not say how",
            severity=Severity.WARN,
            advice="Give the gate its decision in the register; until then it counts as not passed.",
        ),
        NoRows(
            "rows_reconcile_with_core",
            """
            select project_id, gate, c.sequence is null as is_missing_in_core, p.bypassed is null as is_missing_here
            from (select * from core.stage_gates semi join core.projects using (project_id)) as c
            full join {batch} as p using (project_id, gate)
            where c.sequence is null or p.bypassed is null
            """,
            "a gate of core is not published, or one is published that core does not have",
        ),
    ),
)
