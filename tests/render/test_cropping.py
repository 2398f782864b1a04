"""A crop keeps its subject: nobody loses the head, no tower its top."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from digest.render.cropping import Subject, crop_box, find_subject
from digest.render.figure import Frame
from digest.render.pictures import HERO, THUMBNAIL
from digest.render.theme import load_theme
from tests.render.drawings import Drawing, make_drawings
from tests.render.sample import LAYOUT_NAMES, LAYOUTS

SHAPES = {"hero": HERO[0] / HERO[1], "thumbnail": THUMBNAIL[0] / THUMBNAIL[1]}
MOST_CUT = 1
"""Of all drawings, so many may lose a part of their subject in one shape: by where the detail begins it was fifteen."""


def is_whole(drawing: Drawing, ratio: float) -> bool:
    left, top, right, bottom = crop_box(
        drawing.picture.size, ratio=ratio, subject=find_subject(drawing.picture)
    )
    own = drawing.subject
    return left <= own[0] and top <= own[1] and right >= own[2] and bottom >= own[3]


def test_every_layout_has_pictures_of_these_shapes() -> None:
    sizes = [size for name in LAYOUT_NAMES for size in Frame.of(load_theme(LAYOUTS / name, {})).sizes if size]

    assert all(
        min(abs(width / height - ratio) for ratio in SHAPES.values()) < 0.02 for width, height in sizes
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_a_subject_stays_whole_wherever_it_is(shape: str) -> None:
    drawings = make_drawings()

    cut = [drawing.name for drawing in drawings if not is_whole(drawing, SHAPES[shape])]

    assert len(drawings) > 40
    assert len(cut) <= MOST_CUT, cut


def test_a_head_has_air_above_it_and_is_not_at_the_bottom() -> None:
    for drawing in make_drawings()[:12]:
        _, top, _, bottom = crop_box(drawing.picture.size, ratio=1.5, subject=find_subject(drawing.picture))
        middle = (drawing.subject[1] + drawing.subject[3]) / 2

        assert (middle - top) / (bottom - top) < 0.75, drawing.name


def test_a_picture_without_a_subject_is_cut_in_its_upper_part_or_in_the_middle() -> None:
    plain = Pillow.new("RGB", (900, 900), "#8899aa")

    assert find_subject(plain) is None
    assert crop_box((900, 900), ratio=1.5, subject=None) == (0, 100, 900, 700)
    assert crop_box((900, 300), ratio=1.5, subject=None) == (225, 0, 675, 300)


@given(
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.sampled_from(sorted(SHAPES.values())),
    st.none()
    | st.builds(Subject, **dict.fromkeys(("left", "top", "right", "bottom", "middle"), st.floats(0, 1))),
)
def test_a_crop_stays_inside_the_picture(
    width: int, height: int, ratio: float, subject: Subject | None
) -> None:
    left, top, right, bottom = crop_box((width, height), ratio=ratio, subject=subject)

    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (64, 64), (3, 5)])
def test_any_size_has_a_subject_or_none(size: tuple[int, int]) -> None:
    noise = Pillow.effect_noise(size, 80).convert("RGB")

    found = find_subject(noise)

    assert found is None or 0 <= found.top <= found.bottom <= 1
