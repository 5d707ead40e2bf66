"""Expectations of `strategic_alignment`: shares and scores in range, and no more budget than the portfolio has."""

from __future__ import annotations

from expectations.vocabulary import Between, Filled, NoRows, NotEmptied, RowCount, Suite

SUITE = Suite(
    "strategic_alignment",
    (
        NotEmptied(),
        RowCount(),
        Filled("currency"),
        Between("budget_share_pct", minimum=0, maximum=100),
        Between("alignment_score", minimum=0, maximum=1),
        NoRows(
            "score_needs_budget",
            "select portfolio_id, objective_id, budget_share_pct, alignment_score from {batch}"
            " where alignment_score > budget_share_pct / 100 + 0.000001",
            "an objective is served better than all the budget linked to it could",
        ),
        NoRows(
            "budget_agrees_with_portfolio_overview",
            """
            select portfolio_id, objective_id, budget_linked, budget_share_pct, overview.bac
            from {batch} as served
            inner join reports.portfolio_overview as overview using (portfolio_id, as_of_date)
            where budget_linked > coalesce(overview.bac, 0)
                or abs(budget_share_pct * overview.bac / 100 - budget_linked) > 0.01
            """,
            "the share is of another budget than the one that portfolio_overview shows",
        ),
    ),
)
