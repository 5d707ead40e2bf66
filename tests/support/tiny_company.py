"""The smallest company that fills every published table: two projects, three people, a month of work.

Belongs here: its files, and deliveries that break or correct it.
Does not: running anything.
"""

from __future__ import annotations

import os
from pathlib import Path

AS_OF = "2026-03-31"
SOURCE = "registers"
CONFIG = f"""\
home = "home"
reporting_currency = "EUR"
time_zone = "Europe/Berlin"

[[sources]]
type = "files"
name = "{SOURCE}"
path = "delivered"
"""

FILES = {
    "portfolios.csv": """\
portfolio_id,name
PF1,Operations
""",
    "projects.csv": """\
project_id,name,portfolio_id,manager_id,status,phase,priority,currency,planned_start,planned_finish,actual_start
P1,Billing,PF1,M1,active,execution,1,EUR,2026-03-02,2026-04-30,2026-03-02
P2,Archive,PF1,M1,active,execution,2,USD,2026-03-02,2026-04-30,2026-03-02
""",
    "people.csv": """\
person_id,name,team_id,role,is_project_manager
M1,Mara,T1,manager,true
E1,Egon,T1,engineer,false
E2,Edda,T1,engineer,false
""",
    "teams.csv": """\
team_id,name
T1,Delivery
""",
    "identities.csv": f"""\
source,source_user_id,person_id
{SOURCE},egon,E1
{SOURCE},edda,E2
""",
    "rates.csv": """\
role,valid_from,currency,cost_rate
engineer,2026-01-01,EUR,80
manager,2026-01-01,EUR,100
""",
    "fx_rates.csv": """\
date,from_currency,to_currency,rate
2026-01-01,USD,EUR,0.9
""",
    "baselines.csv": """\
project_id,baseline_version,approved_at
P1,0,2026-02-20
P2,0,2026-02-20
""",
    "baseline_tasks.csv": """\
project_id,baseline_version,task_id,name,start,finish,budget
P1,0,A,Design,2026-03-02,2026-03-13,8000
P1,0,B,Build,2026-03-16,2026-04-30,20000
P2,0,A,Move,2026-03-02,2026-04-30,12000
""",
    "task_progress.csv": """\
project_id,task_id,status_date,percent_complete,actual_start,actual_finish
P1,A,2026-03-31,100,2026-03-02,2026-03-16
P1,B,2026-03-31,30,2026-03-17,
P2,A,2026-03-31,50,2026-03-02,
""",
    "work_items.csv": """\
item_id,project_id,key,type,title,status,assignee,created_at,updated_at
1,P1,BILL-1,Story,Invoice,Done,egon,2026-03-02T08:00:00Z,2026-03-20T15:00:00Z
2,P1,BILL-2,Bug,Rounding,In Progress,edda,2026-03-10T08:00:00Z,2026-03-24T09:00:00Z
3,P2,ARCH-1,Task,Copy,To Do,,2026-03-12T08:00:00Z,2026-03-12T08:00:00Z
""",
    "item_events.csv": """\
event_id,item_id,field,from_value,to_value,occurred_at,author
1,1,status,To Do,In Progress,2026-03-03T09:00:00Z,egon
2,1,status,In Progress,Done,2026-03-20T15:00:00Z,egon
3,2,status,To Do,In Progress,2026-03-24T09:00:00Z,edda
""",
    "timesheet_entries.csv": """\
entry_id,person,project_id,work_date,hours,activity
1,egon,P1,2026-03-03,8,development
2,egon,P1,2026-03-04,8,development
3,edda,P2,2026-03-05,6,development
4,edda,P1,2026-03-24,7.5,development
""",
    "cost_transactions.csv": """\
transaction_id,project_id,posting_date,amount,currency,category,kind
1,P1,2026-03-15,1500,EUR,services,actual
2,P2,2026-03-20,2500,USD,material,actual
3,P2,2026-03-25,-200,USD,material,actual
""",
    "budgets.csv": """\
project_id,budget_version,category,period,amount,currency
P1,1,services,2026-03,3000,EUR
P2,1,material,total,9000,USD
""",
    "milestones.csv": """\
project_id,milestone_id,name,baseline_date,forecast_date,actual_date
P1,M1,Design done,2026-03-13,,2026-03-16
P2,M1,Moved,2026-04-30,2026-05-08,
""",
    "risks.csv": """\
risk_id,project_id,kind,title,probability,impact_cost,currency,status,opened_at
R1,P1,threat,Vendor late,0.3,5000,EUR,open,2026-03-05
""",
    "status_reports.csv": """\
project_id,period_end,due_at,submitted_at,overall_rag
P1,2026-03-31,2026-04-02,2026-03-31,green
P2,2026-03-31,2026-04-02,2026-03-31,amber
""",
    "status_map.csv": f"""\
source,status,category
{SOURCE},To Do,backlog
{SOURCE},In Progress,active
{SOURCE},Done,done
""",
}

CORRECTION = {
    "timesheet_entries.csv": FILES["timesheet_entries.csv"].replace("4,edda,P1,2026-03-24,7.5", "4,edda,P1,2026-03-24,6.5")
    + "5,egon,P1,2026-03-30,4,development\n"
}
"""A new version of a file: one row corrected, one added."""

UNMAPPED_STATUS = {
    "work_items_late.csv": """\
item_id,project_id,key,type,title,status,created_at,updated_at
4,P2,ARCH-2,Task,Verify,Parked,2026-03-26T08:00:00Z,2026-03-26T08:00:00Z
"""
}
MISSING_COLUMN = {"risks.csv": FILES["risks.csv"].replace("title", "heading")}
UNKNOWN_COLUMN = {
    "portfolios.csv": """\
portfolio_id,name,colour
PF1,Operations,blue
"""
}


def deliver(folder: Path, files: dict[str, str], modified_at: int) -> None:
    """Write files into a folder, all of one time of writing, so that two homes can be given the very same delivery."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        os.utime(folder / name, (modified_at, modified_at))
