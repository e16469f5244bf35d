"""`gunicorn wsgi:app` serves what is published. It never publishes: that is what `feedsvc publisher` is for."""

from feedsvc.cli.application import application_alone

app = application_alone()
