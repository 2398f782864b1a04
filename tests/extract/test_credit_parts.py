"""A credit is taken apart into people, agencies and the way a picture came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.extract.credit_parts import parse_credit

Names = tuple[str, ...]


@pytest.mark.parametrize(
    ("text", "photographers", "agencies", "via"),
    [
        ("Mara Lindqvist", ("Mara Lindqvist",), (), None),
        ("Photo: Mara Lindqvist", ("Mara Lindqvist",), (), None),
        ("AP Photo/Mara Lindqvist", ("Mara Lindqvist",), ("AP",), None),
        ("AP Photo/Mara Lindqvist, File", ("Mara Lindqvist",), ("AP",), None),
        ("Mara Lindqvist/Associated Press", ("Mara Lindqvist",), ("AP",), None),
        ("REUTERS/Mara Lindqvist", ("Mara Lindqvist",), ("Reuters",), None),
        ("Mara Lindqvist/Nordfoto via Getty Images", ("Mara Lindqvist",), ("Nordfoto",), "Getty Images"),
        ("Mara Lindqvist via Getty", ("Mara Lindqvist",), (), "Getty Images"),
        ("Pool via AP", (), (), "AP"),
        ("Harbour Club/Handout via REUTERS", (), ("Harbour Club",), "Reuters"),
        ("Mara Lindqvist and Tomas Ebert/AFP", ("Mara Lindqvist", "Tomas Ebert"), ("AFP",), None),
        ("Mara Lindqvist for The Courier", ("Mara Lindqvist",), ("The Courier",), None),
        ("Photo by Mara Lindqvist on Unsplash", ("Mara Lindqvist",), ("Unsplash",), None),
        ("Mara Lindqvist (REUTERS)", ("Mara Lindqvist",), ("Reuters",), None),
        ("Nordfoto | Photo: Mara Lindqvist", ("Mara Lindqvist",), ("Nordfoto",), None),
        ("MARA LINDQVIST, The Courier", ("MARA LINDQVIST",), ("The Courier",), None),
        ("Mara Lindqvist/Staff Photographer", ("Mara Lindqvist",), (), None),
        ("© 2026 Mara Lindqvist", ("Mara Lindqvist",), (), None),
        ("© Harbour Museum", (), ("Harbour Museum",), None),
        ("Getty Images/iStockphoto", (), ("Getty Images", "iStock"), None),
        ("Shutterstock.com", (), ("Shutterstock",), None),
        ("Springfield Police Department", (), ("Springfield Police Department",), None),
        ("Photo courtesy of Mara Lindqvist", ("Mara Lindqvist",), (), None),
        ("Courtesy of the Harbour Club", (), ("Harbour Club",), None),
        ("Foto: Jule Wessling/dpa", ("Jule Wessling",), ("dpa",), None),
        ("Jule Wessling/dpa-Zentralbild/dpa", ("Jule Wessling",), ("dpa-Zentralbild", "dpa"), None),
        ("Archivfoto: Jule Wessling", ("Jule Wessling",), (), None),
        ("picture alliance / dpa / Jule Wessling", ("Jule Wessling",), ("picture alliance", "dpa"), None),
        ("picture alliance/dpa | Jule Wessling", ("Jule Wessling",), ("picture alliance", "dpa"), None),
        ("IMAGO / Nordlicht Sport", (), ("imago", "Nordlicht Sport"), None),
        ("Bild: Keystone-SDA", (), ("Keystone",), None),
        ("Crédit photo : Solène Marchetti", ("Solène Marchetti",), (), None),
        ("SOLÈNE MARCHETTI / AFP", ("SOLÈNE MARCHETTI",), ("AFP",), None),
        ("Photo Solène Marchetti", ("Solène Marchetti",), (), None),
        ("Foto de archivo: EFE/Inés Robledo", ("Inés Robledo",), ("EFE",), None),
        ("Inés Robledo (Europa Press)", ("Inés Robledo",), ("Europa Press",), None),
        ("Foto: Rui Sardinha/Agência Norte", ("Rui Sardinha",), ("Agência Norte",), None),
        ("foto Ansa", (), ("ANSA",), None),
        ("Fot. Jan Borowiec / PAP", ("Jan Borowiec",), ("PAP",), None),
        ("Foto: Petr Hájovský, ČTK", ("Petr Hájovský",), ("ČTK",), None),
        ("Fotoğraf: Deniz Aksu/AA", ("Deniz Aksu",), ("Anadolu",), None),
        ("Фото: Олег Снегов / ТАСС", ("Олег Снегов",), ("TASS",), None),
        ("Φωτ.: Νίκος Αλεξάκης", ("Νίκος Αλεξάκης",), (), None),
        ("صورة: سامي الحداد", ("سامي الحداد",), (), None),
        ("المصدر: رويترز", (), ("Reuters",), None),
        ("צילום: נועה ברקאי", ("נועה ברקאי",), (), None),
        ("写真：北原はるか", ("北原はるか",), (), None),
        ("北港新聞社提供", (), ("北港新聞社提供",), None),
        ("사진=연합뉴스", (), ("Yonhap",), None),
        ("한가람 기자", ("한가람",), (), None),
        ("图/林晓舟", ("林晓舟",), (), None),
        ("北港社记者 林晓舟", ("林晓舟",), (), None),
        ("图片来源：新华社", (), ("Xinhua",), None),
        ("Bild: Elin Sjöborg/TT", ("Elin Sjöborg",), ("TT",), None),
        ("FOTO: OLA ENERUD / NTB", ("OLA ENERUD",), ("NTB",), None),
        ("Signe Holtegaard/Ritzau Scanpix", ("Signe Holtegaard",), ("Ritzau Scanpix",), None),
        ("Kuva: Aino Lehtovaara / Lehtikuva", ("Aino Lehtovaara",), ("Lehtikuva",), None),
        ("Fotó: Kertész Bálint / MTI", ("Kertész Bálint",), ("MTI",), None),
        ("Sursa foto: Inquam Photos / Radu Ilieș", ("Radu Ilieș",), ("Inquam Photos",), None),
        ("Symbolbild", (), (), None),
        ("", (), (), None),
        (None, (), (), None),
    ],
)
def test_credit_names_people_agencies_and_way(
    text: str | None, photographers: Names, agencies: Names, via: str | None
) -> None:
    credit = parse_credit(text)

    assert (credit.photographers, credit.agencies, credit.via) == (photographers, agencies, via)


@given(st.text(max_size=200))
def test_no_credit_is_too_strange_to_take_apart(text: str) -> None:
    credit = parse_credit(text)

    assert all(name.strip() for name in (*credit.photographers, *credit.agencies))
