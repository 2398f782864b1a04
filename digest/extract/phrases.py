"""Know the wording of what stands around a story: advertisements, sign-up forms, consent, pointers to others.

General wording in the languages of news pages; no outlet's own. Each pattern is meant for a short line.
Those that are searched for anywhere in a line are for text in lower case: ignoring case is four times slower.
"""

from __future__ import annotations

import re
from functools import lru_cache

AD_LABEL = re.compile(
    r"^\W*(?:(?:article|story|content|post) continues (?:below|after)\b.*|continue reading below.*|"
    r"advertisements?|"
    r"advertising|adverts?|ad|ads|annonser?|anuncios?|publicidad|publicidade|publicité|pubblicità|"
    r"reklame?|reklama|werbung"
    r"(?: überspringen)?|anzeigen?|sponsored(?: content)?|sponsor[ií]sé|skip (?:ad|advertisement|"
    r"promotion.*)|"
    r"annonsørinnhold|inhalt (?:wird )?nach der werbung.*|(?:after|past) (?:the )?(?:newsletter )?promotion|"
    r"don.t want to see this\? remove ads|광고|広告|廣告|广告|quảng cáo|реклама|inzerce|ilan)\W*$",
    re.I,
)
POINTER = re.compile(
    r"^\W*(?:read (?:more|also|next|the full|full)|also read|see also|more:|more on this|related:|"
    r"watch(?: more| also| now)?:|listen:|"
    r"don.t miss|up next|click here|tap here|recommended|lesen sie|lies auch|mehr (?:zum thema|dazu|"
    r"infos?|lesen)|"
    r"auch interessant|hier lesen sie|lesetipp|passend dazu|siehe auch|lire aussi|lire (?:la suite|plus)|"
    r"à lire|voir aussi|"
    r"leer (?:más|también)|lee también|te puede interesar|más información|ver también|leggi anche|"
    r"guarda anche|"
    r"leia (?:mais|também)|les også|les mer|läs (?:mer|även|också)|læs også|lees (?:ook|meer)|"
    r"czytaj (?:też|więcej|także)|"
    r"zobacz (?:też|także)|čtěte také|přečtěte si|ilgili haber|читайте (?:также|ещё)|читайте також|関連記事|"
    r"あわせて読みたい|"
    r"관련기사|xem thêm|延伸閱讀|相关阅读)\b",
    re.I,
)
RELATED_HEADING = re.compile(
    r"^\W*(?:(?:read )?more (?:on|from|in|stories|news|about|to read|top stories|trending)\b.*|"
    r"related(?: (?:stories|articles|posts|news|"
    r"topics|content|coverage|links|video))?|(?:most|top) (?:read|popular|viewed|shared|stories)\b.*|"
    r"filed under\b.*|recommended(?: (?:for you|stories|reading))?|"
    r"you (?:may|might) (?:also )?(?:like|be interested)\b.*|trending(?: now)?|latest(?: (?:news|stories|"
    r"videos?))?|editor.?s.? picks?|"
    r"what to read next|read next|(?:next|previous) (?:story|article|post)|nächster artikel|"
    r"article suivant|around the web|from the web|elsewhere|keep reading|also (?:on|in)\b.*|topics|"
    r"themen|tags|"
    r"mehr (?:zum thema|von|aus|zu)\b.*|meistgelesen\w*|meist gelesen|weitere (?:artikel|themen|"
    r"nachrichten|meldungen)\b.*|"
    r"das könnte (?:sie|dich).*|auch interessant|empfehlungen|top-?themen|neueste.*|"
    r"aktuelle (?:nachrichten|meldungen)|"
    r"à lire aussi|sur le même sujet|les plus lus|dans la même rubrique|contenus? similaires?|voir plus|"
    r"noticias relacionadas|lo más (?:leído|visto)|más noticias|te puede interesar|relacionad[oa]s|"
    r"leggi anche|articoli correlati|i più letti|potrebbe interessarti|notícias relacionadas|mais lidas|"
    r"veja também|"
    r"(?:lesen sie|lies|hier lesen sie) auch|read also|also read|see also|lire aussi|lee también|"
    r"اقرأ أيضا?ً?|مواضيع ذات صلة|الأكثر قراءة|"
    r"les også|mest lest|läs också|mest läst|mer om|lees ook|meest gelezen|najczęściej czytane|"
    r"související.*|nejčtenější.*|"
    r"en çok okunan\w*|ilgili haberler|関連(?:記事|ニュース)|ランキング|"
    r"관련 ?(?:기사|뉴스)|많이 본.*|"
    r"tin liên quan|相關新聞|热门.*)\W*$",
    re.I,
)
COMMENTS = re.compile(
    r"^\W*(?:(?:all |view |show |post a |leave a |join the )?(?:\d+ )?(?:comments?|conversation|"
    r"discussion|kommentare?|commentaires?|comentarios|"
    r"commenti|kommentarer|reacties|komentarze|yorumlar|diskuse|комментарии|コメント|댓글)(?: \(?\d+\)?)?|"
    r"leave a reply|"
    r"(?:be the first|sign in|log in) to comment.*|(?:diskutieren|kommentieren) sie.*|"
    r"view the discussion thread|"
    r"lascia un commento|(?:deixe|deja) (?:um|o seu|seu|un|tu) coment[aá]rio|laisse[rz] un commentaire|"
    r"schreibe einen kommentar|"
    r"(?:legg igjen|skriv|lämna) en kommentar|dodaj komentarz|leave a comment|tell us what you think.*|"
    r"comentários?|"
    r"devi essere connesso per inviare un commento|"
    r"(?:sie können|you (?:must|can|need to)|please|bitte)\b.{0,60}\b(?:kommentieren|comment)\b.*)\W*$",
    re.I,
)
SIGN_UP = re.compile(
    r"newsletter|sign(?:ing)? up|signing up|subscri(?:be|ption)|your (?:inbox|email)|e-?mail address|"
    r"right to your inbox|"
    r"abonnieren|jetzt abo|im abo|probeabo|abo abschließen|anmelden|registrier|s.abonner|abonnez|abonnés|"
    r"inscri(?:vez|ption)|"
    r"suscr[ií]b|bolet[ií]n|iscriviti|abbonati|inscreva|assine|abonner|prenumerera|nieuwsbrief|"
    r"zapisz się|abone ol|"
    r"create (?:a )?(?:free )?account|log ?in|sign ?in|already a (?:member|subscriber)|follow us|"
    r"download (?:the|our) app|"
    r"notifications?|whatsapp|telegram|support (?:us|our)|donate|become a member|google news",
)
CONSENT = re.compile(
    r"terms (?:of (?:service|use)|and conditions|& conditions)|privacy (?:policy|notice)|cookie|"
    r"datenschutz|einwilligung|"
    r"zustimmung|personenbezogene|widerruf|consent|unsubscribe|opt[ -]out|recaptcha|(?:we|"
    r"and our partners) use your|"
    r"marketing (?:messages|emails)|politique de confidentialité|données personnelles|política de privacidad|"
    r"informativa|trattamento dei dati|personvern|gizlilik|externe[rn]? inhalte?|"
    r"empfohlener redaktioneller inhalt",
)
LEGAL = re.compile(
    r"^\W*(?:©|copyright|\(c\)\s|all rights reserved|alle rechte vorbehalten|tous droits réservés|"
    r"todos los derechos)|"
    r"all rights reserved|alle rechte vorbehalten|may not be (?:published|reproduced)|rechte am artikel|"
    r"registered (?:trademark|in england)|無断転載|무단 ?전재|todos los derechos reservados|tous droits réservés|"
    r"riproduzione riservata|جميع الحقوق محفوظة|כל הזכויות שמורות",
)
SHARE = re.compile(
    r"^\W*(?:share(?:d)?(?: (?:this|on|to|via|article|save|options)\b.*)?|save|print|listen|comments?|"
    r"copy(?: link)?|link copied.*|copied|"
    r"click to copy|facebook|twitter|x|whatsapp|e-?mail|linkedin|reddit|pinterest|flipboard|telegram|"
    r"bluesky|threads|"
    r"teilen|merken|drucken|vorlesen|anhören|artikel anhören|feedback|speichern|kommentare|partager|"
    r"imprimer|écouter|"
    r"enregistrer|compartir|guardar|imprimir|escuchar|condividi|stampa|salva|ascolta|partilhar|"
    r"compartilhar|del|dela|skriv ut|"
    r"lytt|delen|udostępnij|paylaş|sdílet|поделиться|공유|シェア|bookmark|gift(?: article)?|follow|\+|-|a|aa|"
    r"font size.*|"
    r"add (?:as|us).* google|(?:less than )?\d+ min(?:ute)?s? (?:read|ago)|lesezeit.*|temps de lecture.*|"
    r"reading time.*|"
    r"skip (?:to|past) .*|show (?:more|less)|(?:mehr|weniger) anzeigen|vis mer|view (?:gallery|image|"
    r"\d+ images?)|\d+/\d+|image|video|"
    r"play(?: video)?|loading\W*|menu|search|close|back to top|home|profile image|contact us.*|"
    r"nächstes video.*|\d+)\W*$",
    re.I,
)
PAYWALL = re.compile(
    r"(?:to (?:continue|keep) reading|subscribers? only|for subscribers|reserved for|already a subscriber|"
    r"réservée? aux abonnés|réservé à nos abonnés|il vous reste .*% de cet article|weiterlesen mit|"
    r"jetzt weiterlesen|"
    r"exklusiv für abonnenten|dieser artikel ist .*(?:abo|plus)|contenido exclusivo|para suscriptores|"
    r"有料会員|会員限定|残り\s?\d+\s?文字)",
)


_NETWORKS = re.compile(
    r"facebook|twitter|instagram|youtube|tiktok|whatsapp|telegram|linkedin|bluesky|threads|spotify"
)
_FOLLOW = re.compile(
    r"\b(?:follow|like us|join|find us|subscribe|listen|folge\w*|abonnie\w*|suivez|sigue|seguici|siga)\b",
)


_ADDRESS = re.compile(
    r"\b(?:you|your|our|we|us|sie|ihre?[mnrs]?|dich|deine?\w*|dir|du|wir|uns|unsere?\w*|vous|votre|vos|"
    r"nous|notre|tu|tus|te|usted|su|"
    r"nuestr\w+|ti|tuo|tua|nostr\w+|você|sua|nosso|je|jouw?|uw|ons|din|ditt|dig|deg|oss|vår\w*|siz\w*|"
    r"senin|vám|váš|nám)\b",
)


RIGHTS = re.compile(
    r"all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|"
    r"tutti i diritti riservati|todos os direitos reservados|無断転載|무단 ?전재",
    re.I,
)
ERROR_REPORT = re.compile(
    r"\b(?:reach|contact|e-?mail|write to|follow)\b.{1,80}@\w+\.|fehler (?:auf|gefunden|melden|entdeckt|"
    r"aufgefallen)|inhaltliche\w* (?:fehler|feedback|rückmeldung)|"
    r"report (?:an? )?(?:error|typo|correction)|spotted an? (?:error|mistake)|signaler une (?:erreur|faute)|"
    r"(?:encontrado|detectado) un error|hai trovato un errore|you can email .* here",
)


STAMP = re.compile(
    r"^\W*(?:(?:last |first )?(?:published|updated|posted|modified)|(?:zuletzt )?aktualisiert|veröffentlicht|"
    r"publié|mis à jour|publicado|actualizado|pubblicato|aggiornato|atualizado|publicerad|uppdaterad)\b"
    r"(?!.*[.!?] \w+ \w+ \w+ \w+).{0,100}\d",
    re.I,
)
_AGREEMENT = re.compile(
    r"^by (?:giving|entering|submitting|clicking|signing|providing|pressing|subscribing|joining|"
    r"registering)\b"
    r".*\b(?:you(?:’|')?(?:re| are)? (?:also )?(?:agree|consent|accept)\w*)",
    re.I,
)


@lru_cache(maxsize=4096)
def is_boilerplate(text: str) -> bool:
    """Say whether a paragraph is an advertisement's label, a pointer, a sign-up, a consent or a legal line."""
    words = len(text.split())
    if not any(character.isalnum() for character in text) or (words <= 16 and STAMP.match(text)):
        return True
    if AD_LABEL.match(text) or SHARE.match(text) or COMMENTS.match(text):
        return True
    if (words <= 40 and POINTER.match(text)) or (words <= 8 and RELATED_HEADING.match(text)):
        return True
    return is_sign_up(text) or (words <= 60 and _is_small_print(text.lower(), words))


def _is_small_print(lower: str, words: int) -> bool:
    if ERROR_REPORT.search(lower) or LEGAL.search(lower) or PAYWALL.search(lower):
        return True
    return words <= 40 and bool(_FOLLOW.search(lower)) and len(_NETWORKS.findall(lower)) >= 2


_COOKIES = re.compile(
    r"\b(?:we|our|this|wir|unsere|diese|nous|notre|ce|utilizziamo|questo|usamos|utilizamos|nosso|este|vi|"
    r"dette|wij|deze)\b"
    r".{0,80}\bcookies?\b|\bcookies?\b.{0,60}\b(?:settings|einstellungen|policy|notice|banner)",
)


_QUOTE = re.compile('[“”„«»"]')


def is_sign_up(text: str) -> bool:
    """Say whether a line asks the reader to sign up, or holds the consent that goes with it."""
    if _AGREEMENT.match(text):
        return True
    lower, words = text.lower(), len(text.split())
    if words <= 60 and "cookie" in lower and _COOKIES.search(lower):
        return True
    if words > 12 and (_QUOTE.search(text) or not _ADDRESS.search(lower)):
        return False
    consents, offers = len(CONSENT.findall(lower)), len(SIGN_UP.findall(lower))
    if words <= 12:
        is_sentence = text.rstrip().endswith((".", "”", '"'))
        return (offers > 1 or (offers == 1 and not is_sentence)) or (consents > 0 and words <= 8)
    return consents + offers >= (2 if words <= 70 else 4)
