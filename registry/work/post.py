"""What a deed needs to write mails: the keys that seal their text, and the address their links begin with."""

from dataclasses import dataclass

from registry.work.seal import Keys


@dataclass(frozen=True, slots=True)
class Post:
    """How mails are written.

    Attributes:
        public_url: what every link begins with, without a slash at its end.
    """

    keys: Keys
    public_url: str
