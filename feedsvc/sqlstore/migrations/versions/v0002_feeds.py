"""What feeds beyond the window need: archives, labels, removals, the change guard, deltas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("articles", sa.Column("text_digest", text, nullable=False, server_default=""))
    op.add_column("articles", sa.Column("image_type", text, nullable=False, server_default=""))
    op.add_column("articles", sa.Column("image_length", sa.BigInteger))
    op.add_column("articles", sa.Column("source", text, nullable=False, server_default=""))
    op.add_column("categories", sa.Column("edition", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("categories", sa.Column("touched", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("categories_edition", "categories", ["edition"])
    op.add_column("documents", sa.Column("links", text, nullable=False, server_default=""))
    op.create_table(
        "labels",
        sa.Column("article_id", text, primary_key=True),
        sa.Column("label", text, primary_key=True),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("order_key", text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("labels_newest", "labels", ["label", sa.text("published DESC"), "order_key"])
    op.create_table(
        "marks",
        sa.Column("scope", text, primary_key=True),
        sa.Column("name", text, primary_key=True),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "removals",
        sa.Column("category", text, primary_key=True),
        sa.Column("article_id", text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outlines",
        sa.Column("category", text, primary_key=True),
        sa.Column("entries", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "holds",
        sa.Column("category", text, primary_key=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("reason", text, nullable=False),
        sa.Column("counts", text, nullable=False),
        sa.Column("examples", text, nullable=False),
    )
    op.create_table(
        "past",
        sa.Column("path", text, primary_key=True),
        sa.Column("etag", text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("entries", sa.LargeBinary, nullable=False),
    )
