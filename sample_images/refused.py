"""The files that must be refused: each is wrong in one way, and named after it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

__all__ = ["make_refused"]


def make_refused(picture: Image.Image, folder: Path) -> None:
    """Write them all into a folder, made from one good picture."""
    folder.mkdir(parents=True, exist_ok=True)
    small = picture.convert("RGB")
    small.thumbnail((480, 480), Image.Resampling.LANCZOS)
    small.save(folder / "a-tiff-called.jpg", "TIFF", compression="tiff_lzw")
    jpeg = _written(small, "JPEG", quality=92)
    (folder / "cut-off.jpg").write_bytes(jpeg[: len(jpeg) * 3 // 5])
    bitmap = _written(small.resize((240, small.height * 240 // small.width)), "BMP")
    (folder / "half-copied.bmp").write_bytes(bitmap[: len(bitmap) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "a-text-called.png").write_text(
        "Front view: retake on Thursday, the label was crooked.\n"
        "Back view: fine.\n"
        "Close-up of the cap: Maria has it on her camera.\n",
        encoding="utf-8",
        newline="\n",
    )
    (folder / "a-web-page-called.gif").write_text(
        "<!DOCTYPE html>\n"
        '<html lang="en">\n'
        "<head><title>404 Not Found</title></head>\n"
        "<body><h1>Not Found</h1><p>The picture you asked for is not here.</p></body>\n"
        "</html>\n",
        encoding="utf-8",
        newline="\n",
    )


def _written(picture: Image.Image, kind: str, **options: int) -> bytes:
    written = BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()
