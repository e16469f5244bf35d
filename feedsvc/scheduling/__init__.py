"""WHEN: one leader of many, and the jobs it runs. Knows no stage: jobs are named callables handed to it."""
