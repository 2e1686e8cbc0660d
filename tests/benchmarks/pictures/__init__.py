"""Measures what pictures cost and how good they are: this program beside every installed peer.

    python -m tests.benchmarks.pictures [FOLDER] [--json FILE] [--chart FILE.svg]

In one run and interleaved, photograph by photograph, so that whatever else the machine does falls
upon all of them alike. `tools` says what is compared, `worker` and `sharp.mjs` run the tools that
are libraries in a process of their own, `commands` runs those that are commands, `judge` compares
what came out with a reference, `report` and `chart` show it, `scaling` counts workers.
"""
