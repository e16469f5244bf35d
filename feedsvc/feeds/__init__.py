"""FEEDS: articles as readers want them. Pure: articles in, bytes out, no clock, no request, no host."""
