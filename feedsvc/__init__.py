"""feedsvc: a folder of posts becomes feeds, share links and pages that are always fresh.

The path of an article, and of the folders of this package:

    content      a file is found, read and parsed         -> Draft, or Problems
    articles     the draft becomes what we hold true      -> Article
    feeds        articles are put together and rendered   -> Feed -> bytes
    publishing   named bytes replace each other at once   -> Document
    sharing      names that lead to articles for ever     -> ShareLink
    web          serves documents, links, pages, the API

pipeline/ tells the plot, scheduling/ says when and who leads, sqlstore/ remembers, bootstrap.py joins them.
"""

__version__ = "0.1.0"
