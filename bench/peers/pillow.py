"""pillow.py FORMAT OUT WIDTHS FILE...: every photo into every width, Lanczos, quality 80; JPEG sources reduced on load by draft()."""
import os, sys
from PIL import Image, ImageOps
Image.MAX_IMAGE_PIXELS = None
fmt, out, widths, files = sys.argv[1], sys.argv[2], sorted(map(int, sys.argv[3].split(",")), reverse=True), sys.argv[4:]
for f in files:
    im = Image.open(f)
    w, h = im.size
    if im.format == "JPEG":  # draft() goes no lower than what is asked for
        im.draft("RGB", (widths[0], max(1, h * widths[0] // w)))
    im = ImageOps.exif_transpose(im)
    for width in widths:
        size = (width, max(1, round(im.height * width / im.width)))
        small = im if size == im.size else im.resize(size, Image.LANCZOS)
        name = os.path.join(out, f"{os.path.splitext(os.path.basename(f))[0]}-{width}")
        if fmt == "png":
            small.save(name + ".png")
        else:
            small.save(name + ".jpg", quality=80, optimize=True)
