"""DOCUMENTS: named bytes with a tag, replaced all at once."""
