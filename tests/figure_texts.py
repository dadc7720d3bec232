"""The figures of an HTML page, and whether what is said about them says anything."""

import re
from html.parser import HTMLParser

_BOILERPLATE = re.compile(
    r"^\W*(no description( has been provided for this image)?|image|picture|figure|plot|graph|output|png|untitled|"
    r"an empty figure|figure size .*|<.*>|axes)?\W*$",
    re.IGNORECASE,
)


class Figures(HTMLParser):
    """Collects ``(alt, src)`` of every picture inside a page, not of badges; ``feed(html)``, then read ``pairs``."""

    def __init__(self):
        super().__init__()
        self.pairs = []

    @property
    def alts(self):
        return [alt for alt, _ in self.pairs]

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            attributes = dict(attrs)
            if attributes.get("src", "").startswith("data:"):
                self.pairs.append((attributes.get("alt"), attributes["src"]))


def is_meaningful(alt):
    """Return whether an alt text says what is to be seen: at least five words, and none of the usual phrases."""
    return len(alt.split()) >= 5 and not _BOILERPLATE.match(alt)
