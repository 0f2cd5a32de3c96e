"""What the flows need from the world, each as a handful of methods. `tools` has the real ones, tests have fakes.

Every method that talks to the cluster may raise `Unreachable` (no answer in time: nothing is known) and
`ToolFailed` (an answer that says no).
"""
