"""AWS on this computer: moto's server with its holes filled (`shims`), whose memory survives `kill -9`."""
