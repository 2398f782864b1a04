"""Write strings as TOML has them."""

from __future__ import annotations

import json


def toml_string(text: str) -> str:
    """Return a basic string; JSON's escapes are TOML's, except that a DEL may not stand bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
