"""A Jekyll site's own configuration as defaults for our settings."""

from __future__ import annotations

from pathlib import Path

from feedsvc.content.jekyll_config import read_authors, read_jekyll_config
from feedsvc.settings import Settings

FULL = """
title: 晨光与海
description: >
  Two
  lines
url: https://news.example.com/
baseurl: /daily/
lang: zh_CN
timezone: Asia/Shanghai
permalink: /:year/:title/
author: lin
excerpt_separator: ""
future: true
show_drafts: no
feed: {posts_limit: 30}
plugins: [jekyll-feed]
"""


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def test_everything_there_is(tmp_path: Path) -> None:
    write(tmp_path, "_config.yml", FULL)
    write(tmp_path, "_data/authors.yml", "lin: {name: 林小雨, email: lin@example.com}\nbo: Bo\n")
    values, problems = read_jekyll_config(tmp_path)
    assert problems == ()
    assert values == {
        "site": {
            "title": "晨光与海",
            "description": "Two lines",
            "url": "https://news.example.com",
            "baseurl": "/daily",
            "language": "zh-CN",
            "timezone": "Asia/Shanghai",
            "permalink": "/:year/:title/",
            "author": "林小雨",
            "author_email": "lin@example.com",
            "excerpt_separator": "",
        },
        "content": {"future": True, "show_drafts": False},
        "feeds": {"max_items": 30},
    }
    settings = Settings.model_validate(values)
    assert settings.site_base == "https://news.example.com/daily"
    assert read_authors(tmp_path) == {"lin": ("林小雨", "lin@example.com"), "bo": ("Bo", "")}


def test_nothing_there(tmp_path: Path) -> None:
    assert read_jekyll_config(tmp_path) == ({}, ())
    assert read_authors(tmp_path) == {}
    write(tmp_path, "_config.yml", "# all defaults\n")
    assert read_jekyll_config(tmp_path) == ({}, ())


def test_toml(tmp_path: Path) -> None:
    write(tmp_path, "_config.toml", 'title = "T"\nfuture = true\n[author]\nname = "N"\n[feed]\nposts_limit = 5\n')
    values, problems = read_jekyll_config(tmp_path)
    assert values == {"site": {"title": "T", "author": "N"}, "content": {"future": True}, "feeds": {"max_items": 5}}
    assert problems == ()


def test_a_mail_address_beside_the_author(tmp_path: Path) -> None:
    write(tmp_path, "_config.yaml", "author: {name: N}\nemail: n@example.com\n")
    assert read_jekyll_config(tmp_path)[0] == {"site": {"author": "N", "author_email": "n@example.com"}}
    write(tmp_path, "_config.yaml", "email: n@example.com\n")
    assert read_jekyll_config(tmp_path)[0] == {}


def test_what_makes_no_sense_is_told_and_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        "_config.yml",
        "title: T\nurl: javascript:x\nbaseurl: http://x/y\ntimezone: Mars/Base\nlang: not a language\nfuture: soon\n"
        "feed: {posts_limit: -5}\n",
    )
    values, problems = read_jekyll_config(tmp_path)
    assert values == {"site": {"title": "T"}}
    assert {(problem.field, problem.line) for problem in problems} == {
        ("url", 2),
        ("baseurl", 3),
        ("timezone", 4),
        ("language", 5),
        ("future", 6),
        ("max_items", 7),
    }
    assert {problem.key for problem in problems} == {f"{tmp_path.name}/_config.yml"}


def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path) -> None:
    for text in ("a: b: c\n", "- a\n", "[" * 1000, "title: '\x00\n"):
        write(tmp_path, "_config.yml", text)
        values, (problem,) = read_jekyll_config(tmp_path)
        assert values == {}
        assert problem.code == "config.unreadable"
    (tmp_path / "_config.yml").write_bytes(b"title: caf\xe9\n")
    assert [problem.line for problem in read_jekyll_config(tmp_path)[1]] == [1]
