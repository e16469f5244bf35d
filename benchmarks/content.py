"""Posts shaped like a real news site's, as many as wanted, in text of our own: same seed, same bytes.

The text is drawn word by word from a made-up vocabulary, weighted as words are in real prose (Zipf), because shuffled
sentences would compress several times too well. gzip brings 50 posts down to about 0.35 of their size, like real ones.

    python -m benchmarks.content FOLDER [--posts 10000] [--categories 500] [--seed 1]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from pathlib import Path
from random import Random

CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平"
    "形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题"
    "党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西"
    "被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采"
    "转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记"
    "需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市"
    "克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红"
    "细引听该铁价严龙飞河湖桥巷港湾渔船仓库茶瓷竹松柳梅兰雾雪霜露星云潮汐岸岛塔灯钟鼓帆舟桨网"
)
SYLLABLES = (
    "bai bei cang chao chen chuan dong feng gang gu hai he hong hu jiang jin jing lan lin ling liu lu mei ming nan "
    "ping qing qiao rui shan shui song tao wan xi xia xin yan yang yuan yun ze zhe zhou zhu"
)
KINDS = (("wanbao", "晚报"), ("ribao", "日报"), ("caijing", "财经"), ("shibao", "时报"), ("zhengquan", "证券"))
ZONE = timezone(timedelta(hours=8))
NEWEST = datetime(2026, 11, 22, 7, 0, tzinfo=ZONE)
STEP = timedelta(seconds=77)
VOCABULARY = 2500
WORDS_PER_POST = (680, 1100)


@dataclass(frozen=True)
class Made:
    """files: posts written. octets: their size together. categories: slugs, most frequent first."""

    files: int
    octets: int
    categories: tuple[str, ...]


class Author:
    """Writes post after post; all chance comes from the seed."""

    def __init__(self, categories: int, seed: int = 1) -> None:
        self.random = Random(seed)
        pick = self.random.choice
        syllables = SYLLABLES.split()
        self.words = [pick(CHARACTERS) + pick(CHARACTERS) for _ in range(VOCABULARY)]
        self.word_weights = list(accumulate(1 / (rank + 3) ** 1.05 for rank in range(VOCABULARY)))
        self.categories: dict[str, str] = {}
        while len(self.categories) < categories:
            kind, suffix = pick(KINDS)
            name = "".join(pick(syllables) for _ in range(2 if len(self.categories) < 1000 else 3))
            self.categories.setdefault(name + kind, pick(CHARACTERS) + pick(CHARACTERS) + suffix)
        self.slugs = list(self.categories)
        self.slug_weights = list(accumulate(1 / (rank + 1) for rank in range(categories)))

    def words_for(self, count: int) -> list[str]:
        return self.random.choices(self.words, cum_weights=self.word_weights, k=count)

    def post(self, number: int) -> tuple[str, str]:
        """(file name, text) of a post; number 0 is the newest."""
        when = NEWEST - STEP * number
        code = f"NW{when:%Y%m%d%H%M%S}{self.random.randrange(10**4):04d}"
        (slug,) = self.random.choices(self.slugs, cum_weights=self.slug_weights)
        name = self.categories[slug]
        words = self.words_for(self.random.randint(*WORDS_PER_POST))
        title = "".join(words[:8])
        body = "".join(self.paragraphs(words[8:]))
        return f"{when:%Y-%m-%d}-{code}.md", (
            f'---\nlayout: post\ntitle: "{title}"\ndate: {when:%Y-%m-%d %H:%M:%S} +0800\ncategories: {slug}\n'
            f'tags: {name}新闻\n---\n{body}<p class="em_media">（文章来源：{name}）</p>\n\n'
            f"<http://news.example.com/html_News/NewsShare.html?infoCode={code}>\n\n"
            f"[返回{name}新闻](//news.example.com/category/{slug}.html)｜[返回首页](//news.example.com/)\n"
        )

    def paragraphs(self, words: list[str]) -> Iterator[str]:
        """Sentences of 9 words with one comma, four to a paragraph, some figures among them, as news has them."""
        random = self.random.random
        for start in range(0, len(words), 36):
            sentences = []
            for at in range(start, min(start + 36, len(words)), 9):
                figure = f"{random() * 1000:.2f}%" if random() < 0.15 else ""
                sentences.append(f"{''.join(words[at : at + 4])}{figure}，{''.join(words[at + 4 : at + 9])}。")
            yield f"<p>　　{''.join(sentences)}</p>\n "


def write_site(folder: Path, posts: int, categories: int, seed: int = 1) -> Made:
    """A Jekyll site of so many posts under `folder`, which is made; 100,000 take about a minute."""
    author, octets = Author(categories, seed), 0
    target = folder / "_posts"
    target.mkdir(parents=True)
    (folder / "_config.yml").write_text(
        "title: Benchmark\nurl: https://news.example.com\nlang: zh-CN\ntimezone: Asia/Shanghai\n", "utf-8"
    )
    for number in range(posts):
        name, text = author.post(number)
        octets += (target / name).write_bytes(text.encode())
    return Made(posts, octets, tuple(author.slugs))


def categories_for(posts: int) -> int:
    """As many publications as the real site has at that size: 500 at 10,000 posts, 2,000 at 100,000."""
    return max(5, min(2000, posts // 20))


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a site of made-up posts.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--categories", type=int, default=0, help="0: by the number of posts")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    made = write_site(given.folder, given.posts, given.categories or categories_for(given.posts), given.seed)
    print(f"{made.files} posts, {made.octets / 1e6:.1f} MB, {len(made.categories)} categories in {given.folder}")


if __name__ == "__main__":
    main()
