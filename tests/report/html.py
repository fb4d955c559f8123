"""What an HTML page refers to."""

from html.parser import HTMLParser


class Links(HTMLParser):
    """What a page refers to, and where in it one can jump to; `loaded` is what a browser fetches at once.

    `elements` counts its elements.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.elements = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements += 1
        for name, value in attributes:
            if name in ("href", "src", "action", "srcset", "poster") and value:
                self.found.append(value)
                if tag != "a":
                    self.loaded.append(value)
            if name == "id" and value:
                assert value not in self.ids, f"the id {value} stands twice"
                self.ids.add(value)
