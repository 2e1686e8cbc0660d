"""The kinds of file that photographs are mistaken for, with the words that people know them by.

Sources: the formats' specifications, and the magic numbers of the `file` command.
"""

from __future__ import annotations

from typing import Final

__all__ = ["FOREIGN_TEXTS", "MAGICS", "PICTURES_IN_FTYP"]

PICTURES_IN_FTYP: Final = (
    (b"avif", "an AVIF"),
    (b"avis", "an AVIF"),
    (b"crx ", "a Canon raw file (CR3)"),
    *(
        (brand, "a HEIC, as iPhones take them")
        for brand in (b"heic", b"heix", b"hevc", b"heim", b"heis")
    ),
    (b"mif1", "a HEIF"),
    (b"msf1", "a HEIF"),
    (b"jp2 ", "a JPEG 2000"),
    (b"jpx ", "a JPEG 2000"),
    (b"jxl ", "a JPEG XL"),
)
"""Brands in an ISO base media file that are pictures (ISO/IEC 14496-12); all others are films.

The order decides where a file claims several: every AVIF is a HEIF as well.
"""

MAGICS: Final = (
    (0, b"II+\0", "a TIFF", True),
    (0, b"MM\0+", "a TIFF", True),
    *((0, magic, "an Olympus raw file (ORF)", True) for magic in (b"IIRO", b"IIRS", b"MMOR")),
    (0, b"IIU\0", "a Panasonic raw file (RW2)", True),
    (0, b"FUJIFILMCCD-RAW", "a Fujifilm raw file (RAF)", True),
    (0, b"FOVb", "a Sigma raw file (X3F)", True),
    (0, b"\0MRM", "a Minolta raw file (MRW)", True),
    (6, b"HEAPCCDR", "a Canon raw file (CRW)", True),
    (0, b"II\xbc\1", "a JPEG XR", True),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000", True),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000", True),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL", True),
    (0, b"\xff\x0a", "a JPEG XL", True),
    (0, b"\xff\xd8\xff\xf7", "a JPEG-LS", True),
    (0, b"8BPS", "a Photoshop file (PSD)", True),
    (0, b"gimp xcf", "a GIMP file (XCF)", True),
    (0, b"%PDF", "a PDF", False),
    (0, b"%!PS", "an EPS", True),
    (0, b"\xc5\xd0\xd3\xc6", "an EPS", True),
    (0, b"\0\0\1\0", "an icon (ICO)", True),
    (0, b"\0\0\2\0", "a cursor (CUR) or a TGA", True),
    (0, b"\0\0\n\0", "a TGA", True),
    (0, b"icns", "an icon (ICNS)", True),
    (0, b"DDS ", "a DDS", True),
    (0, b"qoif", "a QOI", True),
    (0, b"\x8aMNG", "an MNG", True),
    (0, b"\x8bJNG", "a JNG", True),
    (0, b"v/1\1", "an EXR", True),
    (0, b"#?RADIANCE", "an HDR", True),
    (0, b"SIMPLE  =", "a FITS", True),
    (0, b"\n\5\1", "a PCX", True),
    (0, b"\n\3\1", "a PCX", True),
    (0, b"\1\xda", "an SGI", True),
    (4, b"\x11\xaf", "an FLI animation", True),
    (4, b"\x12\xaf", "an FLI animation", True),
    (0, b"Y\xa6j\x95", "a Sun raster", True),
    (0, b"BA", "an OS/2 bitmap array", True),
    (0, b"BPG\xfb", "a BPG", True),
    (0, b"AT&TFORM", "a DjVu", True),
    (40, b" EMF", "a Windows metafile", True),
    (0, b"\xd7\xcd\xc6\x9a", "a Windows metafile", True),
    (0, b"P1\n", "a PBM", True),
    (0, b"P2\n", "a PGM", True),
    (0, b"P3\n", "a PPM", True),
    (0, b"P4\n", "a PBM", True),
    (0, b"P5\n", "a PGM", True),
    (0, b"P6\n", "a PPM", True),
    (0, b"P7\n", "a PAM", True),
    (0, b"/* XPM", "an XPM", True),
    (0, b"GIMP Palette", "a palette", False),
    (0, b"PK\3\4", "a ZIP archive (or an office document)", False),
    (0, b"PK\5\6", "an empty ZIP archive", False),
    (0, b"\x1f\x8b", "a compressed file (GZ)", False),
    (0, b"7z\xbc\xaf", "a 7-Zip archive", False),
    (0, b"Rar!", "a RAR archive", False),
    (257, b"ustar", "a TAR archive", False),
    (0, b"\xfd7zXZ", "a compressed file (XZ)", False),
    (0, b"BZh", "a compressed file (BZ2)", False),
    (0, b"\xd0\xcf\x11\xe0", "an office document or Windows' own store of thumbnails", False),
    (0, b"MZ", "a Windows program", False),
    (0, b"\x7fELF", "a program", False),
    (0, b"\xcf\xfa\xed\xfe", "a program", False),
    (0, b"ID3", "a sound", False),
    (0, b"OggS", "a sound or a film", False),
    (0, b"fLaC", "a sound", False),
    (8, b"WAVE", "a sound", False),
    (8, b"AVI ", "a film", False),
    (0, b"\x1aE\xdf\xa3", "a film", False),
    (0, b"\0\0\1\xba", "a film", False),
    (0, b"\0\0\1\xb3", "a film", False),
    (4, b"moov", "a film", False),
    (4, b"mdat", "a film", False),
    (0, b"\0\5\x16\7", "a side file that macOS keeps beside photographs", False),
    (0, b"\0\0\0\1Bud1", "a side file of macOS (.DS_Store)", False),
    (0, b"bplist", "a settings file of macOS", False),
    (0, b"SQLite format 3", "a database", False),
    (0, b"\0\1\0\0", "a font", False),
    (0, b"OTTO", "a font", False),
)
"""Place in the file, the bytes there, the kind, and whether it shows a picture."""

FOREIGN_TEXTS: Final = (
    (rb"<\?xpacket|<x:xmpmeta", "a side file with notes on a photograph (XMP)", False),
    (rb"(?:<\?xml.*?|<!doctype svg.*?|<!--.*?)?<svg", "an SVG drawing", True),
    (rb"(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body)", "a web page (HTML)", False),
    (rb"<\?xml", "an XML text", False),
    (rb"\{\\rtf", "a document (RTF)", False),
)
"""How such a text begins, without space and in small letters, the kind, whether a picture."""
