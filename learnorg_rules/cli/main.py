"""The entry: finds the command, and turns whatever goes wrong into a message and an exit code.

Commands are imported when they are called, so that `learnorg check` never waits for the engine.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from io import StringIO

import click

from .. import __version__
from ..errors import InputError
from ..extras import MissingExtraError, extra_for
from ..uncollected import uncollected
from .commands import COMMANDS
from .faults import print_issues
from .screen import BROKEN, FINE, echo, screen

__all__ = ["main"]

WRONG_USAGE = 2  # as click has it
INTERRUPTED, PIPE_CLOSED = 130, 141  # as shells report the signals

_OURS = (
    "\nThis is a fault of learnorg-rules {version}, not of your files.\n"
    "Report it with the lines above, the command, and the smallest ruleset that shows it."
)


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        try:
            with uncollected(), extra_for(cmd_name):  # collecting takes a twelfth of an import
                return COMMANDS[cmd_name]()
        except MissingExtraError as error:
            return _lacking(cmd_name, error)


def _lacking(name: str, missing: MissingExtraError) -> click.Command:
    """What stands for a command whose extra is not installed: it is listed, and says what to do."""

    def refuse() -> None:
        raise missing

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=refuse, help=f"Needs {missing.name}.", context_settings=anything)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        echo(f"learnorg {__version__}")
        ctx.exit(FINE)


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def learnorg() -> None:
    """Rules for assessment and incentive mechanisms: check, run, explain, compare, simulate and test them.

    Exit codes: 0 fine, 1 broken, 2 wrong usage, 3 nothing broken, but findings for a person to look at.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command of `arguments` (default: those of the process) and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese must not end the program
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = learnorg.main(args=arguments, prog_name="learnorg", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else FINE
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx is not None:
            error.ctx.color = True  # or click drops the escapes that it repeats
        shown = StringIO()
        error.show(shown)  # it repeats what was typed
        echo(shown.getvalue(), err=True, nl=False)
        return error.exit_code
    except MissingExtraError as error:
        echo(f"Error: {error}", err=True)
        return WRONG_USAGE
    except InputError as error:
        print_issues(error.issues, screen(stderr=True))
        return BROKEN
    except (click.Abort, KeyboardInterrupt):
        echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return _closed()
    except SystemExit as stop:  # click's own answer to a closed pipe
        if isinstance(stop.__context__, BrokenPipeError):
            return _closed()
        raise
    except Exception:
        echo(traceback.format_exc() + _OURS.format(version=__version__), err=True)
        return BROKEN


def _closed() -> int:
    """Whoever read our output went away: no more of it, and no complaint when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return PIPE_CLOSED
