"""Know the wording around a picture that is neither caption nor credit: buttons, counters, labels.

General wording in the languages of news pages; no outlet's own. Each pattern is meant for a short line.
"""

from __future__ import annotations

import re

_ENGLISH = (
    r"(?:click|tap|press)\b.{0,60}|"
    r"(?:expand|enlarge|zoom|view|open|show|hide|toggle|see|close|download|buy|order|play|start)\b"
    r"(?: (?:in|out|now|this|the|a|an|full|fullscreen|full[ -]size|larger|large|original|screen|more|all|\d+|image|"
    r"images|photos?|pictures?|captions?|gallery|slideshow|version|view|print|prints|video|credits?|details|copy|"
    r"reprints?))*|(?:previous|next)(?: (?:image|photo|slide))?"
)
_GERMAN = (
    r"klick(?:en)?\b.{0,60}|(?:dieses |das )?(?:bild|foto|bilder|galerie|bildergalerie|bildunterschrift|vollbild|"
    r"ansicht)(?: in originalgröße)?(?: vergrö(?:ß|ss)ern| ansehen| anzeigen| öffnen| schließen| ausblenden| zeigen)?|"
    r"vergrö(?:ß|ss)ern|schlie(?:ß|ss)en|zurück|weiter|zum (?:vergrößern|öffnen)\b.{0,30}"
)
_ROMANCE = (
    r"(?:cliquez|haga clic|clique|clicca)\b.{0,60}|"
    r"(?:agrandir|ouvrir|fermer|voir)(?: l[’']image| la photo| la galerie| en plein écran| le diaporama)?|plein écran|"
    r"(?:ampliar|abrir|cerrar|fechar|ver)(?: la| a)?(?: imagen| foto| imagem| galería| galeria)?|pantalla completa|"
    r"(?:ingrandisci|apri|chiudi)(?: l[’']immagine| la foto| la galleria)?|schermo intero|mărește|închide"
)
_NORTHERN = (
    r"klik\b.{0,60}|(?:afbeelding )?(?:vergroten|sluiten|openen)|(?:open|sluit) (?:afbeelding|foto|galerij)|"
    r"(?:forstørr|forstør|förstora|åpne|öppna|åbn|lukk|stäng|luk|vis|visa)"
    r"(?: (?:bildet?|bilden|billedet?|bilder|foto|mer))?|(?:suurenna|avaa|sulje)(?: kuva)?"
)
_OTHERS = (
    r"powiększ(?: zdjęcie)?|zobacz zdjęci\w+|zamknij|zvětšit(?: obrázek| foto)?|zavřít|büyüt|kapat|fotoğrafı büyüt|"
    r"nagyítás|bezárás|увеличить|закрыть|збільшити|закрити|μεγέθυνση|تكبير(?: الصورة)?|إغلاق|הגדל|סגור|"
    r"拡大(?:する|写真)?|画像を拡大|閉じる|확대|닫기|이미지 확대(?:보기)?|点击(?:放大|查看)\w*|点擊放大|"
    r"放大(?:图片|圖片)?|关闭|關閉"
)
_COUNTS = (
    r"\d{1,2}:\d\d(?::\d\d)?(?: ?(?:min|sec|std|h)\w*\.?)?|"
    r"\d{1,3}\s?(?:/|of|von|sur|de|di|van|av|z|из)\s?\d{1,3}|\d{1,3} (?:bilder|fotos?|photos?|images?|imágenes|"
    r"imagens|immagini|zdjęć|kuvaa|фото)|"
    r"(?:image|photo|bild|foto|slide) \d{1,3}(?:\s?(?:/|of|von|sur|de)\s?\d{1,3})?"
)
PICTURE_CONTROL = re.compile(
    rf"^\W*(?:{_ENGLISH}|{_GERMAN}|{_ROMANCE}|{_NORTHERN}|{_OTHERS}|{_COUNTS})\W*$",
    re.I,
)
"""The texts of buttons beside a picture, and counters."""
CAPTION_LABEL_ALONE = re.compile(
    r"^\W*(?:(?:image |photo |picture )?caption|bild(?:unterschrift|text|beschreibung)|légende|leyenda|pie de foto|"
    r"legenda|didascalia|bijschrift|onderschrift|podpis|popisek|kuvateksti|képaláírás)\s*[,:：]?$",
    re.I,
)
"""The label of a caption in an element of its own."""
