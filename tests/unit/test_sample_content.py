"""The sample content shows every special case that the product is good at; read plainly, by eye and line."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

CONTENT = Path(__file__).parents[2] / "content"
POSTS = sorted(CONTENT.rglob("_posts/*.md"))
LAST_DAY = "2026-11-22"


def head(path: Path) -> str:
    """The front matter's text; the encoding is guessed the way an editor would."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    return text.split("---\n")[1]


def parsed(path: Path) -> dict[str, object] | None:
    try:
        value = yaml.load(head(path), yaml.BaseLoader)
    except yaml.YAMLError:
        return None
    return value if isinstance(value, dict) else None


def with_line(pattern: str) -> list[Path]:
    return [path for path in POSTS if re.search(pattern, head(path), re.MULTILINE)]


def categories() -> set[str]:
    found: set[str] = set()
    for path in POSTS:
        front = parsed(path) or {}
        for key in ("category", "categories"):
            value = front.get(key)
            if isinstance(value, list):
                found.update(value)
            elif isinstance(value, str):
                found.update([value] if key == "category" else value.split())
    return found


def test_there_are_enough_posts_in_two_languages() -> None:
    assert len(POSTS) >= 64
    english = with_line(r"^lang: en$")
    assert len(english) >= 12
    assert len(POSTS) - len(english) >= 40


def test_categories_of_every_kind() -> None:
    names = categories()
    assert len(names) >= 8
    assert {"TechDaily", "Techdaily"} <= names, "two that differ only in case"
    assert {"21chuangyebao yunduanAPP", "Field Notes"} <= names, "a list item and a `category:` with a blank"
    assert "anhaizhengquan(xianggang)" in names
    assert "harbour-herald" in names
    assert len(with_line(r"^tags: 澜川晚报新闻$")) >= 8, "a display name through the tag"


def test_most_dates_lie_in_the_weeks_before_the_last_day() -> None:
    days = sorted(path.name[:10] for path in POSTS if path.name[0] == "2")
    assert days[-1] == "2099-01-01"
    assert days[-2] == LAST_DAY
    assert sum("2026-11" <= day <= LAST_DAY for day in days) >= 60


def test_one_post_waits_for_2099() -> None:
    assert len(with_line(r"^date: 2099-")) == 1


def test_drafts_and_one_unpublished_post() -> None:
    assert [path.name for path in CONTENT.rglob("_drafts/*.md")] == ["the-2027-calendar.md"]
    assert len(with_line(r"^draft: true$")) == 1
    assert len(with_line(r"^published: false$")) == 1


def test_broken_front_matter_repairable_and_not() -> None:
    broken = [path for path in POSTS if parsed(path) is None]
    repairable = [path for path in broken if re.search(r"^title: .+", head(path), re.MULTILINE)]
    assert len(repairable) == 2
    assert any(re.search(r'^title: ".*".*".*"$', head(path), re.MULTILINE) for path in repairable), "inner quotes"
    (lost,) = set(broken) - set(repairable)
    assert ":" not in head(lost).replace("10:10:10", ""), "nothing in it can be told from anything else"


def test_dates_that_are_empty_or_without_zone() -> None:
    assert len(with_line(r"^date: *$")) == 1
    assert len(with_line(r"^date: +\+0800$")) == 1, "the malformed post of the real site: only a zone is left"
    assert len(with_line(r"^date: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")) >= 2


def test_one_name_without_a_date_and_one_empty_title() -> None:
    assert len([path for path in POSTS if path.name.startswith("-2026")]) == 1
    assert len(with_line(r'^title: ""$')) == 2


def test_one_file_is_gb18030() -> None:
    odd = []
    for path in POSTS:
        try:
            path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            odd.append(path)
    (only,) = odd
    assert "𠮷" in only.read_bytes().decode("gb18030")


def test_two_translations_share_a_file_name() -> None:
    (name,) = {path.name for path in (CONTENT / "en" / "_posts").iterdir()}
    assert (CONTENT / "zh" / "_posts" / name).is_file()


def test_bodies_carry_what_crawled_bodies_carry() -> None:
    bodies = [path.read_text("utf-8", errors="replace") for path in POSTS]
    for sign, least in (
        ("<p>　　", 40),
        ('<p class="em_media">（文章来源：', 40),
        ("<http://news.example.com/html_News/NewsShare.html?infoCode=NW", 45),
        ("｜[返回首页](//news.example.com/)", 45),
        ("display:none", 1),
        ("21chuangyebao yunduanAPP.html)", 5),
        ("```", 2),
        ("\n| ", 3),
    ):
        assert sum(sign in body for body in bodies) >= least, sign


def test_every_picture_exists_and_is_a_png() -> None:
    used = {
        name for path in POSTS for name in re.findall(r"/assets/([\w.-]+\.png)", path.read_bytes().decode("latin-1"))
    }
    assert len(used) >= 5
    for name in used:
        assert (CONTENT / "assets" / name).read_bytes().startswith(b"\x89PNG\r\n\x1a\n"), name


def test_share_lines_lead_to_the_post_itself() -> None:
    for path in POSTS:
        for code in re.findall(rb"<http://[^>]*infoCode=([^>]+)>", path.read_bytes()):
            assert code.decode() in path.name


def test_this_server_is_the_canonical_site() -> None:
    config = yaml.safe_load((CONTENT / "_config.yml").read_text("utf-8"))
    assert "url" not in config
    assert (config["lang"], config["timezone"]) == ("zh-CN", "Asia/Shanghai")


def test_only_reserved_hosts_are_named() -> None:
    """Nothing in the samples points at a real site."""
    for path in POSTS:
        for host in re.findall(rb"(?:https?:)?//([\w.-]+\.\w+)/", path.read_bytes()):
            assert host.decode().endswith(".example.com"), (path, host)
