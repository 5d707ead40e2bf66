"""The `pmo` command: its subcommands, and how an error becomes a sentence and an exit status.

Belongs here: the list of commands.
Does not: what they do, nor any import that takes longer than showing the help.
"""

from __future__ import annotations

import sys
import traceback

import typer

from dagster_project.cli import backfill, builds, demo, dev, events, explain, forget, init, quarantine, run, sample, sources, status
from dagster_project.cli.errors import Status, status_of
from dagster_project.cli.options import wants_tracebacks
from dagster_project.cli.output import be_patient

app = typer.Typer(
    name="pmo",
    help="Tracker, timesheet and finance data in; gated and explainable portfolio numbers out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing the help with rich takes half a second
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("demo", short_help="The sample company, run and shown.")(demo.demo)
app.command("init", short_help="A configuration and empty templates.")(init.init)
app.command("run", short_help="The nightly job, here and now.")(run.run)
app.command("backfill", short_help="Read some days of a source again.")(backfill.backfill)
app.command("status", short_help="What is published, and what failed.")(status.status)
app.command("builds", short_help="The builds that are kept.")(builds.builds)
app.command("rollback", short_help="Let readers see an older build.")(builds.rollback)
app.command("rebuild", short_help="Make a build again and compare.")(builds.rebuild)
app.command("quarantine", short_help="The rejected rows.")(quarantine.quarantine)
app.command("explain", short_help="A number, and the rows behind it.")(explain.explain)
app.add_typer(sources.app, name="sources", short_help="What is configured, and whether it answers.")
app.add_typer(events.app, name="events", short_help="The webhook receiver.")
app.command("forget", short_help="Take a person out of everything.")(forget.forget)
app.command("sample", short_help="A synthetic company as files.")(sample.sample)
app.command("dev", short_help="Dagster's UI, schedule and sensors.")(dev.dev)


def main() -> None:
    """Run the command line and leave with its exit status."""
    be_patient()
    sys.exit(execute(sys.argv[1:]))


def execute(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    try:
        result = app(arguments, standalone_mode=False)
    except typer.Exit as leave:
        return leave.exit_code
    except typer.Abort:
        print("Stopped.", file=sys.stderr)
        return Status.OTHER
    except KeyboardInterrupt:
        print("Stopped. The published build is unchanged; the next run needs no repair.", file=sys.stderr)
        return Status.OTHER
    except Exception as error:
        return _explain(error)
    return int(result) if isinstance(result, int) else Status.DONE


def _explain(error: Exception) -> int:
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        context = getattr(error, "ctx", None)
        if context is not None:
            print(context.get_usage(), file=sys.stderr)
        print(f"Error: {error.format_message()}", file=sys.stderr)
        return Status.CONFIGURATION
    status, is_ours = status_of(error)
    if wants_tracebacks():
        traceback.print_exception(error)
    elif is_ours:
        if str(error):
            print(error, file=sys.stderr)
    else:
        print(f"Unexpected: {type(error).__name__}: {error}\nShow where: the same command with --debug", file=sys.stderr)
    return status
