"""Hold the sample stories: saved pages, a feed and a text dump with their pictures, all of it fiction.

The people, towns, outlets and events were invented for this package, the pictures were drawn for it
(`tests/samples/draw_pictures.py` in the source tree), and every address ends in `.example`, a name that leads
nowhere. `*.html` are pages as a browser saves them, with the clutter that real ones have; `feed.xml` is an RSS feed
that carries its stories whole; `dump.txt` is a page as people paste it, chrome and all. `night-ferry.html` and
`late-boat.html` tell the same event in the words of two outlets.
"""
