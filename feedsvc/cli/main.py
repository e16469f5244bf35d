"""feedsvc: the command. `feedsvc COMMAND --help` tells more of each."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from feedsvc import __version__
from feedsvc.cli.build import build
from feedsvc.cli.check import check
from feedsvc.cli.config import config
from feedsvc.cli.operate import regenerate, rescan
from feedsvc.cli.serve import publisher, serve, web
from feedsvc.cli.status import problems, status
from feedsvc.errors import FeedsvcError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="feedsvc")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), help="Settings file, instead of feedsvc.toml."
)
@click.pass_context
def cli(context: click.Context, config_file: Path | None) -> None:
    """A folder of posts becomes feeds and share links that are always fresh."""
    context.obj = config_file


for command in (serve, web, publisher, build, regenerate, rescan, status, problems, check, config):
    cli.add_command(command)


def main() -> None:
    """Run a command; what goes wrong on purpose is a sentence on stderr, not a traceback."""
    try:
        code = cli.main(standalone_mode=False)  # the exit code of context.exit, or what the command returned
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except FeedsvcError as error:
        click.echo(f"feedsvc: {error.message}", err=True)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
