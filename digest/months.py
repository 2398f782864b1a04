"""The names of the months as news pages and feeds write them, in the languages of their readers."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = (
    "january يناير ינואר ιανουαρίου jan januar jänner jän januari janvier janv enero ene gennaio gen "
    "janeiro ocak leden ledna stycznia января січня janúar tammikuuta ianuarie januar. janúar",
    "february فبراير פברואר φεβρουαρίου feb februar feber februari février févr febrero febbraio febbr "
    "fevereiro fev şubat únor února lutego февраля лютого febrúar helmikuuta februarie",
    "march مارس מרץ μαρτίου mar märz mär maerz mrz maart mars marzo março mart březen března marca marz "
    "марта березня maaliskuuta martie",
    "april أبريل אפריל απριλίου apr avril avr abril abr aprile nisan duben dubna kwietnia апреля квітня "
    "apríl huhtikuuta aprilie",
    "may مايو מאי μαΐου mai mei mayo maggio mag maio mayıs květen května maja мая травня maí toukokuuta",
    "june يونيو יוני ιουνίου jun juni juin junio giugno giu junho haziran červen června czerwca июня "
    "червня júní kesäkuuta iunie",
    "july يوليو יולי ιουλίου jul juli juillet juil julio luglio lug julho temmuz červenec července lipca "
    "июля липня júlí heinäkuuta iulie",
    "august أغسطس אוגוסט αυγούστου aug août aout agosto ago ağustos srpen srpna sierpnia августа серпня "
    "ágúst elokuuta",
    "september سبتمبر ספטמבר σεπτεμβρίου sep sept septembre septiembre settembre sett setembro set eylül "
    "září wrzesnia września сентября вересня syyskuuta septembrie",
    "october أكتوبر אוקטובר οκτωβρίου oct oktober okt octobre octubre ottobre ott outubro out ekim říjen "
    "října października октября жовтня október lokakuuta octombrie",
    "november نوفمبر נובמבר νοεμβρίου nov novembre noviembre novembro kasım listopad listopadu listopada "
    "ноября листопада nóvember marraskuuta noiembrie",
    "december ديسمبر דצמבר δεκεμβρίου dec dezember dez décembre déc diciembre dic dicembre dezembro "
    "aralık prosinec prosince grudnia декабря грудня desember joulukuuta decembrie",
)
MONTHS: Mapping[str, int] = {
    name: number for number, line in enumerate(_NAMES, start=1) for name in line.split()
}
"""The number of the month by its name, whole or shortened, in lower case."""
