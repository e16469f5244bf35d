"""Contract S01, S11, S16 and ID01: names of articles, from front matter to the index, on both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedsvc.articles.article import Article, Headline, Status
from feedsvc.content.draft import Problem, Severity
from feedsvc.pipeline import ingest
from feedsvc.pipeline.check import check
from feedsvc.pipeline.naming import put_names
from feedsvc.sharing import codes
from feedsvc.sharing.claims import Claim, best_first, losers
from feedsvc.sharing.codes import share_code
from feedsvc.sharing.link import LinkKind, ShareLink
from feedsvc.store import Store
from tests.contract.store_samples import HOUR, an_article
from tests.unit.pipeline_rig import Rig, post

A, B = "tag:news.example.com,2026:a", "tag:news.example.com,2026:b"


@pytest.fixture
def rig(tmp_path: Path, url: str) -> Iterator[Rig]:
    rig = Rig(tmp_path, {"database": {"url": url}})
    yield rig
    rig.store.close()


def leads(rig: Rig, name: str) -> Headline | None:
    with rig.store.reading() as reader:
        found = reader.link(name)
        return found[1] if found else reader.headline_by_identity(name)


def title(rig: Rig, name: str) -> str:
    """The title of the article behind a name, "" without one; in brackets when it is withdrawn."""
    found = leads(rig, name)
    if found is None:
        return ""
    return found.title if found.status is Status.PUBLISHED else f"({found.title})"


def shown(rig: Rig, article_id: str) -> str:
    with rig.store.reading() as reader:
        return reader.code_of([article_id]).get(article_id, "")


def taken(rig: Rig) -> list[Problem]:
    with rig.store.reading() as reader:
        return [problem for problem in reader.problems() if problem.code == "share.taken"]


def test_s16_everything_that_front_matter_says_leads_to_the_article(rig: Rig) -> None:
    """Contract S01, S16."""
    names = "share_code: spring\nshare_aliases: [头条, NW1]\nredirect_from: /old page/\n"
    rig.write("_posts/2026-11-01-a.md", post("A", more=names))
    rig.rescan()
    for name in ("spring", "头条", "NW1", "/old%20page/", "/old%20page", "/old%20page/index.html", share_code(A), "a"):
        assert title(rig, name) == "A", name
    assert title(rig, "Spring") == "", "compared exactly"
    assert shown(rig, A) == "spring"


def test_s16_a_code_that_is_edited_goes_on_working(rig: Rig) -> None:
    """Though nothing that a reader sees has changed: contract S16, ID05."""
    rig.write("_posts/2026-11-01-a.md", post("A", more="share_code: spring\nredirect_from: /old\n"))
    rig.rescan()
    before = rig.body()
    rig.write("_posts/2026-11-01-a.md", post("A", more="share_code: summer\n"))
    counts = rig.rescan()
    assert "changed" not in counts and rig.body() == before
    for name in ("spring", "summer", "/old", "/old/", share_code(A)):
        assert title(rig, name) == "A", name
    assert shown(rig, A) == "summer"
    rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.rescan()
    assert shown(rig, A) == share_code(A)
    assert title(rig, "summer") == "A"
    rig.write("_posts/2026-11-01-a.md", post("A", more="share_code: spring\n"))
    rig.rescan()
    assert shown(rig, A) == "spring", "said again, it is as good as new"


def test_a_bad_code_costs_nothing_but_itself(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-a.md", post("A", more="share_code: a b\nshare_aliases: [good, a/b]\n"))
    rig.rescan()
    assert rig.problems() == ["share.malformed", "share.malformed"]
    assert title(rig, "good") == "A" and shown(rig, A) == share_code(A)


def test_links_survive_whatever_happens_to_the_post(rig: Rig, tmp_path: Path) -> None:
    """Contract S01, S16, ID01: another date, title, category, place, host; moved to the archive tier."""
    (tmp_path / "old").mkdir()
    rig.options["more_roots"] = [{"path": tmp_path / "old", "tier": "archive"}]
    rig.open()
    more = "share_code: spring\nshare_aliases: tulips\nredirect_from: /flowers.html\n"
    path = rig.write("_posts/2026-11-01-a.md", post("A", more=more))
    rig.rescan()
    names = ["spring", "tulips", "/flowers.html", "/flowers", share_code(A), "a"]

    def still(title_now: str) -> str:
        for name in names:
            assert title(rig, name) == title_now, name
        found = leads(rig, "spring")
        assert found is not None
        return found.canonical_url

    first = still("A")
    path.unlink()
    path = rig.write("_posts/2026-11-03-a.md", post("Renamed", "ports", day=3, more=more))
    rig.rescan()
    rig.later(minutes=5)
    rig.rescan()
    second = still("Renamed")
    assert second != first
    path.unlink()
    rig.write("2026-11-03-a.md", post("Renamed", "ports", day=3, more=more), root="old")
    rig.rescan()
    rig.later(minutes=5)
    rig.rescan()
    assert still("Renamed") == second
    rig.options["site"] = {"url": "https://www.example.net"}
    rig.store.close()
    rig.open()
    rig.rescan()
    assert still("Renamed").startswith("https://www.example.net/ports/")


def test_a_post_with_an_id_may_be_called_anything(rig: Rig) -> None:
    """Contract ID01: the file's name is no part of what it is."""
    rig.write("_posts/2026-11-01-a.md", post("A", more="id: NW1\nshare_code: spring\n"))
    rig.rescan()
    code = share_code("tag:news.example.com,2026:NW1")
    (rig.folder / "site/_posts/2026-11-01-a.md").unlink()
    rig.write("_posts/2026-11-02-other.md", post("A", more="id: NW1\n"))
    rig.rescan()
    rig.later(minutes=5)
    rig.rescan()
    assert [title(rig, name) for name in (code, "NW1", "spring")] == ["A", "A", "A"]


@pytest.mark.parametrize("grace", [60, 0])
@pytest.mark.parametrize("together", [True, False])
def test_a_renamed_post_goes_on_under_its_old_links(rig: Rig, together: bool, grace: int) -> None:
    """Contract S01: it is another article with another id, but people find what they were sent; also when the new file
    is seen long after the old one has gone."""
    rig.options["publisher"] = {"grace_seconds": grace}
    rig.open()
    rig.write("_posts/2026-11-05-other.md", post("Other", day=5))
    path = rig.write("_posts/2026-11-01-a.md", post("A", more="share_aliases: tulips\n"))
    rig.rescan()
    found = leads(rig, "a")
    assert found is not None
    names = ["a", "tulips", share_code(A), found.path]
    path.unlink()
    if not together:
        rig.rescan()
        rig.later(minutes=5)
        rig.rescan()
        assert [title(rig, name) for name in names[:3]] == ["(A)"] * 3
    rig.write("_posts/2026-11-01-better.md", post("A", more="share_aliases: tulips\n"))
    rig.rescan()
    rig.later(minutes=5)
    rig.rescan()
    for name in names:
        assert title(rig, name) == "A", name
    assert shown(rig, "tag:news.example.com,2026:better") == share_code("tag:news.example.com,2026:better")
    rig.later(minutes=5)
    (rig.folder / "site/_posts/2026-11-01-better.md").rename(rig.folder / "site/_posts/2026-11-02-best.md")
    rig.rescan()
    rig.later(minutes=5)
    rig.rescan()
    for name in (*names, "better", share_code("tag:news.example.com,2026:better")):
        assert title(rig, name) == "A", name
    assert taken(rig) == []
    rig.write("_posts/2026-11-01-a.md", post("A, back again"))
    rig.rescan()
    assert [title(rig, name) for name in ("a", share_code(A), "better")] == ["A, back again", "A, back again", "A"]


def test_a_text_that_is_there_twice_continues_nothing(rig: Rig) -> None:
    """Contract S11: nobody guesses which of them was meant."""
    path = rig.write("_posts/2026-11-01-a.md", post("A"))
    rig.write("_posts/2026-11-01-b.md", post("A"))
    rig.write("_posts/2026-11-01-c.md", post("A"))
    rig.write("_posts/2026-11-02-d.md", post("A", day=2))
    rig.rescan()
    path.unlink()
    rig.rescan()
    rig.later(minutes=5)
    rig.rescan()
    assert title(rig, share_code(A)) == title(rig, "a") == "(A)"


def test_s11_names_of_a_withdrawn_article_lead_to_it_and_give_way(rig: Rig) -> None:
    """Contract S11: gone, and not unknown; but a published article that asks for a name gets it."""
    path = rig.write("_posts/2026-11-01-a.md", post("A", more="share_code: spring\nshare_aliases: old\n"))
    rig.rescan()
    path.unlink()
    rig.rescan()
    rig.later(minutes=5)
    rig.rescan()
    assert [title(rig, name) for name in ("spring", "old", share_code(A), "a")] == ["(A)"] * 4
    rig.write("_posts/2026-11-02-b.md", post("B", day=2, more="share_code: spring\nshare_aliases: a\n"))
    rig.rescan()
    assert [title(rig, name) for name in ("spring", "a", "old", share_code(A))] == ["B", "B", "(A)", "(A)"]
    rig.write("_posts/2026-11-03-c.md", post("C", day=3, more=f"share_aliases: {share_code(A)}\n"))
    rig.rescan()
    assert title(rig, share_code(A)) == "C", "said on purpose"
    assert taken(rig) == []
    rig.write("_posts/2026-11-01-a.md", post("A", more="share_code: spring\n"))
    rig.rescan()
    assert [title(rig, name) for name in ("spring", "a", "old", share_code(A))] == ["A", "A", "A", "A"]
    assert {(problem.key[-4], problem.params["name"]) for problem in taken(rig)} == {
        ("b", "spring"),
        ("b", "a"),
        ("c", share_code(A)),
    }


@pytest.mark.parametrize("later_first", [False, True])
def test_s16_two_posts_with_one_code(rig: Rig, later_first: bool) -> None:
    """Contract S16: the earlier publication has it, whichever file came first; the other's file is told, by both names,
    until one of them is put right."""
    posts = {
        "_posts/2026-11-01-a.md": post("A", more="share_code: spring\nredirect_from: /x/\n"),
        "_posts/2026-11-02-b.md": post("B", day=2, more="share_code: spring\nredirect_from: /x\n"),
    }
    for name in sorted(posts, reverse=later_first):
        rig.write(name, posts[name])
        rig.rescan()
    assert [title(rig, name) for name in ("spring", "/x", "/x/", "/x.html")] == ["A", "A", "A", "B"]
    assert (shown(rig, A), shown(rig, B)) == ("spring", share_code(B))
    problems = {problem.params["name"]: problem for problem in taken(rig)}
    assert set(problems) == {"spring", "/x", "/x/"}
    problem = problems["spring"]
    assert (problem.key, problem.field, problem.severity) == ("site/_posts/2026-11-02-b.md", "share_code", "warning")
    assert "_posts/2026-11-01-a.md" in problem.message and "_posts/2026-11-02-b.md" in problem.message

    rig.write("_posts/2026-11-02-b.md", post("B, edited", day=2, more="share_code: spring\n"))
    rig.rescan()
    assert [problem.params["name"] for problem in taken(rig)] == ["spring"]
    rig.write("_posts/2026-11-01-a.md", post("A", more="redirect_from: /x/\n"))
    rig.rescan()
    assert taken(rig) == []
    assert (title(rig, "spring"), shown(rig, B)) == ("B, edited", "spring")


def test_s16_nobody_takes_the_code_or_the_identity_of_another(rig: Rig) -> None:
    """Contract S16, ID06: though the one it belongs to comes later, and is the later publication."""
    rig.write("_posts/2026-11-01-b.md", post("B", more=f"share_code: {share_code(A)}\nshare_aliases: a\n"))
    rig.rescan()
    assert (title(rig, share_code(A)), title(rig, "a")) == ("B", "B")
    path = rig.write("_posts/2026-11-09-a.md", post("A", day=9))
    rig.rescan()
    assert (title(rig, share_code(A)), title(rig, "a")) == ("A", "A")
    assert shown(rig, B) == share_code(B)
    assert {(problem.params["name"], problem.field) for problem in taken(rig)} == {
        (share_code(A), "share_code"),
        ("a", "share_aliases"),
    }
    path.unlink()
    rig.rescan()
    rig.later(minutes=5)
    rig.rescan()
    assert (title(rig, share_code(A)), title(rig, "a")) == ("B", "B"), "free again, and asked for on purpose"
    assert taken(rig) == []


def test_s16_an_old_path_where_another_article_lives(rig: Rig) -> None:
    rig.write("_posts/2026-11-01-b.md", post("B", more="redirect_from: /markets/2026/11/02/a.html\n"))
    rig.rescan()
    assert taken(rig) == []
    rig.write("_posts/2026-11-02-a.md", post("A", day=2))
    rig.rescan()
    (problem,) = taken(rig)
    assert (problem.key, problem.field) == ("site/_posts/2026-11-01-b.md", "redirect_from")
    assert problem.params == {"name": "/markets/2026/11/02/a.html", "other": "site/_posts/2026-11-02-a.md"}


def test_a_redirect_from_the_page_itself_is_none(rig: Rig) -> None:
    """It would lead round in a circle."""
    rig.write("_posts/2026-11-01-a.md", post("A", more="redirect_from: /markets/2026/11/01/a.html\n"))
    rig.rescan()
    assert title(rig, "/markets/2026/11/01/a.html") == ""
    assert title(rig, "/markets/2026/11/01/a") == "A"


def test_s16_check_names_both_files(tmp_path: Path) -> None:
    """Contract S16, without a database: an error."""
    rig = Rig(tmp_path)
    rig.write("_posts/2026-11-01-a.md", post("A", more="share_code: spring\nshare_aliases: b\n"))
    rig.write("_posts/2026-11-02-b.md", post("B", day=2, more=f"share_aliases: [spring, own, {share_code(A)}]\n"))
    rig.write("_posts/2026-11-03-c.md", post("C", day=3, more="share_code: other\n"))
    rig.write("_posts/2026-11-04-c.md", post("C", day=4, more="redirect_from: /markets/2026/11/01/a.html\n"))
    ingest_rules = rig.publisher._ingest._rules
    result = check(rig.publisher._ingest._roots, ingest_rules)
    found = {(p.key, p.params["name"], p.params["other"]) for p in result.problems if p.code == "share.taken"}
    a, b, c = (f"site/_posts/2026-11-0{day}-{name}.md" for day, name in ((1, "a"), (2, "b"), (4, "c")))
    assert found == {
        (b, "spring", a),
        (a, "b", b),
        (b, share_code(A), a),
        (c, "/markets/2026/11/01/a.html", a),
    }
    assert {p.severity for p in result.problems if p.code == "share.taken"} == {Severity.ERROR}
    rig.store.close()


def test_a_rebuild_from_content_gives_every_link_back(tmp_path: Path, url: str) -> None:
    """Contract S16: an empty database and the same content in another order: each name leads where it led."""
    rig = Rig(tmp_path, {"database": {"url": url}})
    said: list[str] = []
    for number in range(60):
        names = [f"code-{number % 50}", f"alias-{number}", f"/old/{number % 45}/"]
        said += names
        more = f"share_code: {names[0]}\nshare_aliases: {names[1]}\nredirect_from: {names[2]}\n"
        day = 1 + number * 7 % 28
        rig.write(f"_posts/2026-11-{day:02}-n{number}.md", post(f"N{number}", day=day, more=more))
        if number % 7 == 0:
            rig.rescan()
    rig.rescan()
    ids = [f"tag:news.example.com,2026:n{number}" for number in range(60)]

    def answers(rig: Rig) -> tuple[Mapping[str, str], Mapping[str, str]]:
        with rig.store.reading() as reader:
            return {name: title(rig, name) for name in (*said, *map(share_code, ids))}, reader.code_of(ids)

    before = answers(rig)
    assert "" not in before[0].values() and set(before[1]) == set(ids)
    rig.store.close()
    again = Rig(tmp_path, {"database": {"url": f"sqlite:///{tmp_path / 'rebuilt.db'}"}})
    again.rescan()
    assert answers(again) == before
    again.store.close()


def test_an_upgraded_server_reads_all_files_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that names which an earlier release passed over are found; nothing looks changed to a reader."""
    rig.write("_posts/2026-11-01-a.md", post("A", more="share_code: spring\n"))
    monkeypatch.setattr(ingest, "READING", 1)
    rig.rescan()
    monkeypatch.undo()
    assert rig.rescan() == {"read": 1}
    assert rig.rescan() == {"unchanged": 1}


# Derived codes, with so few letters that nearly all collide


@pytest.mark.parametrize("seed", range(6))
def test_s16_derived_codes_do_not_depend_on_the_order(store: Store, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Contract S16: any order of arrival, any split into batches: `link` and `code_of` give the same."""
    monkeypatch.setattr(codes, "LENGTH", 1)
    first = codes.share_code.__defaults__
    monkeypatch.setattr(codes.share_code, "__defaults__", (1,))
    assert first == (10,)
    chance = random.Random(seed)
    articles = [an_article(f"N{number}", published=an_article().published - number * HOUR) for number in range(60)]
    said: dict[str, dict[str, LinkKind]] = {article.id: {} for article in articles}
    for article in articles[::5]:
        said[article.id] = {chance.choice(["x", "y", *codes.ALPHABET]): LinkKind.CUSTOM, "shared": LinkKind.ALIAS}
    expected = _answers(store, articles, said, [articles])
    for number in range(4):
        mixed = [replace(article, id=f"{article.id}") for article in articles]
        chance.shuffle(mixed)
        parts = []
        while mixed:
            size = chance.randint(1, 20)
            parts.append(mixed[:size])
            mixed = mixed[size:]
        _forget(store)
        assert _answers(store, articles, said, parts) == expected, number


def _answers(
    store: Store, articles: list[Article], said: dict[str, dict[str, LinkKind]], parts: list[list[Article]]
) -> tuple[object, object]:
    for part in parts:
        with store.writing() as tx:
            tx.put_articles(part)
            put_names(tx, {article.id: said[article.id] for article in part}, [article.id for article in part])
    with store.reading() as reader:
        ids = [article.id for article in articles]
        shown = reader.code_of(ids)
        assert len(set(shown.values())) == len(ids), "each has one of his own"
        claims = reader.claims_of(ids)
        names = {link.code for its in claims.values() for link in its}
        return shown, {name: found[1].id for name in names if (found := reader.link(name))}


def _forget(store: Store) -> None:
    """An empty database again."""
    from feedsvc.sqlstore.schema import articles, links
    from feedsvc.sqlstore.store import SqlStore

    assert isinstance(store, SqlStore)
    with store._writes.begin() as conn:
        conn.execute(links.delete())
        conn.execute(articles.delete())


# What the store knows


@pytest.mark.parametrize("seed", range(3))
def test_the_database_and_the_rule_agree_on_who_gets_a_name(store: Store, seed: int) -> None:
    """Contract S16: sharing/claims.py and sqlstore/links.py say the same."""
    chance = random.Random(seed)
    articles = [
        an_article(f"N{number}", published=an_article().published - chance.randint(0, 3) * HOUR) for number in range(30)
    ]
    gone = {article.id for article in articles if chance.random() < 0.4}
    claims = [
        Claim(chance.choice("abcdefgh"), chance.choice(list(LinkKind)), it.id, it.published, it.id in gone)
        for it in articles
        for _ in range(3)
    ]
    claims = list({(claim.name, claim.article_id): claim for claim in claims}.values())
    with store.writing() as tx:
        tx.put_articles(articles)
        tx.set_status(gone, Status.WITHDRAWN)
        tx.put_links(ShareLink(claim.name, claim.article_id, claim.kind) for claim in claims)
    lost = losers(claims)
    with store.reading() as reader:
        stored = reader.claims("abcdefgh")
        shown = reader.links_of([it.id for it in articles])
        for name in "abcdefgh":
            ranked = best_first(claim for claim in claims if claim.name == name)
            assert [link.article_id for link in stored[name]] == [claim.article_id for claim in ranked]
            found = reader.link(name)
            assert found is not None and found[1].id == ranked[0].article_id
        won = {(link.code, article_id) for article_id, its in shown.items() for link in its}
        assert won == {(claim.name, claim.article_id) for claim in claims} - lost.keys()


def test_what_an_article_is_called(store: Store) -> None:
    one, two, gone = an_article("en/hello"), an_article("de/hello"), an_article("NW9", published=an_article().published)
    with store.writing() as tx:
        tx.put_articles([one, two, gone, an_article("x/only")])
        tx.put_links([ShareLink("code", one.id), ShareLink("NW9", two.id, LinkKind.ALIAS)])
    with store.reading() as reader:
        names = ["code", "en/hello", "hello", "only", one.id, "NW9", "none", "/en/hello.html"]
        assert reader.called(names) == {
            "code": one.id,
            "en/hello": one.id,
            "only": "tag:example.com,2026:x/only",
            one.id: one.id,
            "NW9": gone.id,
        }
        assert reader.called([]) == {}
        assert reader.claims(["NW9"]) == {"NW9": [ShareLink("NW9", gone.id), ShareLink("NW9", two.id, LinkKind.ALIAS)]}
        found = reader.link("NW9")
        assert found is not None and found[1].id == gone.id
        assert reader.links_of([two.id]) == {}
        assert reader.claims_of([two.id, gone.id]) == {two.id: [ShareLink("NW9", two.id, LinkKind.ALIAS)]}
    with store.writing() as tx:
        tx.set_status([gone.id], Status.WITHDRAWN)
    with store.reading() as reader:
        found = reader.link("NW9")
        assert found is not None and found[1].id == two.id
        assert reader.called(["NW9"]) == {"NW9": two.id}
        assert list(reader.links_of([two.id])) == [two.id]


def test_pages_by_their_addresses(store: Store) -> None:
    newer = an_article("b", path="/a.html")
    older = an_article("a", path="/a.html", published=newer.published - timedelta(days=1))
    gone = an_article("c", published=newer.published)
    with store.writing() as tx:
        tx.put_articles([older, newer, gone])
        tx.set_status([gone.id], Status.WITHDRAWN)
    with store.reading() as reader:
        wanted = ["/a.html", "https://example.com/a.html", "https://example.com/c.html", "/c.html", "/none"]
        assert reader.pages_at(wanted) == {"/a.html": newer.id, "https://example.com/a.html": older.id}
        assert reader.pages_at([]) == {}
