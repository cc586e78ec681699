"""The commands, in the order in which help lists them. Each is imported when it is called: `check` needs no engine."""

from collections.abc import Callable

import click

__all__ = ["COMMANDS"]

COMMANDS: dict[str, Callable[[], click.Command]] = {}
"""By name, what imports the command."""


def _listed(load: Callable[[], click.Command]) -> Callable[[], click.Command]:
    COMMANDS[load.__name__.strip("_")] = load
    return load


@_listed
def _check() -> click.Command:
    from .check_command import command

    return command


@_listed
def _run() -> click.Command:
    from .run_command import command

    return command


@_listed
def _explain() -> click.Command:
    from .explain_command import command

    return command


@_listed
def _missing() -> click.Command:
    from .missing_command import command

    return command


@_listed
def _diff() -> click.Command:
    from .diff_command import command

    return command


@_listed
def _sweep() -> click.Command:
    from .sweep_command import command

    return command


@_listed
def _watch() -> click.Command:
    from .watch_command import command

    return command


@_listed
def _publish() -> click.Command:
    from .publish_command import command

    return command


@_listed
def _published() -> click.Command:
    from .published_command import command

    return command


@_listed
def _simulate() -> click.Command:
    from .simulate_command import command

    return command


@_listed
def _fit() -> click.Command:
    from .fit_command import command

    return command


@_listed
def _test() -> click.Command:
    from .test_command import command

    return command


@_listed
def _trace() -> click.Command:
    from .trace_command import command

    return command
