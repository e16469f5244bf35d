"""Where settings come from, and what to say when one is wrong."""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource
from pydantic_settings import SettingsError as SourceError

from feedsvc.errors import SettingsError
from feedsvc.settings import A_MOMENT, PREFIX, Settings

# Read by feedsvc, but no settings: the file to read, the parent's pipe (cli/serve.py), what tests may use.
OTHER_VARIABLES = frozenset(
    {"FEEDSVC_CONFIG", "FEEDSVC_LIFELINE", "FEEDSVC_TEST_POSTGRES", "FEEDSVC_CHROMIUM", "FEEDSVC_SCREENSHOTS"}
)


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


def _sections() -> dict[str, type[BaseModel]]:
    """The tables at the top."""
    return {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }


_LISTS = frozenset(  # settings that the environment gives as JSON
    f"{section}.{name}"
    for section, model in _sections().items()
    for name, field in model.model_fields.items()
    if get_origin(field.annotation) in (tuple, dict)
)


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


def without_password(url: str) -> str:
    """A database URL for the screen. A raw `@` in the password counts as part of it: the last one ends it."""
    if url.startswith("sqlite"):
        return url
    url = re.sub(r"(password=)[^&]*", r"\1***", url, flags=re.IGNORECASE)
    scheme, mark, rest = url.partition("://") if "@" not in url.partition("://")[0] else ("", "", url)
    account, at, place = rest.rpartition("@")
    user, colon, _ = account.partition(":")
    return f"{scheme}{mark}{user}{':***' if colon else ''}{at}{place}"


# pydantic's kinds of errors in our words; {…} are its parameters
_WORDS = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "path_type": "must be a path",
    "datetime_type": A_MOMENT,
    "datetime_parsing": A_MOMENT,
    "datetime_from_date_parsing": A_MOMENT,
    "datetime_object_invalid": A_MOMENT,
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le:g} or less",
    "value_error": "{error}",
}


def _sentences(error: ValidationError, origins: Mapping[str, str]) -> Iterator[str]:
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"])
        origin = _origin_of(where, origins)
        kind = item["type"]
        if kind == "extra_forbidden":
            near = difflib.get_close_matches(where, [*_places(where), *Settings.model_fields], 1)
            yield f"{where}: there is no such setting ({origin})" + (f"; did you mean {near[0]}?" if near else ".")
            continue
        message = _WORDS.get(kind, "cannot be used").format(**item.get("ctx", {}))
        if kind == "model_type" and where.startswith("content.roots."):
            message = "must be a path or a table with `path`"
        # What is set for the database can hold a password, in whatever place it was put by mistake.
        secret = where.partition(".")[0] == "database" or kind == "missing"
        told = kind == "value_error" and isinstance(item["input"], list | tuple | dict)  # "a table" says nothing more
        yield f"{where}: {message}" + ("" if secret or told else f"; it is {_shown(item['input'])}") + f" ({origin})."


def _origin_of(where: str, origins: Mapping[str, str]) -> str:
    """What set it, or, where several settings do not go together, what set the first of them."""
    whole = [name for name in origins if where == name or where.startswith(f"{name}.")]
    name = next(iter(whole or [name for name in origins if name.startswith(f"{where}.")]), "")
    origin = origins.get(name, "default")
    return f"environment variable {_variable_of(where if whole else name)}" if origin == "environment" else origin


def _places(where: str) -> Iterator[str]:
    """Dotted names of all settings; of those within a table, the ones that could stand at `where`."""
    for name in field_names(Settings):
        yield name
        if not where.startswith(f"{name}."):
            continue
        section, _, field = name.partition(".")
        key = where.removeprefix(f"{name}.").rpartition(".")[0]
        for inner in get_args(_sections()[section].model_fields[field].annotation):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from field_names(inner, f"{name}.{key}.")


def _shown(value: object) -> str:
    """A wrong value, in which somebody may have put the wrong thing."""
    if isinstance(value, str):
        return repr(without_password(value))
    if isinstance(value, list | tuple | dict):
        return f"{'a table' if isinstance(value, dict) else 'a list'}" if value else repr(value)
    return repr(str(value) if isinstance(value, Path) else value)


def _variable_of(where: str) -> str:
    """The variable that set what is found at this dotted name: its own, or one for the whole section."""
    section, *rest = where.split(".")
    own = "__".join([PREFIX + section, *rest[:1]]).upper()
    whole = PREFIX + section.upper()
    return whole if whole in os.environ and not {own, f"{own}_FILE"} & set(os.environ) else own


def _config_path(given: Path | None) -> Path | None:
    named = given or (Path(os.environ["FEEDSVC_CONFIG"]) if os.environ.get("FEEDSVC_CONFIG") else None)
    if named is None:
        here = Path("feedsvc.toml")
        return here if here.is_file() else None
    if not named.is_file():
        what = "is no file" if named.exists() else "does not exist"
        raise SettingsError(f"The settings file {named} {what}.")
    return named


def _read_toml(path: Path) -> dict[str, Any]:
    """The file's values; folders in it are meant relative to it."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}.") from None
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {in_words(error)}.") from None
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
        why = in_words(error) if isinstance(error, OSError) else "it is not in UTF-8"
        shown = "something" if "://" in path else path  # the secret itself, not the file with it
        raise SettingsError(f"{variable} names {shown}, which cannot be read: {why}.") from None


def in_words(error: OSError) -> str:
    """What the system says, without number and path."""
    why = error.strerror or type(error).__name__
    return why[:1].lower() + why[1:]


def _read_environment() -> dict[str, Any]:
    try:
        return _Environment(Settings)()
    except SourceError as error:
        raise SettingsError(f"{_unreadable()} is not valid JSON: {error.__cause__ or error}.") from None


def _unreadable() -> str:
    """The variable that pydantic-settings could not decode; it names only the section."""
    sections = {name.partition(".")[0] for name in field_names(Settings) if "." in name}
    for variable, name in variables().items():
        if variable in os.environ and (name in _LISTS or name in sections):
            try:
                json.loads(os.environ[variable])
            except ValueError:
                return variable
    return "A list or table in the environment"
