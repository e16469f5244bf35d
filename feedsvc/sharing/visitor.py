"""Who follows a share link: a person, a robot, or a robot that makes a preview card (contract S13, S14). Pure.

Browsers have called themselves Mozilla since the nineties; what does not is a program, but for a few old browsers. What
does and is no browser mostly says so, or leaves an address where its owner can be asked. What pretends well is counted
as a person: no request is ever refused for what it says it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from feedsvc.sharing.click import Visitor

PERSON, ROBOT, PREVIEW, PREFETCH = Visitor.PERSON, Visitor.ROBOT, Visitor.PREVIEW, Visitor.PREFETCH
LONGEST_AGENT = 512  # characters that are looked at; browsers inside apps have up to 400

# Of chats and timelines, which fetch a page once so that the people there see its title and picture. Apps of the same
# names have browsers of their own (MicroMessenger, FBAN, LinkedInApp, Line, Slack, KAKAOTALK): those are people.
_PREVIEW = re.compile(
    r"""facebookexternalhit | \bFacebot\b | meta-externalfetcher | Twitterbot | Slackbot | Slack-ImgProxy | LinkedInBot
    | TelegramBot | Discordbot | ^WhatsApp/ | SkypeUriPreview | ^Viber$ | vkShare | OdklBot | redditbot | ^Pinterest/\d
    | Embedly | Iframely | Bluesky\ Cardyb | Mastodon/ | SummalyBot | Pleroma | Akkoma | Misskey/ | Synapse\ \(bot
    | Matrix-Media-Repo | Mattermost-Bot | Rocket\.?Chat | BingPreview | MicrosoftPreview | Quora\ Link\ Preview
    | NotionEmbedder | bitlybot | kakaotalk-scrap | line-poker | Google\ \(\+https://developers\.google\.com/\+
    | LarkUrl2Meta | DingTalkBot | WeChatBot | WeChat-?Share | QQ-URL-Manager | WeiboBot | ZhihuBot
    | (?:link|url|uri)[-_\ ]?(?:preview|expan|unfurl)""",
    re.IGNORECASE | re.VERBOSE,
)

# "bot" but not CUBOT, which makes telephones; addresses of the web or of mail are there for complaints.
_ROBOT = re.compile(
    r"""(?<!cu)bot(?![a-z]) | bots\b | crawl | spider | slurp | scrap(?:e|y|ing) | archive | indexer | agent\b
    | inspector | https?:// | \bwww\.[\w-]+\. | (?<![.\w])[\w-]+\.(?:com|org|net|io|co|gov)(?![.\w])
    | \w@[a-z][\w-]*\.[a-z] | \[at\] | headless | phantomjs | selenium | puppeteer | playwright | cypress/
    | electron-fetch | synthetic | pageburst | lighthouse | page\ ?speed | GTmetrix | PTST/ | pingdom | site24x7
    | monitor(?:ing)?\b | uptime | statuscake | catchpoint | thousandeyes | dareboost | observatory
    | link\ ?check | http[-_]?check | validator | siteimprove | verif(?:y|ication)\b | sitemaps?\b | python
    | perl\b | \bjava/ | \(java\) | curl | wget | httpclient | okhttp | go-http | node-fetch | axios
    | libwww-perl | indy\ lib | \bscan | nikto | openvas | netcraft | zgrab | masscan | virustotal | datanyze
    | mediapartners | GoogleImageProxy | googleweblight | \bsplash\b
    | google[-\ ](?:web\ preview|read|extended|other|inspect|safety|favicon|producer|ads|adwords|search|site|physical)
    | APIs-Google | DuplexWeb | feed(?:ly|burner|bin|parser|fetcher|press|demon|spot|er\.) | inoreader
    | theoldreader | Yisou | 360JK | HaoSou | Sogou\ (?:web|inst|pic|head|orion|wap)\b | Bytedance | transcoder
    | ^Mozilla/[\d.]+$
    | ^Mozilla/[\d.]+\ \(compatible(?!;?\ ?(?:MSIE|U;|Konqueror|ABrowse|IBrowse|Amiga|NetPositive|OmniWeb|Opera))""",
    re.IGNORECASE | re.VERBOSE,
)

_BROWSER = re.compile(
    r"""^(?: Mozilla/ | Opera[/\ ] | UCWEB | JUC\ ?\( | MQQBrowser | UCBrowser | Nokia | SonyEricsson | SAMSUNG-
    | BlackBerry | MOT- | LG[-/] | ZTE | HUAWEI | Lenovo | Coolpad | DoCoMo/ | KDDI- | SoftBank/ | Lynx/ | Links\ \(
    | ELinks | w3m/ | NetSurf | Dillo | NCSA_Mosaic | \[FBAN/ ) | \bAppleWebKit/ | \bUCBrowser/""",
    re.IGNORECASE | re.VERBOSE,
)

_PREFETCH = re.compile(r"\b(?:prefetch|prerender|preview)\b", re.IGNORECASE)


def visitor(method: str, user_agent: str, *purposes: str | None) -> Visitor:
    """Who asks with this User-Agent. Never REPEAT: that takes a memory.

    purposes: what Sec-Purpose, Purpose, X-Purpose and X-Moz say, None for those that are not there.
    """
    kind = kind_of(user_agent if len(user_agent) <= LONGEST_AGENT else user_agent[:LONGEST_AGENT])
    if kind is PERSON:
        if method == "HEAD":
            return ROBOT  # nobody sees the answer
        for purpose in purposes:
            if purpose is not None and _PREFETCH.search(purpose):
                return PREFETCH
    return kind


@lru_cache(maxsize=4096)  # people have a few hundred of them at a time
def kind_of(user_agent: str) -> Visitor:
    """PERSON, ROBOT or PREVIEW, by the name alone."""
    if _PREVIEW.search(user_agent):
        return PREVIEW
    if _BROWSER.search(user_agent) and not _ROBOT.search(user_agent):
        return PERSON
    return ROBOT
