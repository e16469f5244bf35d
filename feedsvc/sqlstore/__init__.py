"""The only folder with SQL: SQLAlchemy Core on SQLite or PostgreSQL.

`open_store(url)` in store.py is the way in; schema.py shows the tables; each noun has a file of its own.
"""
