"""`pmo forget`: a person is taken out of everything below the home.

Belongs here: its options and what it prints.
Does not: the steps (`dagster_project/forgetting.py`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from dagster_project.cli.errors import CommandFailed, Status
from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, settings_of


def forget(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The person_id, or a name or e-mail address that one person has.")],
    text: Annotated[
        list[str] | None, typer.Option("--text", metavar="TEXT", help="What else names the person, as an earlier name; may be repeated.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    debug: DebugOption = False,
) -> None:
    """Put a pseudonym in the place of a person in landing, build and publish anew, and remove the builds that hold the person.

    Hours and costs stay, under the pseudonym. There is no way back. What is cut short goes on with the same command.
    """
    settings = settings_of(config, home)
    if not yes:
        typer.confirm(f"Forget {person} in {settings.home}? Landing is rewritten, and there is no way back.", abort=True)
    from dagster_project.cli.run import run_and_report
    from dagster_project.forgetting import begin, finish, read_nothing, status_date
    from dagster_project.launch import Order

    found, rewritten = begin(settings, person, text or (), lambda name: None)
    print(f"Landing: {rewritten.loads} loads and {rewritten.deliveries} kept deliveries rewritten, {rewritten.removed} removed.")
    as_of = status_date(settings)
    if as_of is not None:
        run_and_report(settings, Order(as_of=as_of, sources=read_nothing()), "pmo forget")
    done = finish(settings, found, rewritten)
    print(f"Published builds removed because they held the person: {len(done.removed_builds)}.")
    if done.left:
        listed = "\n".join(f"  {name}" for name in done.left)
        what = f"The person still stands in this of the home:\n{listed}"
        raise CommandFailed(Status.OTHER, f"{what}\nRemove it, and run the same command again.")
    print(f"The person is {done.pseudonym} now. What a source still tells of them comes back with it: forget them there first.")
