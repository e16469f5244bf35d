"""What commands that read or serve content have in common: PATH and options laid over the settings."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from feedsvc.bootstrap import load_settings
from feedsvc.configuration import Loaded
from feedsvc.errors import SettingsError


def loaded(context: click.Context, path: Path | None = None, **overrides: Any) -> Loaded:
    """The settings with a content folder and `section__name=value` overrides of the command line over them.

    They are put into the environment as well, so that the processes we start see the same.
    """
    if path is not None and not path.is_dir():
        raise SettingsError(f"The content folder {path} does not exist.")
    nested: dict[str, Any] = {}
    if path is not None:
        nested["content"] = {"roots": [{"path": path.absolute()}]}
        os.environ["FEEDSVC_CONTENT__ROOTS"] = json.dumps([str(path.absolute())])
    for name, value in overrides.items():
        if value is None:
            continue
        section, _, field = name.partition("__")
        if field:
            nested.setdefault(section, {})[field] = value
        else:
            nested[section] = value
        os.environ[f"FEEDSVC_{name.upper()}"] = str(value)
    if context.obj is not None:
        os.environ["FEEDSVC_CONFIG"] = str(context.obj)
    return load_settings(nested, context.obj)
