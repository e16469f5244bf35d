"""The first shape of the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("key", text, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("inode", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("article_id", text, nullable=False),
        sa.Column("base", text, nullable=False),
        sa.Column("file_date", sa.Integer),
        sa.Column("tier", text, nullable=False),
        sa.Column("vanished", sa.BigInteger),
        sa.Column("explicit", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("files_base", "files", ["base"])
    op.create_table(
        "articles",
        sa.Column("id", text, primary_key=True),
        sa.Column("identity", text, nullable=False),
        sa.Column("slug", text, nullable=False),
        sa.Column("title", text, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("path", text, nullable=False),
        sa.Column("canonical_url", text, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("in_feeds", sa.SmallInteger, nullable=False),
        sa.Column("digest", text, nullable=False),
        sa.Column("order_key", text, nullable=False),
        sa.Column("source_key", text, nullable=False),
        sa.Column("categories", text, nullable=False),
        sa.Column("date_only", sa.SmallInteger, nullable=False),
        sa.Column("excerpt_only", sa.SmallInteger, nullable=False),
        sa.Column("authors", text, nullable=False),
        sa.Column("tags", text, nullable=False),
        sa.Column("language", text, nullable=False),
        sa.Column("image", text, nullable=False),
        sa.Column("enclosures", text, nullable=False),
        sa.Column("summary", text, nullable=False),
    )
    op.create_index("articles_identity", "articles", ["identity"])
    op.create_index("articles_slug", "articles", ["slug"])
    op.create_index("articles_path", "articles", ["path"])
    op.create_index("articles_due", "articles", ["status", "published"])
    op.create_table(
        "bodies",
        sa.Column("article_id", text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "listings",
        sa.Column("article_id", text, primary_key=True),
        sa.Column("category", text, primary_key=True),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("order_key", text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "categories",
        sa.Column("slug", text, primary_key=True),
        sa.Column("title", text, nullable=False),
        sa.Column("changed", sa.BigInteger),
    )
    op.create_index("listings_newest", "listings", ["category", sa.text("published DESC"), "order_key"])
    op.create_table(
        "dirty",
        sa.Column("category", text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "counters",
        sa.Column("name", text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "documents",
        sa.Column("path", text, primary_key=True),
        sa.Column("edition", sa.BigInteger, nullable=False),
        sa.Column("etag", text, nullable=False),
        sa.Column("modified", sa.BigInteger, nullable=False),
        sa.Column("media_type", text, nullable=False),
        sa.Column("category", text, nullable=False),
        sa.Column("max_age", sa.Integer, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("gzip", sa.LargeBinary, nullable=False),
    )
    op.create_index("documents_edition", "documents", ["edition"])
    op.create_table(
        "deletions",
        sa.Column("path", text, primary_key=True),
        sa.Column("edition", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("deletions_edition", "deletions", ["edition"])
    op.create_table(
        "links",
        sa.Column("n", serial, primary_key=True),
        sa.Column("code", text, nullable=False),
        sa.Column("article_id", text, nullable=False),
    )
    op.create_index("links_code", "links", ["code"], unique=True)
    op.create_index("links_article", "links", ["article_id", "n"])
    op.create_table(
        "problems",
        sa.Column("n", serial, primary_key=True),
        sa.Column("key", text, nullable=False),
        sa.Column("severity", sa.SmallInteger, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("code", text, nullable=False),
        sa.Column("field", text, nullable=False),
        sa.Column("message", text, nullable=False),
        sa.Column("repair", text, nullable=False),
        sa.Column("params", text, nullable=False),
    )
    op.create_index("problems_key", "problems", ["key"])
    op.create_index("problems_order", "problems", ["severity", "key", "line"])
    op.create_table(
        "runs",
        sa.Column("id", text, primary_key=True),
        sa.Column("job", text, nullable=False),
        sa.Column("reason", text, nullable=False),
        sa.Column("asked_by", text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("slot", text, nullable=False),
        sa.Column("categories", text, nullable=False),
        sa.Column("started", sa.BigInteger),
        sa.Column("finished", sa.BigInteger),
        sa.Column("outcome", text, nullable=False),
        sa.Column("counts", text, nullable=False),
        sa.Column("message", text, nullable=False),
    )
    op.create_index("runs_created", "runs", ["created"])
    op.create_index("runs_outcome", "runs", ["outcome", "created"])
    op.create_table(
        "slots",
        sa.Column("job", text, primary_key=True),
        sa.Column("slot", text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "jobs",
        sa.Column("job", text, primary_key=True),
        sa.Column("last_run", sa.BigInteger),
        sa.Column("last_outcome", text, nullable=False),
        sa.Column("next_run", sa.BigInteger),
        sa.Column("message", text, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("name", text, primary_key=True),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("holder", text, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("leases_token", "leases", ["name", "token"], unique=True)
    op.create_table(
        "meta",
        sa.Column("name", text, primary_key=True),
        sa.Column("value", text, nullable=False),
    )
    op.bulk_insert(
        sa.table("counters", sa.column("name"), sa.column("value")),
        [{"name": "edition", "value": 0}, {"name": "dirty", "value": 0}],
    )
