"""The only folder with SQL: SQLAlchemy Core on SQLite or PostgreSQL."""
