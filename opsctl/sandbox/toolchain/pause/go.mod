// The pause program: it holds a pod's namespaces and does nothing else.
module opsctl.invalid/sandbox/pause

go 1.24.0
