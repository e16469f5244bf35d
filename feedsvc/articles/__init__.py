"""ARTICLES: what we hold true. A Draft becomes an Article with a permanent identity and an address."""
