// node sharp.mjs reduce WIDTH IN OUT.png     a picture of that width, Lanczos3, sRGB
// node sharp.mjs mozjpeg IN.png QUALITY...   encodes at each; see func sharp in peers.go for what it prints
import { writeSync } from 'node:fs'
import sharp from 'sharp'

sharp.concurrency(1)
const [what, ...args] = process.argv.slice(2)
if (what === 'reduce') {
  const [width, from, to] = args
  await sharp(from).resize({ width: +width, kernel: 'lanczos3' }).removeAlpha().toColourspace('srgb').png().toFile(to)
} else {
  const { data, info } = await sharp(args[0]).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const write = (bytes) => { for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at) }
  for (const quality of args.slice(1)) {
    let best = Infinity, file
    for (let i = 0; i < 4; i++) {
      const start = process.cpuUsage()
      file = await sharp(data, { raw: info }).jpeg({ quality: +quality, mozjpeg: true, chromaSubsampling: '4:2:0' }).toBuffer()
      const { user, system } = process.cpuUsage(start)
      best = Math.min(best, user + system)
    }
    const head = Buffer.alloc(8)
    head.writeUInt32LE(best, 0)
    head.writeUInt32LE(file.length, 4)
    write(head)
    write(file)
  }
}
