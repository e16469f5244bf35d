"""Who reported it first: the line under a text that says so."""

from __future__ import annotations

import pytest

from feedsvc.articles.credit import source_of


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("（文章来源：澜川晚报）", "澜川晚报"),
        ("(文章来源: 澜川晚报)", "澜川晚报"),
        ("（文章来源:澜川晚报)", "澜川晚报"),
        ("来源：澜川晚报", "澜川晚报"),
        ("　　来源 ： 澜川晚报　", "澜川晚报"),
        ("【来源：澜川晚报】", "澜川晚报"),
        ("（文章来源：安海证券(香港)）", "安海证券(香港)"),
        ("(文章来源：安海证券(香港))", "安海证券(香港)"),
        ("来源：安海证券（香港）", "安海证券（香港）"),
        ("（文章来源：21创业报云端APP）", "21创业报云端APP"),
        ("（文章来源：Kite &amp; Wind Daily）", "Kite & Wind Daily"),
        ("（文章来源：《澜川晚报》）", "澜川晚报"),
        ('（本文来源：<a href="https://l.example/">澜川晚报</a>）', "澜川晚报"),
        ("<strong>文章来源</strong>：澜川晚报", "澜川晚报"),
        ("来源：澜川晚报 作者：林小雨", "澜川晚报"),
        ("（来源：澜川晚报，责任编辑：林小雨）", "澜川晚报"),
        ("（文章来源：Cafe\u0301 Daily）", "Café Daily"),
        ("数据来源：澜川统计局", ""),
        ("图片来源：澜川晚报", ""),
        ("消息的来源：谁也不知道", ""),
        ("来源：", ""),
        ("（文章来源：）", ""),
        ("（文章来源：澜川晚报）另有报道", ""),
        ("来源：据他说，风起了。然后又停了。", ""),
        ("来源：https://l.example/1", ""),
        ("来源：" + "长" * 41, ""),
    ],
)
def test_a_line_that_is_a_credit_names_the_source(line: str, name: str) -> None:
    assert source_of(f"<p>风起了。</p><p>{line}</p>") == name
    assert source_of(f"<p>风起了。</p>\n{line}") == name
    assert source_of(f"<p>风起了。<br>{line}</p>\n<p>责任编辑：林小雨</p>") == name


def test_only_the_end_of_a_text_is_looked_at() -> None:
    assert source_of("<p>来源：澜川晚报</p>" + "<p>风起了。</p>" * 40) == ""
    assert source_of("<p>来源：澜川晚报</p><p>来源：云汐日报</p><p>图片来源：安海社</p>") == "云汐日报"
    assert source_of("") == ""
    assert source_of("来源" * 400) == ""
