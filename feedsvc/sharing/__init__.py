"""SHARE LINKS: short codes derived from an article's identity, and what they lead to."""
