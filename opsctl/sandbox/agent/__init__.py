"""The sample application: three ports, the way docs/app-contract.md asks for, and faults on request.

It runs in a minimal image as `python3 -m agent` and in a checkout as `python -m opsctl.sandbox.agent`. So it imports
only its own modules (relatively), the standard library and the part of `websockets` that 10.4 and later have.
"""
