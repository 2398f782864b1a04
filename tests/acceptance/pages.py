"""Pages that tests serve or save: a headline, a picture with its words, paragraphs."""

from __future__ import annotations

import io
from html import escape

from PIL import Image

from tests.acceptance.conftest import Site

TEXT = (
    "The harbour bridge stays closed until Friday, the council said on Monday.",
    "Engineer Rosa Linden found 14 cracks in the eastern pier during an inspection on 3 November.",
    "The council has set aside $2.5 million for repairs, which it expects to take nine weeks.",
    "Ferries carry walkers and cyclists meanwhile, every twenty minutes from the fish market.",
    "“Nobody likes a detour, and this one is long,” Linden told the council's meeting.",
    "Shopkeepers on Wharf Street asked for a second crossing in the evening hours.",
    "The bridge opened in 1931 and was widened once, after the flood of 1974.",
)


OTHER_TEXTS = (
    TEXT,
    (
        "A river otter was seen in the old canal on Sunday, for the first time since 1988.",
        "Lock keeper Emil Karst filmed it eating a crayfish below the paper mill.",
        "Biologists had cleaned the water there for a decade without hoping for so much.",
        "Anglers grumble that the animal empties their best pools before breakfast.",
        "“It looked at me as if I were the guest,” Karst said.",
    ),
    (
        "The town library will keep its doors open on Sundays from January, its board decided.",
        "Students had collected 3,100 signatures for quiet desks at weekends.",
        "Director Mina Sorrel plans readings for children at eleven and chess in the afternoon.",
        "Two new librarians join the staff, paid from a bequest of a retired teacher.",
        "Loans have risen by a fifth since the fines were given up.",
    ),
    (
        "All trams of line 6 get rubber-sprung wheels, so that nights on Mill Lane become quieter.",
        "Mechanics in the depot change one carriage a week until midsummer.",
        "Measurements showed 71 decibels at the sharp curve beside the hospital.",
        "Driver Paulo Renner compares the ride to a boat on a calm lake.",
        "The manufacturer lends a spare carriage, painted orange, for the while.",
    ),
)


def picture_bytes(color: str = "teal") -> bytes:
    """Return a JPEG large enough for the first story."""
    made = io.BytesIO()
    Image.new("RGB", (1300, 800), color).save(made, "JPEG")
    return made.getvalue()


def story_page(headline: str, figure: str, *, text: tuple[str, ...] = TEXT) -> str:
    """Return a page with one story."""
    paragraphs = "".join(f"<p>{escape(one)}</p>" for one in text)
    return (
        f'<html lang="en"><head><title>{escape(headline)}</title></head><body><article>'
        f"<h1>{escape(headline)}</h1>{figure}{paragraphs}</article></body></html>"
    )


def figure(name: str, *, caption: str = "", credit: str = "", alt: str = "") -> str:
    """Return a picture with its words as a page holds them."""
    marked = f'<span class="credit">Photo: {escape(credit)}</span>' if credit else ""
    words = f"<figcaption>{escape(caption)} {marked}</figcaption>" if caption or credit else ""
    image = f'<img src="/{name}" alt="{escape(alt)}" width="1300" height="800">'
    return f"<figure>{image}{words}</figure>"


def serve_stories(site: Site, credits: dict[str, str]) -> str:
    """Serve a story for each of at most four headlines, its picture credited so; return their source's table."""
    addresses = []
    for number, (headline, credit) in enumerate(credits.items()):
        site.put(f"/{number}.jpg", picture_bytes(), "image/jpeg")
        figured = figure(f"{number}.jpg", caption=f"What is seen at {headline}.", credit=credit)
        page = story_page(headline, figured, text=OTHER_TEXTS[number])
        addresses.append(site.put(f"/{number}.html", page))
    urls = ", ".join(f'"{address}"' for address in addresses)
    return f'[[sources]]\nname = "served"\nkind = "pages"\nurls = [{urls}]\n'
