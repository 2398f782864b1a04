"""Tell an error page, a log-in wall or a robot check from a story."""

from __future__ import annotations

import re

_ERROR = re.compile(
    r"\b(?:404|403|410|500|502|503)\b|page (?:not|can.?t be|could not be) found|not found|"
    r"no longer (?:available|exists)|"
    r"seite (?:wurde )?nicht gefunden|nicht (?:mehr )?verfügbar|page (?:introuvable|non trouvée)|"
    r"página no encontrada|"
    r"pagina non trovata|página não encontrada|sidan (?:kunde inte )?hittades|siden (?:ble|blev) ikke funnet|"
    r"pagina niet gevonden|nie znaleziono|ページが見つかりません|페이지를 찾을 수 없|"
    r"service unavailable|internal server error",
    re.I,
)
_ROBOT = re.compile(
    r"just a moment|are you (?:a robot|human)|not a robot|verify(?:ing)? (?:that )?you are|captcha|"
    r"access denied|"
    r"(?:enable|turn on|activate) (?:javascript|cookies)|unusual (?:traffic|activity)|attention required|"
    r"checking your browser|javascript (?:is )?(?:disabled|deaktiviert|required)",
    re.I,
)
_LOGIN = re.compile(
    r"^\W*(?:log ?in|sign ?in|anmelden|einloggen|connexion|se connecter|iniciar sesión|accedi|entrar|"
    r"logga in|logg inn|"
    r"inloggen|zaloguj|giriş yap)\b|(?:log ?in|sign ?in|subscribe|register) to (?:continue|read|"
    r"keep reading|view)",
    re.I,
)
_FEW_WORDS = 90


def find_wall(title: str, text: str) -> str | None:
    """Return why what was read is no story, as a sentence's end with advice; None where it may be one.

    Only a short text is suspected: a story about robots or about errors is longer.
    """
    if len(text.split()) >= _FEW_WORDS or len(text) >= 8 * _FEW_WORDS:
        return None
    both = f"{title}\n{text[:600]}"
    if _ROBOT.search(both):
        return "the site asks whether a person is reading. Save the page in a browser and read the file."
    if _LOGIN.search(title) or _LOGIN.search(text[:300]):
        return "it is a log-in page. Save the page in a browser where you are logged in, and read the file."
    if _ERROR.search(title) or (len(text.split()) < 40 and _ERROR.search(text)):
        return "it is an error page. Check the address."
    return None
