"""Feed readers that people use, each driven the way its own manual says, and a recorder that hears what they ask.

A driver gives its program a home of its own, subscribes to named addresses, polls, and tells everything that the
program has ever shown, duplicates included. What a program did observably is in contract section 17.
"""

from __future__ import annotations

import http.client
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import default as modern
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import feedparser

INSTALLED = Path(__file__).parents[2] / ".readers"  # made by .ci/run from readers.txt
SEARCH_PATH = f"{INSTALLED / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}

Shown = tuple[str, str]  # name of the feed, title of the entry


@dataclass(frozen=True)
class Exchange:
    """One request as the reader sent it, and the answer that it got."""

    path: str
    asked: Message
    status: int
    answered: Message


class Recorder(ThreadingHTTPServer):
    """Stands between readers and the server: passes everything on unchanged and writes down what was said."""

    daemon_threads = True

    def __init__(self, upstream: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.upstream = upstream
        self.exchanges: list[Exchange] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def heard(self) -> list[Exchange]:
        """What was said since the last look."""
        said, self.exchanges = self.exchanges, []
        return said


class _Passing(BaseHTTPRequestHandler):
    server: Recorder

    def do_GET(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=10)) as connection:
            connection.putrequest("GET", self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    connection.putheader(name, value)
            connection.putheader("Connection", "close")
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
        self.server.exchanges.append(Exchange(self.path, self.headers, answer.status, answer.headers))
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Not on the terminal: the exchanges are the log."""


@contextmanager
def recording(upstream: int) -> Iterator[Recorder]:
    """A recorder in front of a port of this machine."""
    recorder = Recorder(upstream)
    thread = Thread(target=recorder.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield recorder
    finally:
        recorder.shutdown()
        thread.join()
        recorder.server_close()


class FeedReader(ABC):
    """One program. formats: what it reads.

    conditional_from: which of its polls is the first with a condition, 0 when none ever is. asks_for_deltas: it sends
    `A-IM: feed`. follows_moves: it goes where a 301 leads; remembers_moves: and asks there from then on.
    """

    name: str
    program: str
    formats: tuple[str, ...] = ("rss", "atom")
    conditional_from = 2
    asks_for_deltas = False
    follows_moves = True
    remembers_moves = False

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir()

    @classmethod
    def missing(cls) -> str:
        """What has to be installed; nothing when all is there."""
        return "" if shutil.which(cls.program, path=SEARCH_PATH) else cls.program

    @abstractmethod
    def subscribe(self, addresses: Mapping[str, str]) -> None:
        """name of the feed -> address"""

    @abstractmethod
    def poll(self) -> None:
        """Ask for every feed once, whatever the answers are."""

    @abstractmethod
    def shown(self) -> list[Shown]:
        """Every entry that was ever shown, as often as it was shown."""

    def call(self, *command: str) -> str:
        """The program, with this home and nothing of the machine's own settings; its standard output."""
        done = subprocess.run(
            command,
            cwd=self.home,
            env={"HOME": str(self.home), "PATH": SEARCH_PATH, "LANG": "C.UTF-8", "TZ": "UTC"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        with (self.home / "log").open("a") as log:
            log.write(f"$ {shlex.join(command)}\n{done.stdout}{done.stderr}[{done.returncode}]\n")
        return done.stdout

    def log(self) -> str:
        path = self.home / "log"
        return path.read_text()[-3000:] if path.exists() else ""


class OpmlReader(FeedReader):
    """A reader that takes a list of feeds."""

    @abstractmethod
    def take_list(self, opml: bytes) -> str:
        """Import it; what the program then says, or has written down, that it is subscribed to."""

    def saved(self, opml: bytes) -> str:
        path = self.home / "list.opml"
        path.write_bytes(opml)
        return str(path)


class Newsboat(OpmlReader):
    """One cache a feed: newsboat knows an id once a cache, and ours are the same in every format (contract ID01)."""

    name = program = "newsboat"
    conditional_from = 3
    asks_for_deltas = True

    def subscribe(self, addresses: Mapping[str, str]) -> None:
        self.names = tuple(addresses)
        (self.home / "config").write_text("")
        for name, address in addresses.items():
            (self.home / f"{name}.urls").write_text(f"{address}\n")

    def poll(self) -> None:
        for name in self.names:
            files = ("-u", f"{name}.urls", "-C", "config", "-c", f"{name}.db")
            self.call("newsboat", "-q", *files, "-x", "reload")

    def shown(self) -> list[Shown]:
        found: list[Shown] = []
        for name in self.names:
            with closing(sqlite3.connect(self.home / f"{name}.db")) as cache:
                found += [(name, title) for (title,) in cache.execute("SELECT title FROM rss_item")]
        return found

    def take_list(self, opml: bytes) -> str:
        (self.home / "urls").touch()
        self.call("newsboat", "-q", "-u", "urls", "-c", "cache.db", "-i", self.saved(opml))
        return (self.home / "urls").read_text()


class Sfeed(OpmlReader):
    """As it comes: no conditions, no redirects."""

    name = "sfeed"
    program = "sfeed_update"
    conditional_from = 0
    follows_moves = False
    fetch = ""

    @classmethod
    def missing(cls) -> str:
        return " and ".join(name for name in (cls.program, "curl") if not shutil.which(name, path=SEARCH_PATH))

    def subscribe(self, addresses: Mapping[str, str]) -> None:
        (self.home / "etags").mkdir()
        feeds = "".join(f'\tfeed "{name}" "{address}"\n' for name, address in addresses.items())
        (self.home / "sfeedrc").write_text(f'sfeedpath="$HOME/feeds"\n{self.fetch}feeds() {{\n{feeds}}}\n')

    def poll(self) -> None:
        self.call("sfeed_update", "sfeedrc")

    def shown(self) -> list[Shown]:
        lines = [(path.name, line) for path in (self.home / "feeds").iterdir() for line in path.open()]
        return [(name, line.split("\t")[1]) for name, line in lines]

    def take_list(self, opml: bytes) -> str:
        return self.call("sh", "-c", f"sfeed_opml_import < {self.saved(opml)}")

    def feeds_of_page(self, page: bytes) -> list[tuple[str, str]]:
        """(address, media type) of every feed that a page offers."""
        (self.home / "page.html").write_bytes(page)
        lines = self.call("sh", "-c", "sfeed_web < page.html").splitlines()
        return [(address, media_type) for address, media_type in (line.split("\t") for line in lines)]


class SfeedWithEtags(Sfeed):
    """With the fetch that its manual gives for curl's etag options."""

    name = "sfeed-etags"
    conditional_from = 2
    fetch = (
        'fetch() {\n\tcurl -L --max-redirs 0 -H "User-Agent:" -f -s -m 15 '
        '--etag-save "$HOME/etags/$1" --etag-compare "$HOME/etags/$1" "$2"\n}\n'
    )


class Feedparser(FeedReader):
    """The library as its manual says: etag and modified handed back, the address replaced after a 301."""

    name = program = "feedparser"
    remembers_moves = True
    asks_for_deltas = True

    @classmethod
    def missing(cls) -> str:
        return ""

    def subscribe(self, addresses: Mapping[str, str]) -> None:
        self.addresses = dict(addresses)
        self.validators: dict[str, dict[str, str | None]] = {}
        self.entries: dict[Shown, str] = {}  # (feed, id) -> title
        self.bozo: list[object] = []

    def poll(self) -> None:
        for name, address in self.addresses.items():
            answer = feedparser.parse(address, **self.validators.get(name, {}))
            if answer.bozo and answer.status in (200, 226):
                self.bozo.append((address, answer.bozo_exception))
            if answer.status == 301:
                self.addresses[name] = answer.href
            if "etag" in answer:
                self.validators[name] = {"etag": answer.etag, "modified": answer.get("modified")}
            self.entries |= {(name, entry.id): entry.title for entry in answer.entries}

    def shown(self) -> list[Shown]:
        return [(name, title) for (name, _), title in self.entries.items()]


class Reader(FeedReader):
    """The library `reader`, in a process and an environment of its own.

    modified: how many entries each poll brought that it knew already, but otherwise.
    """

    name = program = "reader"
    formats = ("rss", "atom", "json")
    asks_for_deltas = True
    script = """
import json, sys
from reader import make_reader
reader = make_reader("reader.db")
for address in sys.argv[1:]:
    reader.add_feed(address, exist_ok=True)
modified = 0
for result in reader.update_feeds_iter(scheduled=False):
    print(result, file=sys.stderr)
    modified += result.updated_feed.modified if result.updated_feed else 0
shown = [(entry.feed_url, entry.title) for entry in reader.get_entries()]
json.dump({"modified": modified, "shown": shown}, open("told.json", "w"))
"""

    @classmethod
    def missing(cls) -> str:
        return "" if any(INSTALLED.glob("lib/python3*/site-packages/reader/__init__.py")) else "reader"

    def subscribe(self, addresses: Mapping[str, str]) -> None:
        self.names = {address: name for name, address in addresses.items()}
        self.modified: list[int] = []

    def poll(self) -> None:
        self.call(str(INSTALLED / "bin" / "python"), "-c", self.script, *self.names)
        self.told = json.loads((self.home / "told.json").read_text())
        self.modified.append(self.told["modified"])

    def shown(self) -> list[Shown]:
        return [(self.names[address], title) for address, title in self.told["shown"]]


class Rss2email(OpmlReader):
    """One mail an entry, into a Maildir. After a 301 it takes the new address, but does not write it down (3.14)."""

    name = "rss2email"
    program = "r2e"
    asks_for_deltas = True

    def subscribe(self, addresses: Mapping[str, str]) -> None:
        self.r2e("new", "reader@example.com")
        config = self.home / "config"
        text = config.read_text().replace("email-protocol = sendmail", "email-protocol = maildir")
        config.write_text(text.replace("maildir-path = ~/Maildir", f"maildir-path = {self.home / 'mail'}"))
        (self.home / "mail").mkdir()
        for name, address in addresses.items():
            self.r2e("add", name, address)

    def poll(self) -> None:
        self.r2e("run")

    def shown(self) -> list[Shown]:
        mails = _mails(self.home / "mail" / "INBOX")
        return [(mail["X-RSS-Feed"].rpartition(".")[2], mail["Subject"]) for mail in mails]

    def take_list(self, opml: bytes) -> str:
        self.r2e("new", "reader@example.com")
        self.r2e("opmlimport", self.saved(opml))
        return self.r2e("list")

    def r2e(self, *arguments: str) -> str:
        return self.call("r2e", "-VV", "-c", "config", "-d", "data", *arguments)


class Feed2exec(OpmlReader):
    """One mail an entry, into one Maildir a feed."""

    name = program = "feed2exec"
    remembers_moves = True

    def subscribe(self, addresses: Mapping[str, str]) -> None:
        self.names = tuple(addresses)
        for name, address in addresses.items():
            self.feed2exec("add", name, address, "--mailbox", str(self.home / "mail"))

    def poll(self) -> None:
        self.feed2exec("fetch")

    def shown(self) -> list[Shown]:
        return [(name, mail["Subject"]) for name in self.names for mail in _mails(self.home / "mail" / name)]

    def take_list(self, opml: bytes) -> str:
        self.feed2exec("import", self.saved(opml))
        return self.feed2exec("ls")

    def feed2exec(self, *arguments: str) -> str:
        return self.call("feed2exec", "--debug", "--config", "feeds.ini", "--database", "seen.db", *arguments)


def _mails(folder: Path) -> list[Message]:
    return [message_from_bytes(path.read_bytes(), policy=modern) for path in sorted(folder.glob("new/*"))]


READERS: tuple[type[FeedReader], ...] = (Newsboat, Sfeed, SfeedWithEtags, Feedparser, Reader, Rss2email, Feed2exec)
