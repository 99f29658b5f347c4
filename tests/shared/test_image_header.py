"""Reading what an image file says of itself."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from shared.errors import ImageRefused
from shared.image_header import ImageHeader, read_header

FORMATS = ("JPEG", "PNG", "WEBP")


def picture(size_wh=(40, 30)):
    ramp = np.arange(size_wh[0] * size_wh[1] * 3, dtype=np.uint32) % 251
    return Image.fromarray(ramp.astype(np.uint8).reshape(size_wh[1], size_wh[0], 3))


def saved(image, form, **options: object):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def exif(orientation=None, focal_35mm=None):
    tags = Image.Exif()
    if orientation is not None:
        tags[0x0112] = orientation
    if focal_35mm is not None:
        tags.get_ifd(0x8769)[0xA405] = focal_35mm
    return tags


def verdict(data):
    try:
        return "complete" if read_header(data).complete else "incomplete"
    except ImageRefused as refused:
        return refused.reason


@pytest.mark.parametrize("data", [b"", b"\x00", b"hello world", b"\xff\xd8", b"RIFF1234WAVE"])
def test_unknown_bytes_are_refused(data):
    """Bytes of no known format are refused as unsupported."""
    with pytest.raises(ImageRefused) as refused:
        read_header(data)
    assert refused.value.reason == "IMAGE_FORMAT_UNSUPPORTED"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"GIF89a" + bytes(20), "GIF"),
        (b"BM" + bytes(60), "BMP"),
        (b"II*\0" + bytes(20), "TIFF"),
        (b"%PDF-1.7", "PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><svg/>", "SVG"),
        (b"<!doctype html><title>404</title>", "HTML"),
        (b"\0\0\0\x18ftypheic" + bytes(12), "HEIC"),
        (b"\0\0\0\x18ftypavif" + bytes(12), "AVIF"),
        (b"\0\0\0\x18ftypisom" + bytes(12), "video"),
        (b"\xff\x0a" + bytes(20), "JPEG XL"),
    ],
)
def test_other_formats_are_named(data, name):
    """A format that is not accepted is called by its name, with what to send instead."""
    with pytest.raises(ImageRefused, match=name) as refused:
        read_header(data)
    assert refused.value.reason == "IMAGE_FORMAT_UNSUPPORTED"
    assert "send JPEG, PNG or still WebP" in refused.value.message


def test_heic_comes_with_advice():
    """A HEIC photo is refused with the setting that makes the phone send JPEG."""
    with pytest.raises(ImageRefused, match="Most Compatible"):
        read_header(b"\0\0\0\x18ftypheic" + bytes(12))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (257, 3)])
def test_size_is_read_from_the_header(form, size):
    """Width and height are those that the encoder was given."""
    assert read_header(saved(picture(size), form)) == ImageHeader(form.lower(), size)


def test_lossless_and_extended_webp_tell_their_size():
    """All three kinds of WebP header are understood: VP8, VP8L and VP8X."""
    lossless = saved(picture((33, 17)), "WEBP", lossless=True)
    extended = saved(picture((33, 17)), "WEBP", exif=exif(1))
    assert read_header(lossless).stored_size_wh == (33, 17)
    assert read_header(extended).stored_size_wh == (33, 17)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_read(form, orientation):
    """Each of the eight EXIF orientations comes through, in every format."""
    header = read_header(saved(picture(), form, exif=exif(orientation)))
    assert header.orientation == orientation
    assert header.upright_size_wh == ((30, 40) if orientation >= 5 else (40, 30))


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_impossible_orientation_counts_as_upright(orientation):
    """An orientation outside 1 to 8 is ignored, as viewers do."""
    assert read_header(saved(picture(), "JPEG", exif=exif(orientation))).orientation == 1


@pytest.mark.parametrize("form", FORMATS)
def test_focal_length_is_read(form):
    """The 35 mm focal length comes from the EXIF sub-directory."""
    assert read_header(saved(picture(), form, exif=exif(6, 26))).focal_length_35mm == 26.0


def test_focal_length_of_zero_means_unknown():
    """EXIF writes 0 for a focal length that the camera does not know."""
    assert read_header(saved(picture(), "JPEG", exif=exif(1, 0))).focal_length_35mm is None


@pytest.mark.parametrize("cut", range(6, 40, 3))
def test_broken_exif_is_ignored(cut):
    """EXIF that ends early says nothing; the picture itself is still good."""
    whole = exif(6, 26).tobytes()
    header = read_header(saved(picture(), "JPEG", exif=whole[:cut]))
    assert header.complete
    assert header.focal_length_35mm is None


@pytest.mark.parametrize("form", FORMATS)
def test_every_cut_of_a_file_is_seen(form):
    """A file cut anywhere is incomplete or refused, never taken for whole."""
    data = saved(picture((64, 48)), form, exif=exif(3))
    verdicts = {verdict(data[:end]) for end in range(12, len(data))}
    assert verdicts == {"IMAGE_TRUNCATED", "incomplete"}


@pytest.mark.parametrize("form", FORMATS)
def test_bytes_after_the_end_do_no_harm(form):
    """Phones append data after the picture; that leaves it complete."""
    assert read_header(saved(picture(), form) + b"trailer\xff\xda").complete


def test_thumbnail_inside_exif_does_not_hide_a_cut():
    """The end marker of an embedded thumbnail is not the end of the picture."""
    tags = exif(1)
    tags[0x010E] = "\xff\xd9"
    data = saved(picture(), "JPEG", exif=tags.tobytes() + saved(picture(), "JPEG"))
    assert not read_header(data[:-2]).complete


def test_animations_are_seen():
    """APNG and animated WebP say that they hold several frames."""
    for form in ("PNG", "WEBP"):
        two = saved(
            picture(), form, save_all=True, append_images=[picture().rotate(180)], duration=50
        )
        assert read_header(two).animated
        assert not read_header(saved(picture(), form)).animated


def test_progressive_jpeg_is_read():
    """A progressive JPEG has several scans; all are walked to the end."""
    data = saved(picture((64, 48)), "JPEG", progressive=True)
    assert data.count(b"\xff\xda") > 1
    assert read_header(data) == ImageHeader("jpeg", (64, 48))


def test_jpeg_of_endless_scans_is_refused():
    """Thousands of scans in one JPEG are an attack on the decoder's time."""
    data = saved(picture(), "JPEG", progressive=True)
    first = data.index(b"\xff\xda")
    scan = data[first : data.index(b"\xff", first + 20)]
    with pytest.raises(ImageRefused) as refused:
        read_header(data[:first] + scan * 1000 + data[first:])
    assert refused.value.reason == "IMAGE_UNREADABLE"


def test_jpeg_without_frame_is_unreadable():
    """Markers alone, with a proper end, make no picture."""
    with pytest.raises(ImageRefused) as refused:
        read_header(b"\xff\xd8\xff\xfe\x00\x04hi\xff\xd9")
    assert refused.value.reason == "IMAGE_UNREADABLE"


def test_webp_without_picture_is_unreadable():
    """A RIFF file that only holds metadata makes no picture."""
    body = b"WEBPEXIF" + struct.pack("<I", 2) + b"II"
    with pytest.raises(ImageRefused) as refused:
        read_header(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert refused.value.reason == "IMAGE_UNREADABLE"
