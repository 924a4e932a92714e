"""A carrier that lives on your laptop: a fake SMS gateway and a fake SMSC over one deterministic engine."""

__version__ = "0.1.0"
