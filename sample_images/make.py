"""Make the sample pictures from the renders of `scene.py`: the same bytes at every run.

    python sample_images/make.py --masters DIR

`DIR` holds `bottle.png`, `bowl.png`, `car.png`, `mug.png`, `ring-cutout.png`, `vase.png` and the
turntable, `turn/car-00.png` and so on. What each sample is there to show stands in README.md.
Needs Pillow and NumPy, which the program has anyway.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from by_hand import png_of_48_bits, wbmp
from camera import Sensor, photograph
from exif import HALDEN, TARN, Camera, Position, Taken, exif_block
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from profiles import profile
from refused import make_refused

HERE: Final = Path(__file__).parent
SMOOTH: Final = Image.Resampling.LANCZOS
DOTS: Final = Image.Dither.FLOYDSTEINBERG
WHITE: Final = (255, 255, 255, 255)
PROFILE_NAME: Final = "Sample wide-gamut RGB"
STORED: Final = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
"""How a camera held upright stores a picture, by the orientation it notes."""


def main() -> None:
    """Make all samples, and say what they came to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--masters", type=Path, required=True, help="the folder of the renders")
    parser.add_argument("--out", type=Path, default=HERE, help="where to put shop/ and refused/")
    wanted = parser.parse_args()
    masters, shop = wanted.masters, wanted.out / "shop"
    mug = Image.open(masters / "mug.png").convert("RGB")
    bottle = Image.open(masters / "bottle.png").convert("RGB")
    bowl = Image.open(masters / "bowl.png").convert("RGB")
    vase = Image.open(masters / "vase.png").convert("RGB")
    car = Image.open(masters / "car.png").convert("RGB")
    ring = Image.open(masters / "ring-cutout.png").convert("RGBA")
    make_camera_files(shop, bottle=bottle, bowl=bowl, mug=mug, vase=vase)
    make_mug_files(shop / "product-158", mug)
    make_bottle_files(shop, bottle)
    make_toy_files(shop / "TOY-05", car, sorted((masters / "turn").glob("car-*.png")))
    make_other_files(shop / "by-name", bowl=bowl, ring=ring, vase=vase)
    make_refused(car, wanted.out / "refused")
    report(wanted.out)


def make_camera_files(
    shop: Path, *, bottle: Image.Image, bowl: Image.Image, mug: Image.Image, vase: Image.Image
) -> None:
    """Make three pictures of a camera with 24 megapixels, and one of a telephone with 12."""
    upright, across = (4000, 6000), (6000, 4000)
    write_camera_file(
        photograph(bottle, upright, Sensor(seed=613, electrons=8500, vividness=1.12), wide=True),
        shop / "SM-13" / "HLD_0613.JPG",
        HALDEN,
        Taken(
            at="2026:09:14 10:21:33",
            seconds=Fraction(1, 125),
            f_number=Fraction(8),
            iso=400,
            orientation=6,
            wide_gamut=True,
        ),
    )
    write_camera_file(
        photograph(vase, upright, Sensor(seed=642, electrons=8500, surface=0.014)),
        shop / "by-name" / "id-214_1.JPG",
        HALDEN,
        Taken(
            at="2026:09:14 11:02:08",
            seconds=Fraction(1, 160),
            f_number=Fraction(71, 10),
            iso=400,
            orientation=8,
            position=Position(north=51.47788, east=-0.00147, metres=46),
        ),
    )
    write_camera_file(
        photograph(bowl, across, Sensor(seed=655, electrons=8500)),
        shop / "by-name" / "BOWL-24-front.jpg",
        HALDEN,
        Taken(
            at="2026:09:14 11:47:50",
            seconds=Fraction(1, 125),
            f_number=Fraction(9),
            iso=400,
        ),
    )
    width = mug.height * 4 // 3
    left = (mug.width - width) // 2
    telephone = mug.crop((left, 0, left + width, mug.height))
    write_camera_file(
        photograph(telephone, (4000, 3000), Sensor(seed=158, electrons=9000, surface=0.008)),
        shop / "product-158" / "IMG_20260914_121502.jpg",
        TARN,
        Taken(
            at="2026:09:14 12:15:02",
            seconds=Fraction(1, 60),
            f_number=Fraction(9, 5),
            iso=64,
            position=Position(north=51.47788, east=-0.00147, metres=46),
        ),
        quality=92,
    )


def write_camera_file(
    picture: Image.Image, path: Path, camera: Camera, taken: Taken, *, quality: int = 97
) -> None:
    """Write a picture as a camera does: as the sensor lay, with all it notes."""
    if taken.orientation != 1:
        picture = picture.transpose(STORED[taken.orientation])
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(
        path,
        "JPEG",
        quality=quality,
        subsampling="4:2:2",
        dpi=(300, 300),
        exif=exif_block(picture, camera, taken),
        icc_profile=profile(PROFILE_NAME) if taken.wide_gamut else None,
    )


def make_mug_files(folder: Path, mug: Image.Image) -> None:
    """Make a PNG with 16 bits a channel, and a WBMP for the telephones of 2001."""
    size = (mug.width * 3 // 8, mug.height * 3 // 8)
    channels = []
    for channel in mug.split():
        scaled = channel.convert("F").resize(size, SMOOTH)
        channels.append(np.clip(np.rint(np.asarray(scaled) * 257), 0, 65535).astype(np.uint16))
    (folder / "mug-48-bit.png").write_bytes(png_of_48_bits(np.dstack(channels)))
    close = mug.crop((mug.width // 8, 0, mug.width * 7 // 8, mug.height))
    (folder / "mug.wbmp").write_bytes(wbmp(dithered(close, (288, 256))))


def make_bottle_files(shop: Path, bottle: Image.Image) -> None:
    """Make one that may go up as it is, and one in the inks of a printer."""
    ready = bottle.resize((1200, 1800), SMOOTH).filter(ImageFilter.UnsharpMask(0.8, 60, 2))
    ready.save(shop / "by-name" / "SM-13 (2).jpg", "JPEG", quality=92, progressive=True)
    label = bottle.crop((250, 900, 1750, 2800)).resize((1500, 1900), SMOOTH)
    inks(label).save(shop / "SM-13" / "for-the-printer.jpg", "JPEG", quality=93, dpi=(300, 300))


def inks(picture: Image.Image) -> Image.Image:
    """Separate a picture into cyan, magenta, yellow and black; most of the grey becomes black."""
    colours = 1 - np.asarray(picture, dtype=np.float32) / 255
    black = np.float32(0.8) * colours.min(axis=2, keepdims=True)
    rest = (colours - black) / (1 - black)
    values = np.rint(np.concatenate([rest, black], axis=2) * 255).astype(np.uint8)
    return Image.fromarray(values, "CMYK")


def make_toy_files(folder: Path, car: Image.Image, turn: list[Path]) -> None:
    """Make a WebP, and an animated GIF of a turntable."""
    folder.mkdir(parents=True, exist_ok=True)
    car.save(folder / "car.webp", "WEBP", quality=94, method=6)
    frames = [on_white(Image.open(path).convert("RGBA")).crop((0, 70, 420, 370)) for path in turn]
    together = Image.new("RGB", (frames[0].width, frames[0].height * len(frames)))
    for place, frame in enumerate(frames):
        together.paste(frame, (0, place * frame.height))
    palette = together.quantize(200, Image.Quantize.MEDIANCUT)
    colours = np.array(palette.getpalette()).reshape(-1, 3)
    colours[colours.sum(axis=1).argmax()] = 255
    palette.putpalette(colours.flatten().tolist())
    reduced = [frame.quantize(palette=palette, dither=DOTS) for frame in frames]
    reduced[0].save(
        folder / "turntable.gif",
        "GIF",
        save_all=True,
        append_images=reduced[1:],
        duration=90,
        loop=0,
        optimize=True,
    )


def make_other_files(
    folder: Path, *, bowl: Image.Image, ring: Image.Image, vase: Image.Image
) -> None:
    """Make a cut-out PNG, a BMP and an XBM."""
    cleared(ring.crop((275, 310, 1275, 1310)), 90).save(
        folder / "RING-07-cut-out.png", "PNG", optimize=True
    )
    leaves = vase.crop((400, 0, 3600, 3200)).resize((720, 720), SMOOTH)
    leaves.save(folder / "id-214_2.bmp", "BMP", dpi=(96, 96))
    lemons = bowl.crop((bowl.width // 8, 0, bowl.width * 7 // 8, bowl.height))
    # Pillow writes ones where it is white; in an X bitmap they are the black dots.
    negative = ImageOps.invert(dithered(lemons, (540, 480)).convert("L"))
    negative.convert("1", dither=Image.Dither.NONE).save(folder / "BOWL-24-sketch.xbm", "XBM")


def dithered(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Draw a picture in black dots on white, crisp enough to be made out."""
    grey = ImageOps.fit(picture.convert("L"), size, SMOOTH)
    brighter = [min(255, round(255 * (level / 228) ** 0.85)) for level in range(256)]
    grey = ImageEnhance.Sharpness(grey.point(brighter)).enhance(2.0)
    return grey.convert("1", dither=DOTS)


def on_white(picture: Image.Image) -> Image.Image:
    """Lay a cut-out on white."""
    ground = Image.new("RGBA", picture.size, WHITE)
    return Image.alpha_composite(ground, cleared(picture, 24)).convert("RGB")


def cleared(picture: Image.Image, margin: int) -> Image.Image:
    """Let the shadow of a cut-out fade within its margin, and clear the faintest grain."""
    values = np.array(picture, dtype=np.float32)
    alpha = (values[..., 3] - 6) * np.float32(255 / 249)
    for axis, length in enumerate(alpha.shape):
        edge = np.minimum(np.arange(length), np.arange(length)[::-1]) / np.float32(margin)
        fade = np.clip(edge, 0, 1) ** 2 * (3 - 2 * np.clip(edge, 0, 1))
        alpha *= fade[:, None] if axis == 0 else fade[None, :]
    values[..., 3] = np.clip(np.rint(alpha), 0, 255)
    values[values[..., 3] == 0] = 0
    return Image.fromarray(values.astype(np.uint8), "RGBA")


def report(folder: Path) -> None:
    """Print what was made."""
    total = 0
    for path in sorted([*folder.glob("shop/**/*.*"), *folder.glob("refused/*")]):
        size = path.stat().st_size
        total += size
        print(f"{size:>10,}  {path.relative_to(folder)}")
    print(f"{total:>10,}  bytes in all")


if __name__ == "__main__":
    main()
