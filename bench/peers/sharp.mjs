// node sharp.mjs once|clone FORMAT OUT WIDTHS FILE...: every photo into every width, Lanczos3, quality 80.
// once: one decoding, reduced on load to the largest width, and resizes from that; clone: sharp's own way, a clone() for each width.
// SHARP names the folder whose node_modules holds sharp.
import { createRequire } from 'node:module';
import path from 'node:path';
const sharp = createRequire(path.join(process.env.SHARP, 'x.js'))('sharp');
const [way, format, out, widths, ...files] = process.argv.slice(2);
const sizes = widths.split(',').map(Number).sort((a, b) => b - a);
const write = (image, w, file) => (format === 'png' ? image.png() : image.jpeg({ quality: 80, optimiseCoding: true })).toFile(file);
for (const file of files) {
  const name = w => path.join(out, `${path.parse(file).name}-${w}.${format === 'png' ? 'png' : 'jpg'}`);
  if (way === 'clone') {
    const source = sharp(file, { limitInputPixels: false }).autoOrient();
    await Promise.all(sizes.map(w => write(source.clone().resize({ width: w, withoutEnlargement: true }), w, name(w))));
    continue;
  }
  const { data, info } = await sharp(file, { limitInputPixels: false }).autoOrient().resize({ width: sizes[0], withoutEnlargement: true })
    .raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  await Promise.all(sizes.map(w => write(sharp(data, { raw }).resize({ width: w, withoutEnlargement: true }), w, name(w))));
}
