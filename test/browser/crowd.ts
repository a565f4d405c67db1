import sharp from 'sharp';
import type { Client } from '../end_to_end/product.ts';
import { sample } from './use-console.ts';

const [width, height] = [1600, 1000];

/** A photo of many faces, side by side, cut out of the sample photos where the service finds them. */
export async function crowdOf(client: Client, count: number): Promise<Buffer> {
  const heads: Buffer[] = [];
  for (const number of [1, 2, 3, 4, 5, 6]) {
    const photo = await sample(number);
    for (const face of (await client.infer(photo)).body.faces) heads.push(await headOf(photo, face.bounding_box));
  }
  const columns = Math.ceil(Math.sqrt((count * width) / height));
  const cell = Math.floor(width / columns);
  const cells = await Promise.all(
    Array.from({ length: count }, async (_, i) => ({
      input: await sharp(heads[i % heads.length])
        .resize(cell - 8, cell - 8)
        .toBuffer(),
      left: cell * (i % columns),
      top: 20 + cell * Math.floor(i / columns),
    })),
  );
  const background = { width, height, channels: 3 as const, background: '#5b5f66' };
  return sharp({ create: background }).composite(cells).jpeg({ quality: 92 }).toBuffer();
}

async function headOf(photo: Buffer, [x1, y1, x2, y2]: [number, number, number, number]): Promise<Buffer> {
  const side = Math.round(1.7 * Math.max(x2 - x1, y2 - y1));
  const left = Math.round((x1 + x2 - side) / 2);
  const top = Math.round((y1 + y2 - side) / 2);
  const margin = side;
  const wide = await sharp(photo)
    .extend({ top: margin, bottom: margin, left: margin, right: margin, extendWith: 'copy' })
    .toBuffer();
  return sharp(wide)
    .extract({ left: left + margin, top: top + margin, width: side, height: side })
    .toBuffer();
}
