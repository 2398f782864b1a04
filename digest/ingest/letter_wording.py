"""The wording of what newsletters say about themselves, in the languages that newsletters are written in."""

from __future__ import annotations

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.I)


VIEW = _any(
    r"\b(?:view|read|open|see|display)\b.{0,40}\b(?:in|on) (?:a |an |the |your |you )?(?:web ?)?browser",
    r"\b(?:view|read|open|see)\b(?: \w+){0,3} (?:online|on the web|on our (?:web)?site)\b",
    r"\b(?:web|browser|online)[ -]?version\b",
    r"\bim browser\b",
    r"\bonline (?:ansehen|lesen|anzeigen|öffnen|bekijken|lezen)\b",
    r"\bdans (?:votre|le|un|mon) navigateur\b",
    r"\bversion (?:en ligne|web)\b",
    r"\ben (?:tu|su|el|un) navegador\b",
    r"\bver (?:en línea|online)\b",
    r"\bversión (?:web|online|en línea)\b",
    r"\bnel (?:tuo |suo )?browser\b",
    r"\bversione (?:web|online)\b",
    r"\bno (?:seu |teu )?navegador\b",
    r"\bversão (?:web|online)\b",
    r"\bin (?:je|uw|de) (?:web)?browser\b",
    r"\bi (?:din |en |)(?:webbläsare|webbläsaren|browser|nettleser|nettleseren)\b",
    r"\bwebb?versi(?:on|onen)\b",
    r"\bselaimessa\b",
    r"\bw przeglądarce\b",
    r"\bv prohlížeči\b",
    r"\bв браузере\b",
    r"ブラウザで",
    r"浏览器|瀏覽器",
    r"브라우저",
    r"المتصفح",
    r"בדפדפן",
)
"""A link to the same letter on the web."""

LEAVE = _any(
    r"\bunsubscribe\b",
    r"\bopt[ -]?out\b",
    r"\b(?:email|subscription|mail) preferences\b",
    r"\b(?:manage|update|change) (?:your |my |)(?:email |)(?:subscriptions?|preferences|settings|profile)\b",
    r"\bstop receiving\b",
    r"\babmelden\b|\babbestellen\b|\baustragen\b|\babmeldung\b",
    r"\bse désabonner|\bdésabonne|\bdésinscri|\bme désinscrire",
    r"\bdar(?:se|te|me)? de baja\b|\bcancelar (?:la |tu |su |)suscripción|\bdesuscrib|\banular (?:la |)suscripción",
    r"\bannulla (?:l['’])?iscrizione|\bcancella(?:ti|rsi|re)?\b.{0,30}\b(?:newsletter|lista|iscrizione)|\bdisiscri",
    r"\bcancelar (?:a |)(?:inscrição|subscrição|assinatura)|\bdescadastr|\bremover.{0,20}lista\b",
    r"\bafmelden\b|\buitschrijven\b",
    r"\bavregistrera|\bavprenumer|\bavanmäl|\bavsluta (?:din |)prenumeration",
    r"\bafmeld|\bmeld deg av\b|\bavmeld|\bperu(?:uta|a)? (?:uutiskir|tilau)",
    r"\bwypisz|\bzrezygn|\bodhlás|\bleiratkoz|\bdezabon|\bodjav",
    r"отписаться|отказаться от рассылки|відписатися",
    r"配信停止|登録解除|购?退订|取消订阅|取消訂閱|수신 ?거부|구독 ?(?:취소|해지)",
    r"إلغاء الاشتراك|הסרה מרשימת|להסרה",
    r"\babonelikten\b|\bhủy đăng ký\b|\bberhenti berlangganan\b",
)
"""A way out of the list."""

ABOUT = _any(
    r"©|\(c\) ?(?:19|20)\d\d|\bcopyright\b|\ball rights reserved\b",
    r"\balle rechte vorbehalten\b|\btous droits réservés\b",
    r"\byou(?:'re|’re| are) (?:receiving|getting) (?:this|our)\b|\byou (?:receive|received|get|got) this\b",
    r"\b(?:because|since) you (?:signed|subscribed)|\bwhy did i get\b",
    r"\bthis (?:e-?mail|message|newsletter|letter) (?:was|has been|is) (?:sent|intended)\b",
    r"\b(?:our|mailing|postal) (?:mailing |postal )?address (?:is)?\b",
    r"\b(?:was this|someone|friend).{0,30}\bforward",
    r"\badd us to your address book\b|\bprivacy (?:policy|notice|statement)\b|\bterms of (?:use|service)\b",
    r"\bsie (?:erhalten|bekommen) dies|\bdiese (?:e-?mail|nachricht) wurde\b|\bimpressum\b|\bdatenschutz",
    r"\bvous (?:recevez|avez reçu) ce|\bmentions légales\b|\bconfidentialité\b",
    r"\b(?:recibes|recibe|recibió|has recibido) est[ea]|\baviso legal\b|\bprivacidad\b",
    r"\b(?:ricevi|hai ricevuto) quest|\binformativa\b|\b(?:recebe|recebeu) est[ea]",
    r"\b(?:je|u) ontvangt de|\bdu (?:får|modtager|mottar) |\bsaat tämän\b|\botrzymujesz\b",
    r"вы получили это|このメールは|本邮件|이 메일은",
)
"""What stands around the way out: why the letter came, and whose it is."""

OWNER = re.compile(r"\W*(?:©|\(c\) ?\d|copyright\b)", re.I)
"""A line that says whose the letter is, wherever it stands."""

PLACE = _any(
    r"\bp\.? ?o\.? box\b|\bpostfach\b|\bcasella postale\b|\bapartado\b",
    r"\b(?:street|st\.|avenue|ave\.?|road|rd\.|boulevard|blvd|suite|floor|square|lane|drive|way)\b.{0,60}\d{4}",
    r"\d.{0,60}\b(?:street|avenue|road|boulevard|suite|square|lane|drive|rue|calle|via|plaza|straat|platz|gatan)\b",
    r"(?:straße|strasse|str\.|gasse|weg|straat|gatan|vägen|katu)\s*\d",
    r"\b[A-Z]{2} \d{5}\b|\b\d{5} [A-ZÄÖÜ][a-zäöü]+",
)
"""A postal address."""
