"""Who follows a share link, by what it says of itself."""

from __future__ import annotations

import pytest

from feedsvc.sharing.click import Visitor
from feedsvc.sharing.visitor import kind_of, visitor

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; V2309A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0"
)
APPLE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"

PEOPLE = [
    CHROME,
    f"{APPLE} Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; SLCC2; .NET CLR 2.0.50727; 360SE)",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; WOW64; Trident/6.0; SE 2.X MetaSr 1.0)",
    "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Mobile Safari/537.36",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/191.220; U; zh) Presto/2.12.423 Version/12.16",
    "Lynx/2.9.0 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.7.1",
    "w3m/0.5.3+git20230121",
    # browsers inside apps, also of those whose robots make previews
    f"{PHONE} Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F36) WeChat/arm64",
    f"{APPLE} Mobile/15E148 MicroMessenger/8.0.49(0x1800312b) NetType/WIFI Language/zh_CN",
    f"{PHONE} MQQBrowser/6.2 TBS/046295 Mobile Safari/537.36 V1_AND_SQ_8.9.68 QQ/8.9.68.11450 NetType/4G",
    f"{PHONE} Mobile Safari/537.36 Weibo (vivo-V2309A__weibo__14.5.0__android__android14)",
    f"{APPLE} Mobile/15E148 AliApp(DingTalk/7.0.50) com.laiwang.DingTalk/36091 Channel/201200 language/zh-Hans-CN",
    f"{PHONE} Mobile Safari/537.36 Lark/7.10.5 LarkLocale/zh_CN ChannelName/Feishu",
    f"{PHONE} Mobile Safari/537.36 aweme_300100 JsSdk/1.0 NetType/WIFI Channel/vivo AppName/aweme ByteLocale/zh-CN",
    f"{PHONE} Mobile Safari/537.36 baiduboxapp/13.50.0.11 (Baidu; P1 14)",
    f"{PHONE} Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/5.28.3",
    f"{PHONE} Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/460.0.0.48.109;]",
    f"{APPLE} Mobile/15E148 [FBAN/FBIOS;FBAV/460.0.0;FBDV/iPhone14,5;FBLC/en_US]",
    f"{APPLE} Mobile/15E148 [LinkedInApp]/9.29.7",
    f"{APPLE} Mobile/15E148 Twitter for iPhone/10.40",
    f"{APPLE} Mobile/15E148 Safari Line/14.7.0",
    f"{PHONE} Mobile Safari/537.36;KAKAOTALK 2410490",
    CHROME.replace("Chrome", "Slack/4.38.125 Chrome"),
    f"{APPLE} Mobile/15E148 Safari/604.1 (Ecosia ios@10.2.0.2070)",
]

PREVIEWS = [
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookexternalhit/1.1;line-poker/1.0",
    "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
    f"{APPLE} Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",  # iMessage
    "meta-externalfetcher/1.1",
    "Twitterbot/1.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "WhatsApp/2.23.20.0 A",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Viber",
    "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
    "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
    "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
    "Mastodon/4.3.1 (http.rb/5.2.0; +https://social.example/)",
    "http.rb/5.1.1 (Mastodon/4.2.0; +https://social.example/)",
    "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
    "Synapse (bot; +https://github.com/matrix-org/synapse)",
    "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com/)",
    f"{CHROME} LarkUrl2Meta/1.0 (+https://open.feishu.cn)",
    "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
]

ROBOTS = [
    "",
    "-",
    "Mozilla/5.0",
    "Mozilla/5.0 (compatible)",
    "curl/8.5.0",
    "Wget/1.21.4",
    "python-requests/2.32.3",
    "Python-urllib/3.11",
    "aiohttp/3.9",
    "Go-http-client/2.0",
    "Java/17.0.2",
    "okhttp/4.12.0",
    "axios/1.7.2",
    "Apache-HttpClient/4.5.14 (Java/17)",
    "Dalvik/2.1.0 (Linux; U; Android 14; V2309A Build/UP1A)",
    "MobileSafari/8619.1 CFNetwork/1568.100.1 Darwin/24.0.0",
    "PostmanRuntime/7.39.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; Baiduspider-render/2.0; +http://www.baidu.com/search/spider.html)",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
    "Mozilla/5.0 (compatible; YisouSpider/5.0; https://ys.sm.cn)",
    f"{CHROME}; 360Spider",
    f"{PHONE} Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
    "Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.1; +https://openai.com/gptbot",
    "CCBot/2.0 (https://commoncrawl.org/faq/)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    CHROME.replace("Chrome", "HeadlessChrome"),
    f"{CHROME} Google Favicon",
    f"{CHROME} Chrome-Lighthouse",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)",
    "Mozilla/5.0 (compatible; inoreader.com; 12 subscribers)",
    "Mozilla/5.0 (compatible; Miniflux/2.2.1; +https://miniflux.app)",
    "FreshRSS/1.24.3 (Linux; https://freshrss.org)",
    "NetNewsWire (RSS Reader; https://netnewswire.com/)",
    "Tiny Tiny RSS/24.01 (https://tt-rss.org/)",
    "Thunderbird/128.0",
    "x" * 10_000,
]


@pytest.mark.parametrize(
    ("agent", "kind"),
    [(agent, Visitor.PERSON) for agent in PEOPLE]
    + [(agent, Visitor.PREVIEW) for agent in PREVIEWS]
    + [(agent, Visitor.ROBOT) for agent in ROBOTS],
)
def test_s13_s14_what_a_user_agent_is(agent: str, kind: Visitor) -> None:
    """Contract S13, S14."""
    assert visitor("GET", agent) is kind


def test_s14_nobody_sees_the_answer_to_head() -> None:
    """Contract S14: but a robot that makes previews is one whatever it asks."""
    assert visitor("HEAD", CHROME) is Visitor.ROBOT
    assert visitor("HEAD", "Twitterbot/1.0") is Visitor.PREVIEW


@pytest.mark.parametrize(
    "purposes",
    [("prefetch", None), ("prefetch;prerender", None), (None, "Prefetch"), (None, "preview"), ("", "PREFETCH"),
     (None, None, "preview"), (None, None, None, "prefetch")],
)  # fmt: skip
def test_s14_prefetches(purposes: tuple[str | None, ...]) -> None:
    """Contract S14: Sec-Purpose, Purpose, X-Purpose, X-Moz; of a robot or a HEAD they change nothing."""
    assert visitor("GET", CHROME, *purposes) is Visitor.PREFETCH
    assert visitor("GET", "curl/8.5.0", *purposes) is Visitor.ROBOT
    assert visitor("HEAD", CHROME, *purposes) is Visitor.ROBOT


def test_other_purposes_are_a_person() -> None:
    assert visitor("GET", CHROME, "navigate", None, "", "x") is Visitor.PERSON


def test_only_the_beginning_of_a_long_name_counts_and_few_are_remembered() -> None:
    assert visitor("GET", CHROME + " " * 600 + "bot/1.0") is Visitor.PERSON
    assert visitor("GET", CHROME + " bot/1.0" + " " * 600) is Visitor.ROBOT
    for number in range(10_000):
        visitor("GET", f"{CHROME} {number}")
    size = kind_of.cache_info()
    assert size.maxsize is not None and size.currsize <= size.maxsize < 10_000
