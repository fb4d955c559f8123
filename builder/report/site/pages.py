"""The files of the site, by their names: pages, style, script and data."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from builder.model.digest import Digest
from builder.model.duration import show_duration
from builder.model.size import show_size
from builder.report.family import saved, words
from builder.report.family.data import data
from builder.report.family.text import markdown
from builder.report.family.values import Family, Member, State
from builder.report.site import history, sharing, views
from builder.report.site.fits import branches, fits

MARK = "family.json"
_ASSETS = ("style.css", "page.js")
_ODD = re.compile(r"[^A-Za-z0-9._+-]")


def pages(family: Family) -> Mapping[str, str]:
    """Every file of the site by its path. `index.html` is where it begins; `MARK` is in no other folder."""
    used = saved.uses(family)
    folder = files("builder.report.site") / "templates"
    assets = {name: (folder / name).read_text("utf-8") for name in _ASSETS}
    return MappingProxyType(
        {
            "index.html": _index(family),
            **{page(member): _image(member, family, used) for member in family.members},
            **assets,
            "family.js": f"const FAMILY = {_compact(_later(family))};\n",
            "family.md": markdown(family),
            MARK: _compact(data(family)),
        }
    )


def page(member: Member) -> str:
    """The path of a member's page. Names come from a registry, and must not lead out of the folder."""
    return f"images/{_ODD.sub('-', member.name)}.html"


def _index(family: Family) -> str:
    return _render(
        "index.html.j2",
        family=family,
        root="",
        rows=views.grid(family.members, family.now.date()),
        flavors=views.flavors(family.members),
        filters=views.filters(family.members),
        states=[state for state in State if family.count(state)],
        paths={member.name: page(member) for member in family.members},
        parts=sharing.sharing(family),
        charts=history.of_family(family),
        tiles=views.tiles(family),
        branches=branches(),
    )


def _later(family: Family) -> Mapping[str, object]:
    """What the front page's script asks for when the page stands: the list as HTML, and what runs where."""
    listed = _render(
        "list.html.j2", family=family, members=views.ordered(family.members), today=family.now.date()
    )
    return {"list": listed, "fits": fits(family)}


def _image(member: Member, family: Family, used: Mapping[Digest, int]) -> str:
    return _render(
        "image.html.j2",
        family=family,
        member=member,
        images=[(image, sharing.shares(image), saved.own(image, used)) for image in member.images],
        root="../",
        end=words.end(member, family.now.date()),
        charts=history.of_member(member),
        changes=[(r, c) for r in reversed(family.releases) for c in r.changes if c.target == member.name],
    )


def _render(template: str, **context: object) -> str:
    return _environment().get_template(template).render(views=views, words=words, page=page, **context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("builder.report.site"),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["size"] = show_size
    environment.filters["duration"] = show_duration
    return environment


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
