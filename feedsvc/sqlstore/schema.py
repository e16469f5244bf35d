"""The tables, as SQLAlchemy Core sees them; migrations/ brings a database to this shape (a test compares the two).

One shape for both databases: instants are whole microseconds since 1970 UTC (BIGINT, negative before), days are
proleptic ordinals, truth values are 0 and 1, lists and mappings are JSON text ("" when empty), large texts are zlib.
Texts compare by code point: SQLite's BINARY, PostgreSQL's collation "C".
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text

REVISION = "0003"  # the newest migration, so that an up-to-date database is recognised without alembic

metadata = MetaData()
text = Text().with_variant(Text(collation="C"), "postgresql")
serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in a column of type INTEGER

files = Table(
    "files",
    metadata,
    Column("key", text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),  # as signed 64 bits
    Column("digest", LargeBinary, nullable=False),
    Column("article_id", text, nullable=False),
    Column("base", text, nullable=False),
    Column("file_date", Integer),
    Column("tier", text, nullable=False),
    Column("vanished", BigInteger),
    Column("explicit", SmallInteger, nullable=False),
    Index("files_base", "base"),
    sqlite_with_rowid=False,  # read whole in the order of `key`, page by page
)

articles = Table(
    "articles",
    metadata,
    Column("id", text, primary_key=True),
    Column("identity", text, nullable=False),
    Column("slug", text, nullable=False),
    Column("title", text, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("path", text, nullable=False),
    Column("canonical_url", text, nullable=False),
    Column("status", SmallInteger, nullable=False),  # 0 published, 1 withdrawn
    Column("in_feeds", SmallInteger, nullable=False),
    Column("digest", text, nullable=False),
    Column("order_key", text, nullable=False),
    Column("source_key", text, nullable=False),
    Column("categories", text, nullable=False),
    Column("date_only", SmallInteger, nullable=False),
    Column("excerpt_only", SmallInteger, nullable=False),
    Column("authors", text, nullable=False),
    Column("tags", text, nullable=False),
    Column("language", text, nullable=False),
    Column("image", text, nullable=False),
    Column("enclosures", text, nullable=False),
    Column("summary", text, nullable=False),
    Column("text_digest", text, nullable=False, server_default=""),
    Column("image_type", text, nullable=False, server_default=""),
    Column("image_length", BigInteger),
    Column("source", text, nullable=False, server_default=""),
    Index("articles_identity", "identity"),
    Index("articles_slug", "slug"),
    Index("articles_path", "path"),
    Index("articles_due", "status", "published"),
)

# The text of an article by itself, so that lists and stamps never read it.
bodies = Table(
    "bodies",
    metadata,
    Column("article_id", text, primary_key=True),
    Column("content", LargeBinary, nullable=False),  # zlib of the UTF-8 content_html
)

# What readers are shown: one row per category of each article that is published and in feeds, and one for SITE ("").
listings = Table(
    "listings",
    metadata,
    Column("article_id", text, primary_key=True),
    Column("category", text, primary_key=True),
    Column("published", BigInteger, nullable=False),
    Column("order_key", text, nullable=False),
    sqlite_with_rowid=False,
)
Index("listings_newest", listings.c.category, listings.c.published.desc(), listings.c.order_key)

categories = Table(
    "categories",
    metadata,
    Column("slug", text, primary_key=True),
    Column("title", text, nullable=False),
    Column("changed", BigInteger),
    Column("edition", BigInteger, nullable=False, server_default="0"),
    Column("touched", BigInteger, nullable=False, server_default="0"),  # whole seconds
    Index("categories_edition", "edition"),
)

# The same as listings for tags and authors ("tag:economy"), filled only when their feeds are switched on.
labels = Table(
    "labels",
    metadata,
    Column("article_id", text, primary_key=True),
    Column("label", text, primary_key=True),
    Column("published", BigInteger, nullable=False),
    Column("order_key", text, nullable=False),
    sqlite_with_rowid=False,
)
Index("labels_newest", labels.c.label, labels.c.published.desc(), labels.c.order_key)

# When something last changed on a day of a category, or under a label.
marks = Table(
    "marks",
    metadata,
    Column("scope", text, primary_key=True),
    Column("name", text, primary_key=True),
    Column("changed", BigInteger, nullable=False),  # whole seconds
    sqlite_with_rowid=False,
)

removals = Table(
    "removals",
    metadata,
    Column("category", text, primary_key=True),
    Column("article_id", text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What is in each category's feed as published, for the change guard.
outlines = Table(
    "outlines",
    metadata,
    Column("category", text, primary_key=True),
    Column("entries", LargeBinary, nullable=False),  # zlib
)

holds = Table(
    "holds",
    metadata,
    Column("category", text, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("reason", text, nullable=False),
    Column("counts", text, nullable=False),
    Column("examples", text, nullable=False),
)

# What was in earlier versions of documents, for deltas.
past = Table(
    "past",
    metadata,
    Column("path", text, primary_key=True),
    Column("etag", text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("entries", LargeBinary, nullable=False),  # zlib
)

dirty = Table(
    "dirty",
    metadata,
    Column("category", text, primary_key=True),
    Column("version", BigInteger, nullable=False),
)

# "edition" and "dirty": numbers that only grow. The row "edition" is also what PostgreSQL's writers queue up at.
counters = Table(
    "counters",
    metadata,
    Column("name", text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("path", text, primary_key=True),
    Column("edition", BigInteger, nullable=False),
    Column("etag", text, nullable=False),
    Column("modified", BigInteger, nullable=False),  # whole seconds
    Column("media_type", text, nullable=False),
    Column("category", text, nullable=False),
    Column("max_age", Integer, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("links", text, nullable=False, server_default=""),
    Column("gzip", LargeBinary, nullable=False),  # last: SQLite reads the columns before it without its pages
    Index("documents_edition", "edition"),
)

deletions = Table(
    "deletions",
    metadata,
    Column("path", text, primary_key=True),
    Column("edition", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("deletions_edition", "edition"),
)

# Claims of names: one name may be claimed by several articles, see feedsvc/store/reader.py, `link`.
links = Table(
    "links",
    metadata,
    Column("code", text, primary_key=True),
    Column("article_id", text, primary_key=True),
    Column("kind", SmallInteger, nullable=False),  # sharing/link.py LinkKind
    Index("links_article", "article_id", "kind"),
    Index("links_kind", "kind", "code"),
    sqlite_with_rowid=False,
)

clicks = Table(
    "clicks",
    metadata,
    Column("code", text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("visitor", SmallInteger, primary_key=True),  # sharing/click.py Visitor
    Column("count", BigInteger, nullable=False),
    Index("clicks_day", "day"),
    sqlite_with_rowid=False,
)

referrers = Table(
    "referrers",
    metadata,
    Column("code", text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("host", text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Index("referrers_day", "day"),
    sqlite_with_rowid=False,
)

misses = Table(
    "misses",
    metadata,
    Column("name", text, primary_key=True),
    Column("people", BigInteger, nullable=False),
    Column("robots", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Index("misses_rank", "people", "robots"),
)

# Articles whose words are not in the search index, or not the present ones.
unindexed = Table("unindexed", metadata, Column("article_id", text, primary_key=True))

# The rows of the search index. n grows with the publication: SQLite's FTS5 gives the newest first by itself. The words
# are in `words`, which each database makes in its own way (migration 0003): FTS5 there, words with GIN here.
searchable = Table(
    "searchable",
    metadata,
    Column("n", serial, primary_key=True, autoincrement=False),
    Column("article_id", text, nullable=False),
    Index("searchable_article", "article_id", unique=True),
)

problems = Table(
    "problems",
    metadata,
    Column("n", serial, primary_key=True),
    Column("key", text, nullable=False),
    Column("severity", SmallInteger, nullable=False),  # 0 error, 1 warning, 2 note
    Column("line", Integer, nullable=False),
    Column("code", text, nullable=False),
    Column("field", text, nullable=False),
    Column("message", text, nullable=False),
    Column("repair", text, nullable=False),
    Column("params", text, nullable=False),
    Index("problems_key", "key"),
    Index("problems_order", "severity", "key", "line"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", text, primary_key=True),
    Column("job", text, nullable=False),
    Column("reason", text, nullable=False),
    Column("asked_by", text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("slot", text, nullable=False),
    Column("categories", text, nullable=False),
    Column("started", BigInteger),
    Column("finished", BigInteger),
    Column("outcome", text, nullable=False),
    Column("counts", text, nullable=False),
    Column("message", text, nullable=False),
    Index("runs_created", "created"),
    Index("runs_outcome", "outcome", "created"),
)

slots = Table(
    "slots",
    metadata,
    Column("job", text, primary_key=True),
    Column("slot", text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

jobs = Table(
    "jobs",
    metadata,
    Column("job", text, primary_key=True),
    Column("last_run", BigInteger),
    Column("last_outcome", text, nullable=False),
    Column("next_run", BigInteger),
    Column("message", text, nullable=False),
)

# (name, token) is unique beside the key for the sake of PostgreSQL's row locks: see leases.py.
leases = Table(
    "leases",
    metadata,
    Column("name", text, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("holder", text, nullable=False),  # "" while free
    Column("expires", BigInteger, nullable=False),
    Index("leases_token", "name", "token", unique=True),
)

meta = Table(
    "meta",
    metadata,
    Column("name", text, primary_key=True),
    Column("value", text, nullable=False),
)
