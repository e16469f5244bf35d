"""Run by alembic; the caller (sqlstore/migrate.py) hands over a connection inside a transaction it holds itself."""

from __future__ import annotations

from alembic import context

from feedsvc.sqlstore.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
