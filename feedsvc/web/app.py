"""The web application: the hot layer in front, the memory of pages between, Flask behind.

Routes (all under the public address; `<c>` is a percent-encoded category):

    /feeds/<c>.rss .atom .json      a category's feed                                        hot.py
    /feed.rss .atom .json           the whole site's feed; /feed for /feeds/<c> below too    hot.py
    /feeds.opml                     all feeds; ?category=, &format= for a choice             hot.py
    /feeds/<c>.rss?page=2           older entries                                            hot.py, made on demand
    /feeds/<c>/full.rss brief.rss   with full texts, with summaries only                     hot.py, made on demand
    /feeds/<c>/archive/2026-11.rss  a month; /2026-11/1.rss a whole part of it               hot.py, made on demand
    /feeds/+/<a>,<b>.rss            combinations; !<c> without, !*<word> without in titles   hot.py, made on demand
    /feeds/+tag/<tag>.rss           a tag's feed, /feeds/+author/<name>.rss likewise         hot.py, made on demand
    these in a person's browser     a page about the feed (feeds.browser)                    feed_page.py
    other spellings, moves          301 to the one canonical address, 410, or 404            feeds.py
    /feed.xml, /feed/<c>.xml        jekyll-feed's addresses: 301 to the Atom feed            feeds.py
    /s/<code or identity>           share link: 302 to the article's canonical page          links.py, share.py
    /s/<code>/qr.svg /qr.png        the link as a QR code                                    share.py, qr.py
    settings.share.legacy_paths     old share links, likewise; share.patterns as well        links.py, share.py
    /                               directory of categories                                  directory.py
    /categories/<c>/                a category: headlines and feed addresses                 categories.py
    /subscribe                      the builder: categories ticked make one feed             builder.py
    /about-feeds                    what a feed is, in plain words                           builder.py
    /search                         search over titles, summaries and texts                  search.py
    /search.rss .atom .json         what a search finds, as a feed                           hot.py, made on demand
    an article's own path           its page, when this server is the canonical site         articles.py
    /articles/<identity>            its page on this server, wherever the canonical one is   articles.py
    a picture's path in the content likewise                                                 assets.py
    /api/v1/runs                    POST: ask for a run (202); GET: the newest runs          api.py
    /api/v1/runs/<id>               one run                                                  api.py
    /api/v1/guard, /guard/release   what is held back; POST: publish it after all            api.py
    /api/v1/status, /problems       how things stand, what is wrong with the content         api.py
    /healthz, /readyz               alive; ready                                             health.py
    /api/v1/links                   POST: a table of old links (CSV)                         link_api.py
    /api/v1/links/<name>            where a share link leads, and its clicks                 link_api.py
    /api/v1/links/top, /unknown     what is followed most; names that lead nowhere           link_api.py
    /robots.txt                     what search engines may read                             sitemap.py
    /sitemap.xml, /sitemap-<n>.xml  all articles, for search engines                         sitemap.py
    /news-sitemap.xml               the articles of two days                                 sitemap.py
    /static/..., /favicon.ico       the pages' style sheet, script and icon                  here
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, NotFound

from feedsvc.articles.category import SITE
from feedsvc.articles.words import LONGEST_QUERY
from feedsvc.errors import StoreUnavailable
from feedsvc.feeds.address import home_path
from feedsvc.publishing.document import Document
from feedsvc.publishing.made import Maker
from feedsvc.settings import Settings
from feedsvc.sharing.table import Importer
from feedsvc.store import Store
from feedsvc.web import (
    api,
    articles,
    assets,
    builder,
    catalogue,
    categories,
    directory,
    feed_page,
    feeds,
    health,
    language,
    link_api,
    search,
    share,
    sitemap,
)
from feedsvc.web.asked import LONGEST_TARGET, MOST_HEADERS, PAGE_KEY, PREVIEW_KEY, headers_size, raw_path
from feedsvc.web.auth import FILE_NAME, TokenFile
from feedsvc.web.clicks import counter_of
from feedsvc.web.hot import HotLayer, wants_card
from feedsvc.web.language import gettext
from feedsvc.web.limits import limits_of, searches_of
from feedsvc.web.links import Links
from feedsvc.web.page_memory import PageMemory
from feedsvc.web.pages import here, message, not_found
from feedsvc.web.prepared import CORS, NOSNIFF, REFERRER, HotDocument, prepare
from feedsvc.web.problems import plain, problem
from feedsvc.web.proxies import TrustedProxies
from feedsvc.web.services import KEY, Services, services
from feedsvc.web.shelf import Shelf
from feedsvc.web.spelling import Addresses

_HERE = Path(__file__).parent


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    store: Store,
    clock: Callable[[], datetime] = utc_now,
    maker: Maker | None = None,
    importer: Importer | None = None,
) -> HotLayer:
    """The whole WSGI application. The store must have been opened in this process, after any fork.

    maker: of documents that nobody publishes; without one there are none. importer: of tables of old links.
    """

    def prepared(document: Document) -> HotDocument:
        return prepare(document, settings.public_base)

    addresses = Addresses(settings)
    waiting = max(settings.server.threads - 3, 0)  # one makes, two are for what is published
    shelf = Shelf(store, prepared, settings.server.hot_bytes, maker, addresses.spellings, waiting)
    # visible() is asked through the object that is made last; it is there before the first request.
    links = Links(store, settings.share, lambda: known.visible(), lambda: known.site_path if known.canonical else None)
    zone = ZoneInfo(settings.site.timezone)
    clicks = counter_of(settings, store, clock, zone)
    known = Services(
        settings=settings,
        store=store,
        shelf=shelf,
        links=links,
        clicks=clicks,
        token=TokenFile(settings.data_dir / FILE_NAME),
        clock=clock,
        zone=zone,
        addresses=addresses,
        searches=searches_of(settings),
        importer=importer,
    )
    flask = create_flask(known)
    if settings.server.trusted_proxies:
        flask.wsgi_app = TrustedProxies(flask.wsgi_app, settings.server.trusted_proxies)  # type: ignore[method-assign]
    pages = PageMemory(flask, shelf, settings.site.language, settings.server.hot_bytes // 8)
    return HotLayer(
        pages,
        shelf,
        links,
        clock,
        addresses,
        clicks,
        pages=settings.feeds.browser == "page",
        deltas=settings.feeds.deltas and maker is not None,
        limits=limits_of(settings),
        searches=known.searches,
        cards=settings.share.cards,
        foresee=partial(catalogue.foresee, flask),
    )


def create_flask(known: Services) -> Flask:
    """Flask with every view, for what the hot layer does not answer itself."""
    app = Flask("feedsvc.web", root_path=str(_HERE))
    app.extensions[KEY] = known
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.url_map.converters["anything"] = categories.Anything
    app.config.update(SEND_FILE_MAX_AGE_DEFAULT=86_400, MAX_CONTENT_LENGTH=1_000_000)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.install(app)
    app.before_request(by_raw_path)
    app.after_request(on_every_answer)
    for part in (directory, categories, search, builder, sitemap, api, link_api, health):
        app.register_blueprint(part.blueprint)
    app.add_url_rule("/favicon.ico", "icon", partial(app.send_static_file, "favicon.ico"))
    app.add_url_rule("/<path:path>", "anything", anything)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(StoreUnavailable, unavailable)
    app.register_error_handler(Exception, failed)
    app.jinja_env.globals.update(
        here=here,
        home_path=home_path,
        chosen_language=language.chosen,
        languages=language.LANGUAGES,
        longest_search=LONGEST_QUERY,
        page_language=language.page_language,
        services=services,
        list_date=language.list_date,
        show_date=language.show_date,
        zone_name=language.zone_name,
        day_name=language.day_name,
        month_name=language.month_name,
        script_version=_version("site.js"),
        style_version=_version("site.css"),
        switch_to=switch_to,
        SITE=SITE,
    )
    return app


def _version(name: str) -> str:
    """Another one whenever the file is."""
    return blake2b((_HERE / "static" / name).read_bytes(), digest_size=4).hexdigest()


def by_raw_path() -> Response | None:
    """What depends on the path as it was written is decided here, before Flask's routes see the decoded one."""
    raw = raw_path(request.environ)
    request.environ["feedsvc.path"] = raw
    if len(raw) + len(request.environ.get("QUERY_STRING", "")) > LONGEST_TARGET:
        return plain(414, "This address is too long.")
    if headers_size(request.environ) > MOST_HEADERS:
        return plain(431, "The request's header fields are too large.")
    if (target := request.environ.get(PAGE_KEY)) is not None:
        return feed_page.answer(target)
    if feeds.is_feed_address(raw):
        response = feeds.answer(raw) if request.method in ("GET", "HEAD", "OPTIONS") else feeds.only_reading()
        response.headers.extend(CORS)
        return response
    if services().links.is_link(raw):
        return share.answer(raw)
    return None


def anything(path: str) -> Response:
    """A file of the content, an old address, an article's page, or 404."""
    if _for_programs():
        raise NotFound
    raw = request.environ["feedsvc.path"]
    return assets.answer(raw) or old_address(raw) or articles.answer()


def old_address(raw: str) -> Response | None:
    """Where the site's old addresses lead (`redirect_from`, imported paths, share.patterns); None for any other."""
    app, query = services(), request.environ.get("QUERY_STRING", "")
    if request.environ.get(PREVIEW_KEY):  # the hot layer knew the address, and has counted
        return share.answer(raw)
    if not app.shelf.reachable:
        raise StoreUnavailable("The database does not answer.")
    name = app.links.old_path(raw, query)
    link = app.links.redirect(name, app.shelf.edition, query) if name else None
    if link is None:
        return share.answer(raw) if name else None
    if target := request.environ.get("RAW_URI"):
        app.links.keep(target, link)  # the next one does not come here
    app.clicks.follow(link.code, request.environ)
    if app.settings.share.cards and wants_card(request.environ):
        request.environ[PREVIEW_KEY] = True
        return share.answer(raw)
    return Response(link.body[0], link.status, headers=link.headers)


def on_every_answer(response: Response) -> Response:
    response.headers.setdefault(*NOSNIFF)
    response.headers.setdefault(*REFERRER)
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'")
    return response


def refused(error: HTTPException) -> Response:
    """Everything Flask itself refuses (404, 405, 413, ...)."""
    status = error.code or 500
    if _for_programs():
        response = problem(status, f"http-{status}", error.description or error.name)
    elif status == 404:
        response = not_found()
    else:
        response = plain(status, error.name)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Location"):
            response.headers[name] = value
    return response


def unavailable(error: StoreUnavailable) -> Response:
    detail = "The database does not answer. Try again in a moment."
    if _for_programs():
        return problem(503, error.code, detail)
    response = message(503, gettext("Temporarily unavailable"), gettext("Please come back in a moment."))
    response.headers["Retry-After"] = "5"
    return response


def failed(error: Exception) -> Response:
    """A fault of ours: logged with its traceback, shown without."""
    current_app.logger.error("a request failed: %s %s", request.method, request.path, exc_info=error)
    if _for_programs():
        return problem(500, "fault", "The server failed at this request.")
    return plain(500, "The server failed at this request.")


def _for_programs() -> bool:
    return request.path.startswith(api.ROOT + "/")


def switch_to(code: str) -> str:
    """This page in another language."""
    path: str = request.environ["feedsvc.path"]
    place = "" if path.startswith("//") else services().root + path  # two slashes would name a host
    kept = [(name, value) for name, value in request.args.items(multi=True) if value and name != "lang"]
    return f"{place}?{urlencode([*kept, ('lang', code)])}"
