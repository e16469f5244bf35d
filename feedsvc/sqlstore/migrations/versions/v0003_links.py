"""Share links that several articles may claim, clicks, names that lead nowhere, and the search index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.drop_index("links_code", "links")
    op.drop_index("links_article", "links")
    op.rename_table("links", "links_before")
    op.create_table(
        "links",
        sa.Column("code", text, primary_key=True),
        sa.Column("article_id", text, primary_key=True),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO links (code, article_id, kind) SELECT code, article_id, 0 FROM links_before")
    op.drop_table("links_before")
    op.create_index("links_article", "links", ["article_id", "kind"])
    op.create_index("links_kind", "links", ["kind", "code"])
    op.create_table(
        "clicks",
        sa.Column("code", text, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("visitor", sa.SmallInteger, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("clicks_day", "clicks", ["day"])
    op.create_table(
        "referrers",
        sa.Column("code", text, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("host", text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("referrers_day", "referrers", ["day"])
    op.create_table(
        "misses",
        sa.Column("name", text, primary_key=True),
        sa.Column("people", sa.BigInteger, nullable=False),
        sa.Column("robots", sa.BigInteger, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_index("misses_rank", "misses", ["people", "robots"])
    op.create_table("unindexed", sa.Column("article_id", text, primary_key=True))
    op.create_table(
        "searchable",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("article_id", text, nullable=False),
    )
    op.create_index("searchable_article", "searchable", ["article_id"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE words USING fts5(tokens, content='', columnsize=0, detail=none, tokenize='ascii')"
        )
    else:
        op.create_table(
            "words",
            sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("tokens", text, nullable=False),
        )
        # A tsvector in the table would take twice the room of the words as text; a long list of what is not in the
        # index yet would have to be read by every search; statistics would tempt the planner to do without the index.
        op.execute(
            "CREATE INDEX words_tokens ON words USING gin (array_to_tsvector(string_to_array(tokens, ' ')))"
            " WITH (gin_pending_list_limit = 512)"
        )
        op.execute("ALTER INDEX words_tokens ALTER COLUMN 1 SET STATISTICS 0")
    op.execute("INSERT INTO unindexed (article_id) SELECT id FROM articles")
