"""The load meter: constant traffic against one address, and an exact account of what became of it.

    python -m opsctl.sandbox.load --api-port 30080 --ws-port 30081 --rate 300 --kept 100 --agents 100 --duration 60

It works by a schedule and not by answers: a slow service gets the same requests as a fast one. It never retries, so
each thing that a user would have noticed is in the report.

    schedule ─▶ fresh (a new connection each) ─┐
             └▶ kept (a few kept connections) ─┼─▶ tally ─▶ report
    agents (WebSockets that come back) ────────┘
"""
