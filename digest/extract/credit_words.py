"""Know the words that credits are made of: labels in the languages of news pages, and agencies.

A label is one to three of these words and a mark or a "by": `Photo:`, `Crédit photo :`, `Bildquelle:`,
`Image courtesy of`, `사진=`. No outlet's own wording.
"""

from __future__ import annotations

import re

_LETTERS = "".join(char for char in map(chr, range(0x41, 0x530)) if char.isupper())
CASELESS = r"\u0590-\u08ff\u0900-\u0fff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
CAPITAL = rf"[{_LETTERS}{CASELESS}]"
"""A capital letter, or a letter of a script that has none."""

_PICTURE = (
    r"photo(?:s|graph(?:s|y|ie|ies|e)?)?|phot|foto(?:s|ğraf(?:lar)?|graf(?:ij?a|ie|ía|ías|ias|i|ii|in|ije)?)?|fotó|"
    r"ảnh|hình(?: ảnh)?|"
    r"picture|pictures|pics?|image[nm]?|images|imagen(?:es)?|imagens|immagin[ei]|image|bild(?:er)?|beeld|billede|"
    r"bilde|kuva(?:t)?|kép|zdjęci[ea]|snímek|snímka|obrázek|slika|poza|gambar|picha|llun|argazkia|ljósmynd|mynd|"
    r"nuotrauka|nuotr|valokuva|görsel|resim|illustrations?|illustratie|illustrazione|ilustra(?:ción|ção|cja|ce)|"
    r"illusztráció|grafi[ck]s?|gráfico|graphics?|infografi\w{1,3}|screenshots?|screengrab|videostill|still|"
    r"video|vídeo|artwork|render(?:ing)?|montage|collage|"
    r"фото(?:графи[яії])?|коллаж|колаж|инфографика|інфографіка|скриншот|скріншот|иллюстрация|ілюстрація|кадр|снимка|світлин[аи]|зображення|изображение|φωτο(?:γραφί(?:α|ες))?|φωτό|φωτ|εικόνα|"
    r"צילום|תמונה|صور(?:ة|ه)|تصوير|الصورة|عکس|تصویر|फोटो|फ़ोटो|तस्वीर|चित्र|ছবি|ภาพ|"
    r"写真|画像|撮影|사진|이미지|图片?|圖片?|照片|摄影|攝影|摄|攝"
)
_OWNER = (
    r"cr[eé]dit(?:o|os|s|i)?|credits?|kredit|sources?|quellen?|fuentes?|fontes?|fonti|bron(?:nen)?|kaynak|zdroj|"
    r"źródło|källa|kilde|lähde|forrás|surs[aăe]|izvor|vir|nguồn|sumber|pinagmulan|heimild|allikas|šaltinis|"
    r"источник|джерело|източник|извор|πηγή|מקור|المصدر|مصدر|منبع|स्रोत|साभार|ที่มา|"
    r"来源|來源|图源|圖源|出典|提供|출처|제공|"
    r"copyright|rights|rechte[rn]?|nachweis|agentur|agency|courtesy|cortesía|cortesia|courtoisie|"
    r"licen[sc]e|lizenz|"
    r"photographer|fotograf(?:en|in|kę|ka|ia|o|a|ul)?|fotógraf[oa]|photographe|valokuvaaja|fényképezte|kuvaaja|"
    r"фотограф|φωτογράφος|snimi[ol]a?"
)
_KIND = (
    r"(?:file|archiv\w{0,3}|archief|arkiv|symbol|agentur|presse|press|titel|courtesy|hand-?out|pool|stock)"
)
_GLUE = r"(?:[ -]|['’]s |\s(?:of the|of|de la|de|du|da|do|di|della|des|del|der|von|für|för|for)\s|\sd['’])"
_WORD = rf"(?:{_PICTURE}|{_OWNER})"
WORDS = rf"(?:{_KIND}[ -]?)?{_WORD}(?:{_GLUE}?{_WORD}|{_GLUE}{_KIND}\w{{0,4}}(?!\w)){{0,2}}"
_BY = (
    r"(?:(?:by|von|par|por|di|de|av|af|door|przez|courtesy(?: of(?: the)?)?|of courtesy|"
    rf"cortesía de|cortesia de|avec l['’]aimable autorisation de|od)\s+)(?-i:(?=[@\"“'’(/– -]{{0,4}}{CAPITAL}))"
)
_MARK = r"\s*(?:\.{0,3}\s*[:：＝=]|©|(?<=[図图圖摄攝影片사진])\s*[/／]|(?<=[Ff]oto)/|(?<=[Ll]jósmynd)/)\s*"
_SHORT = (
    rf"(?:(?:fot|phot|ph|φωτ|foto)\.\s*(?-i:(?={CAPITAL}))|"
    rf"copyright\s+(?:(?:19|20)\d\d\s+)?(?-i:(?=(?:by )?{CAPITAL})))"
)
OWNER_WORD = re.compile(rf"(?:{_OWNER})(?!\w)|[©ⓒ]|\(c\)", re.I)
"""A label's word that says owner or source, where another says only that there is a picture."""
LABEL_PATTERN = (
    rf"(?:{WORDS}(?:{_MARK}|,?\s+{_BY})|{_SHORT}|"
    rf"courtesy(?: of(?: the)?(?=\s))?\s*:?\s+(?-i:(?=(?:the )?{CAPITAL}))|(?:image|photo|picture) source,\s*)"
)
LABEL = re.compile(LABEL_PATTERN, re.I)
"""A label with its mark, where a credit begins."""
UNMARKED = re.compile(
    rf"(?:(?:cr[eé]dits?\s+)?(?-i:[Pp]hotos?|PHOTOS?|[Ff]otos?|FOTOS?|[Ff]otó|[Bb]eeld|[Bb]illede|Ph)"
    rf"(?!\s+(?:galler|galer|essay|album|story|show|op\b|of\b))\s+)(?-i:(?={CAPITAL}))",
    re.I,
)
"""A label without a mark: `Photo Jane Doe`. Of use only where all that follows is names."""
LABEL_ALONE = re.compile(
    rf"^\W*(?:{WORDS}|author|autor(?:in|a|e)?|auteur|автор)\s*[.:：…,]*\s*(?:by|von|de|par)?$", re.I
)
"""A label that stands in an element of its own; the owner follows in the next."""
OPEN_LABEL = re.compile(
    rf"(?:^|[\s.!?(|–—-])(?:{WORDS}\s*(?:[:：]|\b(?:by|von|par|por|di|av|af|door|via))|©)\s*$", re.I
)
"""A label at a text's end, its owner still to come."""
AUTHOR_LABEL = re.compile(r"^(?:author|autor(?:in|a|es|e|ka)?|auteur|автор)\s*[:：]\s*", re.I)
"""A label that is a credit's beside a picture, and a byline's elsewhere."""
NOTE = re.compile(
    r"^\W*(?:(?:symbol|archiv|themen|beispiel)(?:bild|foto)(?:er|s)?|file (?:photo|picture|image)|archieffoto|"
    r"foto de archivo|imagen de archivo|photo d['’](?:archives?|illustration)|foto d['’]archivio|foto de arquivo|"
    r"imagem ilustrativa|zdjęcie ilustracyjne|ilustrační (?:foto|snímek)|arkivbild|arkivfoto|arkivbilde|"
    r"illusztráció|资料图片?|資料圖片?|資料写真|자료 ?사진|архивное фото|архівне фото|صورة أرشيفية)\W*$",
    re.I,
)
"""Words that say what kind of picture it is: no owner."""

_NAMED = (
    r"getty(?: images)?|reuters|agence france[ -]presse|afp|ap (?:photo|images)|(?:the )?associated press|dpa(?:-\w+)?|"
    r"imago(?: images)?|picture[ -]alliance|ullstein(?: bild)?|shutterstock|istock(?:photo)?|alamy|keystone(?:-sda)?|"
    r"bloomberg|xinhua|pa (?:wire|media|images)|press association|backgrid|splash(?: news)?|rex(?: features)?|"
    r"unsplash|pixabay|pexels|adobe ?stock|fotolia|depositphotos|dreamstime|123rf|freepik|flickr|"
    r"wikimedia(?: commons)?|creative commons|nurphoto|anadolu(?: agency| ajansı)?|zuma(?: press)?|"
    r"action press|action images|instagram|facebook|twitter|hand-?out|newscom|yonhap|jiji|kyodo|"
    r"(?:ritzau )?scanpix|lehtikuva|čtk|тасс|риа новости|укрінформ|ukrinform|europa press|presseportal|"
    r"nordphoto|eibner|witters|vecteezy|canva|"
    r"file photo|wireimage|filmmagic|redux|contour|magnum|polaris|belga|antara|canadian press|ap via|"
    r"连合|新华社|新華社|中新社|中央社|路透社|法新社|视觉中国|視覺中國|共同社|時事通信|ロイター|連合ニュース|연합뉴스|뉴시스|뉴스1|"
    r"게티이미지\w*|로이터|رويترز|وكالات|أ ف ب|فرانس برس|الأناضول|גטי|רויטרס"
)
_ACRONYM = (
    r"A\.?P\.?|AFP|DPA|EPA|APA|ANSA|EFE|PA|UPI|AAP|AA|CP|SPA|SID|KNA|EPD|DDP|DDP|TASS|SIPA|NTB|TT|STT|ANP|PAP|"
    r"MTI|ČTK|CTK|TASR|STA|BTA|IHA|İHA|DHA|WENN|MEGA|SIPA|LUSA|TNS|AFPTV|REX|VCG|CNS|"
    r"BELGA|KEYSTONE|APN|IRNA|ISNA|WAM|QNA|SANA|BERNAMA|ANTARA"
)
SOCIAL = re.compile(r"\W*(?:instagram|facebook|twitter|x|\W)+\W*", re.I)
AGENCY_PATTERN = rf"(?:{_NAMED}|(?-i:{_ACRONYM}))"
AGENCY = re.compile(rf"(?<!\w)(?:{AGENCY_PATTERN})(?!\w)", re.I)
"""An agency by name; acronyms that are words too, such as SPA, only in capitals."""
OWNER_TAIL = re.compile(
    r"(?:images?|photos?|pictures?|photography|photographie|fotografie|press|presse|media|stock|studios?|"
    r"archives?|archivo|archivio|archiv|bildarchiv|agentur|agency|hand-?out|pool|file|collection|entertainment)$",
    re.I,
)
"""The last word of an agency's or an archive's name."""
