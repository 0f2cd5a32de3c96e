"""The Kubernetes API, as far as a release needs it."""
