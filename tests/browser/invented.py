"""Invented news for the browser: forty publications with Chinese names that are hard to spell, a few with others, and
several hundred articles, written by rule. Same seed, same texts; the dates end with the moment that is handed in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random

ZONE = timezone(timedelta(hours=8))
POSTS = 420
WITHDRAWN = "NW-withdrawn"  # the slug of the article that is taken back
ILLUSTRATED = "NW-illustrated"
LINKED = "NW-linked"  # the slug of one that is followed, with a custom code
CODE = "fogferry"
EVERYTHING = (
    "author: 沈一苇\nenclosure:\n  url: https://media.example.com/fog.mp3\n  type: audio/mpeg\n  length: 5242880\n"
)

# Many of them with characters of several readings: 重 chong, zhong; 长 chang, zhang; 行 hang, xing; 厦 xia, sha; 会计
# kuaiji; 乐 yue, le; 都 du, dou; 参 shen, can; 朝 chao, zhao; 曾 zeng, ceng; 单 shan, dan; 蚌埠 bengbu; 六安 lu'an.
CHINESE = {
    "chongshanwanbao": "重山晚报",
    "changheribao": "长河日报",
    "yinhangjie": "银行街评论",
    "xiayuzhoukan": "厦屿周刊",
    "kuaijishouzha": "会计手札",
    "yinyuegang": "音乐港",
    "duchengxinbao": "都城新报",
    "renshenshichang": "人参市场报",
    "zhaoxiawenyi": "朝霞文艺",
    "zengxiangjishi": "曾巷纪事",
    "shanfuxianbao": "单父县报",
    "bengbuchuanwu": "蚌埠船务",
    "luanchaye": "六安茶业",
    "xingzhedili": "行者地理",
    "jiangwanzaobao": "江湾早报",
    "gangkouwanbao": "港口晚报",
    "haichaoguancha": "海潮观察",
    "yunlingnongye": "云岭农业",
    "beihuqixiang": "北湖气象",
    "nanzhoutiyu": "南洲体育",
    "donglinjiaoyu": "东林教育",
    "xishanlvyou": "西山旅游",
    "qingqiaocaijing": "青桥财经",
    "luzhoufazhi": "芦洲法治",
    "fengduyiyao": "枫渡医药",
    "hetangshenghuo": "荷塘生活",
    "zhulouwenhua": "竹楼文化",
    "meiwankeji": "梅湾科技",
    "songgangnengyuan": "松冈能源",
    "liuyuanfangchan": "柳园房产",
    "guiheqiche": "桂河汽车",
    "lanxilishi": "兰溪历史",
    "juanshuyuan": "卷书院",
    "dengtahangyun": "灯塔航运",
    "shatanchengshi": "沙滩城市",
    "shiqiaojiaotong": "石桥交通",
    "xuelinhuanbao": "雪林环保",
    "shuangjiangshuichan": "霜江水产",
    "tingyuelou": "听月楼诗刊",
    "maiwangshijie": "麦望食界",
}
OTHERS = {"harbour-notes": "Harbour Notes", "茶/酒 & 盐": "茶/酒 & 盐"}
CATEGORIES = CHINESE | OTHERS
BUSIEST = "gangkouwanbao"  # has more articles than one page shows

PLACES = ("江湾", "北湖镇", "芦洲", "青桥", "荷塘街", "东林区", "枫渡口", "石桥", "灯塔岛", "麦望")
THINGS = (
    "渡轮",
    "茶市",
    "夜班公交",
    "社区食堂",
    "水质监测站",
    "旧书摊",
    "风力机组",
    "冷库",
    "潮汐闸",
    "菜籽油",
    "芦苇荡",
    "候鸟",
)
TURNS = (
    "{place}{thing}恢复开放，首日接待{number}人次",
    "{thing}价格连续{small}周平稳，{place}商户：心里有底",
    "{place}试行新规：{thing}分时段管理",
    "一场雾之后，{place}的{thing}怎么样了？",
    "{number}个样本说了什么——{place}{thing}年度报告",
    "“我们等了{small}年”：{place}与{thing}的故事",
)
SENTENCES = (
    "{place}的{thing}本周再次成为街坊议论的话题，记者前后走访了{small}个街区。",
    "据当地管理部门统计，今年以来与{thing}有关的登记共{number}件，比去年同期略有增加。",
    "“从前要排上半天，如今一刻钟就办好了。”家住{place}的梁师傅说。",
    "研究人员提醒，{thing}的变化往往要放在更长的时间里看，单看一个月容易误判。",
    "按照安排，下一步将在{place}增设{small}处服务点，并公布每日数据。",
    "清晨六点，{place}码头的灯还亮着，运送{thing}的第一班车已经出发。",
    "有居民希望保留原来的样子，也有人说，只要账目清楚，怎样改都可以商量。",
)
ENGLISH = (
    "The morning ferry left {small} minutes late, and nobody on the quay minded.",
    "Keepers counted {number} lamps along the shore this week; most of them still burn.",
    "What the fog takes, an old pilot told us, it usually gives back by noon.",
)


@dataclass(frozen=True)
class Post:
    """name: the file's, inside the content folder."""

    name: str
    text: str


def posts(now: datetime, seed: int = 4) -> Iterator[Post]:
    """The newest first; every category has some, the busiest has many."""
    random = Random(seed)
    slugs = list(CATEGORIES)
    at = now.astimezone(ZONE) - timedelta(hours=2)
    yield _post(WITHDRAWN, at, BUSIEST, "这篇文章稍后会被撤回", "<p>撤回之前，它只是一篇普通的文章。</p>")
    yield _post(LINKED, at, "changheribao", "雾中的渡轮", "".join(_paragraphs(random, 9)), f"share_code: {CODE}\n")
    yield _post(ILLUSTRATED, at, "xingzhedili", "湿地里的一天：图与文", _illustrated(random), EVERYTHING)
    for number in range(POSTS):
        at -= timedelta(minutes=random.randrange(5, 95))
        slug = slugs[number % len(slugs)] if number < 3 * len(slugs) else random.choice([*slugs, *(BUSIEST,) * 12])
        if slug == "harbour-notes":
            title = f"Notes from the quay, number {number}"
            yield _post(f"NW{number:04}", at, slug, title, "".join(_paragraphs(random, 4, ENGLISH)), "lang: en\n")
        else:
            title = _filled(random, random.choice(TURNS))
            yield _post(f"NW{number:04}", at, slug, title, "".join(_paragraphs(random, random.randrange(3, 8))))


def _post(slug: str, at: datetime, category: str, title: str, body: str, more: str = "") -> Post:
    name = CATEGORIES[category]
    head = (
        f"title: '{title}'\ndate: {at:%Y-%m-%d %H:%M:%S %z}\ncategories: ['{category}']\ntags: ['{name}新闻']\n{more}"
    )
    return Post(f"_posts/{at:%Y-%m-%d}-{slug}.md", f"---\n{head}---\n{body}\n")


def _paragraphs(random: Random, number: int, sentences: tuple[str, ...] = SENTENCES) -> Iterator[str]:
    for _ in range(number):
        text = "".join(_filled(random, random.choice(sentences)) for _ in range(random.randrange(2, 5)))
        yield f"<p>{text}</p>\n"


def _illustrated(random: Random) -> str:
    first, second, *rest = _paragraphs(random, 8)
    picture = '<p><img src="/assets/wetland.png" alt="湿地的早晨，水面上有雾"></p>\n'
    table = (
        "<h2>一天里的水位</h2>\n<table><thead><tr><th>时刻</th><th>水位</th><th>备注</th></tr></thead><tbody>"
        "<tr><td>06:00</td><td>1.2 m</td><td>有雾</td></tr>"
        "<tr><td>12:00</td><td>0.9 m</td><td>晴</td></tr></tbody></table>\n"
    )
    cells = "".join(f"<td>{random.randrange(10**6, 10**8):,}</td>" for _ in range(9))
    wide = f"<table><caption>各站累计人次</caption><tbody><tr>{cells}</tr></tbody></table>\n"
    code = f"<pre><code>{'水位 = 潮汐 + 风 ' * 12}</code></pre>\n"
    quotation = "<blockquote><p>雾拿走的，中午多半会还回来。</p></blockquote>\n"
    address = "https://example.com/" + "a-very-long-address-without-any-place-to-break-it/" * 3
    return "".join(
        (
            first,
            picture,
            second,
            table,
            quotation,
            wide,
            code,
            *rest,
            f'<p>资料：<a href="{address}">{address}</a></p>\n',
        )
    )


def _filled(random: Random, text: str) -> str:
    place, thing = random.choice(PLACES), random.choice(THINGS)
    return text.format(place=place, thing=thing, number=random.randrange(120, 9800), small=random.randrange(2, 19))
