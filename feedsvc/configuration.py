"""Where settings come from, and what to say when one is wrong."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource
from pydantic_settings import SettingsError as SourceError

from feedsvc.errors import SettingsError
from feedsvc.settings import PREFIX, Settings

# Read by feedsvc, but no settings: the file to read, the parent's pipe (cli/serve.py), the server tests may use.
OTHER_VARIABLES = frozenset({"FEEDSVC_CONFIG", "FEEDSVC_LIFELINE", "FEEDSVC_TEST_POSTGRES"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """settings, and for each dotted name that is not a default: where its value came from, in words."""

    settings: Settings
    origins: Mapping[str, str]


def load(
    *,
    command_line: Mapping[str, Any] | None = None,
    config_file: Path | None = None,
    site_defaults: Callable[[Path], Mapping[str, Any]] = lambda root: {},
) -> Loaded:
    """Put the sources together; SettingsError names the setting and its source.

    command_line: nested, as Settings. config_file: instead of FEEDSVC_CONFIG or ./feedsvc.toml.
    site_defaults: what the site in a root says of itself (content/jekyll_config.py), in the same nested form.
    """
    layers: list[tuple[str, Mapping[str, Any]]] = []
    if toml := _config_path(config_file):
        layers.append((str(toml), _read_toml(toml)))
    layers.append(("environment", _read_environment()))
    layers.append(("command line", command_line or {}))

    settings, _ = _validate(layers)
    for root in settings.content.roots:
        if defaults := site_defaults(root.path):
            layers.insert(0, (f"_config.yml in {root.path}", defaults))
            break
    return Loaded(*_validate(layers))


def variables() -> dict[str, str]:
    """Every environment variable that sets something -> the dotted name of its setting."""
    names = {}
    for name in field_names(Settings):
        names[PREFIX + name.replace(".", "__").upper()] = name
        section = name.partition(".")[0]
        names[PREFIX + section.upper()] = section
    return names


_LISTS = {  # settings that the environment gives as JSON
    "content.roots",
    "content.strip_tail",
    "site.hosts",
    "server.trusted_proxies",
    "publisher.category_schedules",
    "categories.titles",
    "share.legacy_paths",
}


def field_names(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Dotted names of all settings, in the order of the model."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from field_names(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name


def _validate(layers: list[tuple[str, Mapping[str, Any]]]) -> tuple[Settings, dict[str, str]]:
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for source, values in layers:
        _merge(merged, values, source, origins)
    try:
        return Settings(**merged), origins
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error, origins))) from None


def _merge(into: dict[str, Any], values: Mapping[str, Any], source: str, origins: dict[str, str], at: str = "") -> None:
    for name, value in values.items():
        dotted = f"{at}{name}"
        if isinstance(value, Mapping) and not at and isinstance(into.get(name, {}), dict):
            _merge(into.setdefault(name, {}), value, source, origins, f"{dotted}.")
        else:
            into[name] = value
            origins[dotted] = source


def _sentences(error: ValidationError, origins: Mapping[str, str]) -> Iterator[str]:
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"])
        origin = next((origins[name] for name in origins if where == name or where.startswith(f"{name}.")), "")
        if origin == "environment":
            origin = f"environment variable {PREFIX}{'__'.join(where.split('.')[:2]).upper()}"
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(where, list(field_names(Settings)), 1)
            yield f"{where}: there is no such setting ({origin})" + (f"; did you mean {near[0]}?" if near else ".")
        else:
            message = item["msg"].removeprefix("Value error, ")
            yield f"{where}: {message}; it is {item['input']!r} ({origin or 'default'})."


def _config_path(given: Path | None) -> Path | None:
    named = given or (Path(os.environ["FEEDSVC_CONFIG"]) if os.environ.get("FEEDSVC_CONFIG") else None)
    if named is None:
        here = Path("feedsvc.toml")
        return here if here.is_file() else None
    if not named.is_file():
        raise SettingsError(f"The settings file {named} does not exist.")
    return named


def _read_toml(path: Path) -> dict[str, Any]:
    """The file's values; folders in it are meant relative to it."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path}: {error}") from None
    base = path.absolute().parent
    if isinstance(values.get("data_dir"), str):
        values["data_dir"] = base / values["data_dir"]
    content = values.get("content")
    if isinstance(content, dict) and isinstance(content.get("roots"), list):
        content["roots"] = [_beside(base, root) for root in content["roots"]]
    return values


def _beside(base: Path, root: object) -> object:
    if isinstance(root, str):
        return {"path": base / root}
    if isinstance(root, dict) and isinstance(root.get("path"), str):
        return {**root, "path": base / root["path"]}
    return root


class _Environment(EnvSettingsSource):
    """The environment with `NAME_FILE` variables replaced by the content of the files they name."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        known = variables()
        found: dict[str, str | None] = {}
        for name, value in os.environ.items():
            if not name.startswith(PREFIX) or name in OTHER_VARIABLES:
                continue
            if name in known:
                found[name.lower()] = value
            elif name.endswith("_FILE") and name.removesuffix("_FILE") in known:
                found.setdefault(name.removesuffix("_FILE").lower(), _secret(name, value))
            else:
                near = difflib.get_close_matches(name, known, 1)
                hint = f" Did you mean {near[0]}?" if near else ""
                raise SettingsError(f"The environment variable {name} sets nothing that feedsvc knows.{hint}")
        return found


def _secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable} names {path}, which cannot be read: {error}") from None


def _read_environment() -> dict[str, Any]:
    try:
        return _Environment(Settings)()
    except SourceError as error:
        raise SettingsError(f"{_unreadable()} is not valid JSON: {error.__cause__ or error}.") from None


def _unreadable() -> str:
    """The variable that pydantic-settings could not decode; it names only the section."""
    lists = [variable for variable, name in variables().items() if name in _LISTS and variable in os.environ]
    for variable in lists:
        try:
            json.loads(os.environ[variable])
        except ValueError:
            return variable
    return "A list or table in the environment"
