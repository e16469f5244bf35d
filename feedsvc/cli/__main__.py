"""`python -m feedsvc.cli`: the same as the command feedsvc."""

from feedsvc.cli.main import main

main()
