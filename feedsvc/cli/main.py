"""feedsvc: the command. `feedsvc COMMAND --help` tells more of each."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

from feedsvc import __version__
from feedsvc.errors import FeedsvcError

COMMANDS = {  # command -> the module in cli/ that holds it
    "serve": "serve",
    "web": "serve",
    "publisher": "serve",
    "build": "build",
    "regenerate": "operate",
    "rescan": "operate",
    "guard": "guard",
    "status": "status",
    "problems": "status",
    "check": "check",
    "snippet": "snippet",
    "link": "link",
    "config": "config",
}


class Commands(click.Group):
    """Imports a command when it is wanted: `feedsvc status` need not load what renders feeds."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"feedsvc.cli.{COMMANDS[cmd_name]}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="feedsvc")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), help="Settings file, instead of feedsvc.toml."
)
@click.pass_context
def cli(context: click.Context, config_file: Path | None) -> None:
    """A folder of posts becomes feeds and share links that are always fresh."""
    context.obj = config_file


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
