"""Measurements of feedsvc against named peers, in one run on one machine: ratios, not absolute figures."""
