"""AWS on this computer: moto's server, with its holes filled (`shims`) and a memory that survives `kill -9` (`snapshot`)."""
