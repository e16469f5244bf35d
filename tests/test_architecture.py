"""The shape of the package, held by reading its imports (docs/architecture.md explains the reasons).

Every import counts: at the top, inside a function, under TYPE_CHECKING. The checker itself is tested on planted trees.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]

# Which parts of feedsvc a part may import, besides itself. Upstream along the data's path, or down to the ground.
GROUND = {"errors", "settings"}
STAGES = {"content", "articles", "feeds", "publishing", "sharing"}
BEHIND = STAGES | {"scheduling", "store"}
MAY_IMPORT: Mapping[str, set[str]] = {
    "__init__": set(),
    "errors": set(),
    "settings": {"errors"},
    "configuration": GROUND,
    "content": GROUND,
    "articles": GROUND | {"content"},
    "feeds": GROUND | {"content", "articles"},
    "publishing": GROUND | {"content", "articles", "feeds"},
    "sharing": GROUND | {"content", "articles"},
    "scheduling": GROUND,
    "store": GROUND | STAGES | {"scheduling"},
    "health": GROUND | {"content", "scheduling", "store"},
    "pipeline": GROUND | BEHIND | {"health"},
    "sqlstore": GROUND | BEHIND,
    "web": GROUND | BEHIND | {"health"},
    "bootstrap": GROUND | BEHIND | {"configuration", "health", "pipeline", "sqlstore"},
    "cli": GROUND | BEHIND | {"configuration", "health", "pipeline", "sqlstore", "bootstrap", "web"},
    "wsgi": {"cli"},
}

# The modules that hold the types of a stage: dataclasses and protocols, all that store/ may know of it.
TYPE_MODULES = {
    "feedsvc.content.draft",
    "feedsvc.articles.article",
    "feedsvc.articles.category",
    "feedsvc.articles.glance",
    "feedsvc.articles.words",
    "feedsvc.feeds.feed",
    "feedsvc.publishing.document",
    "feedsvc.publishing.hold",
    "feedsvc.sharing.click",
    "feedsvc.sharing.link",
    "feedsvc.scheduling.lease",
    "feedsvc.scheduling.run",
}

# One package, one folder. A package that is not listed may not be imported at all.
EVERYWHERE = set(MAY_IMPORT)
PACKAGES: Mapping[str, set[str]] = {
    "frontmatter": {"content", "articles"},
    "yaml": {"content", "articles"},
    "markdown_it": {"content", "articles"},
    "nh3": {"content", "articles"},
    "feedgen": {"feeds"},
    "lxml": {"feeds"},
    "apscheduler": {"scheduling"},
    "sqlalchemy": {"sqlstore"},
    "alembic": {"sqlstore"},
    "psycopg": {"sqlstore"},
    "sqlite3": {"sqlstore"},
    "flask": {"web"},
    "flask_babel": {"web"},
    "babel": {"web"},
    "jinja2": {"web"},
    "markupsafe": {"web"},
    "werkzeug": {"web"},
    "click": {"cli"},
    "rich": {"cli"},
    "gunicorn": {"cli"},
    "watchfiles": {"content"},
    "isal": {"publishing", "sqlstore"},
    "pypinyin": {"web"},
    "segno": {"web"},
    "pydantic": {"settings", "configuration"},
    "pydantic_settings": {"settings", "configuration"},
    "_typeshed": EVERYWHERE,  # the type checker's own, never there at run time
    "structlog": EVERYWHERE - {"content", "articles", "feeds", "publishing", "sharing"},
}

FORBIDDEN_WORDS = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "core"}

# Rendering knows no clock (contract F06): same articles, same bytes.
CLOCKLESS = {"articles", "feeds", "publishing"}
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}


class Import(NamedTuple):
    module: str  # the importing module, dotted
    line: int
    target: str  # what is imported, dotted; a module, or a name in one

    @property
    def where(self) -> str:
        return f"{self.module}:{self.line}"


def modules(root: Path) -> dict[str, Path]:
    """Dotted name -> file, for the package and wsgi.py beside it."""
    found = {}
    for path in sorted([*root.glob("feedsvc/**/*.py"), *root.glob("wsgi.py")]):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(module: str, path: Path) -> Iterator[Import]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(module, node.lineno, name.name)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                base = ".".join([*parents[: len(parents) - node.level + 1], *([base] if base else [])])
            for name in node.names:
                yield Import(module, node.lineno, f"{base}.{name.name}")


def all_imports(root: Path) -> list[Import]:
    return [found for module, path in modules(root).items() for found in imports(module, path)]


def part_of(dotted: str) -> str:
    """The part of the service a module belongs to: "feeds" for feedsvc.feeds.build, "wsgi" for wsgi."""
    first, _, rest = dotted.partition(".")
    return (rest.partition(".")[0] or "__init__") if first == "feedsvc" else first


def owner(dotted: str, known: Mapping[str, Path]) -> str:
    """The module that an imported name lives in: the longest known prefix."""
    while dotted and dotted not in known:
        dotted = dotted.rpartition(".")[0]
    return dotted


def wrong_direction(root: Path) -> list[str]:
    """Imports against the dependency rule; parts that the rule does not know are wrong as well."""
    known, wrong = modules(root), []
    for found in all_imports(root):
        source = part_of(found.module)
        if source not in MAY_IMPORT:
            wrong.append(f"{found.where}: {source} has no place in the dependency rule")
        elif found.target.partition(".")[0] in {"feedsvc", "wsgi"}:
            target = part_of(owner(found.target, known))
            if target not in {source, "__init__"} and target not in MAY_IMPORT[source]:
                wrong.append(f"{found.where}: {source} imports {target}")
    return wrong


def store_beyond_types(root: Path) -> list[str]:
    """store/, and everything that a type module needs, may import type modules only."""
    known = modules(root)
    store = {name for name in known if part_of(name) == "store"}
    return [
        f"{found.where}: {owner(found.target, known)} is no type module"
        for found in all_imports(root)
        if found.module in store | TYPE_MODULES
        and found.target.startswith("feedsvc.")
        and owner(found.target, known) not in {"feedsvc", "feedsvc.errors"} | store | TYPE_MODULES
    ]


def misplaced_packages(root: Path) -> list[str]:
    wrong = []
    for found in all_imports(root):
        package = found.target.partition(".")[0]
        if package in {"feedsvc", "wsgi"} or (package in sys.stdlib_module_names and package not in PACKAGES):
            continue
        if package not in PACKAGES:
            wrong.append(f"{found.where}: {package} is not in the list of packages")
        elif part_of(found.module) not in PACKAGES[package]:
            wrong.append(f"{found.where}: {package} belongs to {', '.join(sorted(PACKAGES[package]))}")
    return wrong


def forbidden_names(root: Path) -> list[str]:
    """Files and folders, ours and the tests', whose name says nothing about what is in them."""
    folders = [root / name for name in ("feedsvc", "tests", "benchmarks")]
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_dir() or path.suffix == ".py"]
    return sorted(
        str(path.relative_to(root))
        for path in paths
        if FORBIDDEN_WORDS & set(re.split(r"[^a-z]+", path.stem.lower())) and "__pycache__" not in path.parts
    )


def cycles(root: Path) -> list[str]:
    """Modules that, followed through their imports, lead back to themselves; each cycle once."""
    known = modules(root)
    graph: dict[str, set[str]] = {module: set() for module in known}
    for found in all_imports(root):
        target = owner(found.target, known)
        if target and target != found.module:
            graph[found.module].add(target)
    found_cycles: set[str] = set()
    done: set[str] = set()

    def walk(module: str, trail: list[str]) -> None:
        if module in trail:
            cycle = trail[trail.index(module) :]
            start = cycle.index(min(cycle))
            found_cycles.add(" -> ".join([*cycle[start:], *cycle[: start + 1]]))
        elif module not in done:
            for target in sorted(graph[module]):
                walk(target, [*trail, module])
            done.add(module)

    for module in sorted(graph):
        walk(module, [])
    return sorted(found_cycles)


def clocks(root: Path) -> list[str]:
    wrong = []
    for module, path in modules(root).items():
        if part_of(module) in CLOCKLESS:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Attribute) and ".".join(ast.unparse(node).split(".")[-2:]) in CLOCKS:
                    wrong.append(f"{module}:{node.lineno}: {ast.unparse(node)}")
    return wrong


RULES = (wrong_direction, store_beyond_types, misplaced_packages, forbidden_names, cycles, clocks)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_feedsvc_keeps_the_rule(rule: object) -> None:
    assert callable(rule)
    assert rule(ROOT) == []


def test_the_rule_knows_every_folder_and_no_other() -> None:
    """A name in the rule that is gone from the package would be a hole in it."""
    there = {part_of(module) for module in modules(ROOT)}
    assert there <= set(MAY_IMPORT)
    assert {*STAGES, "scheduling", "store", "pipeline", "sqlstore", "web", "cli"} <= there
    assert set(modules(ROOT)) >= TYPE_MODULES


def test_the_package_itself_is_light() -> None:
    """`import feedsvc` costs nothing: its __init__ imports nothing."""
    assert list(imports("feedsvc", ROOT / "feedsvc" / "__init__.py")) == []


def plant(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        if path.parent != root:
            (path.parent / "__init__.py").touch()
    return root


CLEAN = {
    "feedsvc/__init__.py": '__version__ = "1"\n',
    "feedsvc/errors.py": "class FeedsvcError(Exception): ...\n",
    "feedsvc/store.py": "from feedsvc.articles.article import Article\n",
    "feedsvc/content/draft.py": "import re\nfrom feedsvc.errors import FeedsvcError\n",
    "feedsvc/articles/article.py": "from feedsvc.content.draft import re\nfrom feedsvc import __version__\n",
    "feedsvc/feeds/build.py": "from ..articles import article\nfrom lxml import etree\n",
    "feedsvc/web/app.py": "import flask\nfrom feedsvc.store import Article\n",
    "feedsvc/pipeline/ingest.py": "from feedsvc.store import Article\n",
    "feedsvc/sqlstore/store.py": "import sqlalchemy\n",
    "feedsvc/cli/main.py": "import click\nimport feedsvc.web.app\n",
    "wsgi.py": "from feedsvc.cli.main import click\n",
}


def test_a_clean_tree_passes(tmp_path: Path) -> None:
    plant(tmp_path, CLEAN)
    assert [wrong for rule in RULES for wrong in rule(tmp_path)] == []


@pytest.mark.parametrize(
    ("rule", "name", "text", "message"),
    [
        (wrong_direction, "feedsvc/articles/make.py", "from feedsvc.feeds import build", "articles imports feeds"),
        (wrong_direction, "feedsvc/articles/make.py", "from ..feeds.build import etree", "articles imports feeds"),
        (wrong_direction, "feedsvc/articles/make.py", "from .. import feeds", "articles imports feeds"),
        (wrong_direction, "feedsvc/web/page.py", "import feedsvc.cli.main", "web imports cli"),
        (wrong_direction, "feedsvc/web/page.py", "def late():\n    from feedsvc.cli import main", "web imports cli"),
        (
            wrong_direction,
            "feedsvc/scheduling/jobs.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from feedsvc.store import Article",
            "scheduling imports store",
        ),
        (wrong_direction, "feedsvc/sharing/codes.py", "import feedsvc.feeds.build", "sharing imports feeds"),
        (wrong_direction, "feedsvc/errors.py", "import feedsvc.store", "errors imports store"),
        (wrong_direction, "feedsvc/web/page.py", "import wsgi", "web imports wsgi"),
        (wrong_direction, "feedsvc/web/page.py", "import feedsvc.pipeline.ingest", "web imports pipeline"),
        (wrong_direction, "feedsvc/pipeline/run.py", "import feedsvc.sqlstore.store", "pipeline imports sqlstore"),
        (wrong_direction, "feedsvc/extras/page.py", "import re", "extras has no place"),
        (store_beyond_types, "feedsvc/store.py", "from feedsvc.feeds.build import x", "feeds.build is no type module"),
        (
            store_beyond_types,
            "feedsvc/articles/article.py",
            "from feedsvc.articles import body",
            "feedsvc.articles is no type module",
        ),
        (misplaced_packages, "feedsvc/web/page.py", "import sqlalchemy.orm", "sqlalchemy belongs to sqlstore"),
        (misplaced_packages, "feedsvc/web/page.py", "from feedgen.feed import FeedGenerator", "feedgen belongs to"),
        (misplaced_packages, "feedsvc/pipeline/run.py", "import sqlite3", "sqlite3 belongs to sqlstore"),
        (misplaced_packages, "wsgi.py", "import flask", "flask belongs to web"),
        (misplaced_packages, "feedsvc/content/get.py", "import requests", "requests is not in the list"),
        (forbidden_names, "feedsvc/feeds/utils.py", "", "feedsvc/feeds/utils.py"),
        (forbidden_names, "feedsvc/feeds/lease_manager.py", "", "lease_manager"),
        (forbidden_names, "feedsvc/common/date.py", "", "feedsvc/common"),
        (forbidden_names, "tests/test_helpers.py", "", "tests/test_helpers.py"),
        (cycles, "feedsvc/content/draft.py", "import feedsvc.store", "articles.article -> feedsvc.content.draft"),
        (
            cycles,
            "feedsvc/errors.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from feedsvc.content.draft import re",
            "feedsvc.content.draft -> feedsvc.errors -> feedsvc.content.draft",
        ),
        (clocks, "feedsvc/feeds/now.py", "import datetime\nx = datetime.datetime.now()", "datetime.datetime.now"),
        (clocks, "feedsvc/feeds/now.py", "import time\nx = time.time()", "time.time"),
    ],
)
def test_planted_violations_are_caught(tmp_path: Path, rule: object, name: str, text: str, message: str) -> None:
    plant(tmp_path, CLEAN | {name: text})
    assert callable(rule)
    assert any(message in wrong for wrong in rule(tmp_path)), rule(tmp_path)
