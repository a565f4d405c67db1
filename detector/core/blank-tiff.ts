export type TiffShape = {
  readonly width: number;
  readonly height: number;
  /** RGB, or RGB with alpha. */
  readonly channels: 3 | 4;
  /** Whether the colours were multiplied by alpha. */
  readonly premultiplied?: boolean;
  /** ICC profile; empty for none. */
  readonly icc: Uint8Array;
};

export type BlankTiff = { readonly bytes: Uint8Array<ArrayBuffer>; readonly pixelsAt: number };

/** A decoder reads strips one by one; small ones are within every decoder's limits. */
const stripBytes = 256 * 1024;

const short = 3;
const long = 4;
const undefinedBytes = 7;

/**
 * An uncompressed TIFF of black pixels, 8 bits each; they start at `pixelsAt` and lie row by row without a gap, to be written
 * into. It carries a colour profile, as raw pixels cannot. TIFF 6.0, and ICC.1:2022, B.4 for the profile.
 */
export function blankTiff({ width, height, channels, premultiplied = false, icc }: TiffShape): BlankTiff {
  const rowBytes = width * channels;
  const rows = Math.max(1, Math.trunc(stripBytes / rowBytes));
  const strips = Math.ceil(height / rows);

  const entryCount = 10 + (channels === 4 ? 1 : 0) + (icc.length > 0 ? 1 : 0);
  const depthsAt = 8 + 2 + 12 * entryCount + 4;
  const offsetsAt = depthsAt + 2 * 4;
  const countsAt = offsetsAt + 4 * strips;
  const iccAt = countsAt + 4 * strips;
  const pixelsAt = iccAt + icc.length + (icc.length % 2);

  const bytes = new Uint8Array(pixelsAt + rowBytes * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0, 8]);
  view.setUint16(8, entryCount, true);
  // A value of up to four bytes stands in the entry itself: one strip's offset does.
  const inEntry = strips === 1;
  const entries: (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, channels, depthsAt],
    [259, short, 1, 1],
    [262, short, 1, 2],
    [273, long, strips, inEntry ? pixelsAt : offsetsAt],
    [277, short, 1, channels],
    [278, long, 1, rows],
    [279, long, strips, inEntry ? rowBytes * height : countsAt],
    [284, short, 1, 1],
  ];
  if (channels === 4) entries.push([338, short, 1, premultiplied ? 1 : 2]);
  if (icc.length > 0) entries.push([34675, undefinedBytes, icc.length, iccAt]);
  entries.forEach(([tag, type, count, value], i) => {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    view.setUint32(at + 8, value, true);
  });
  for (let i = 0; i < channels; i++) view.setUint16(depthsAt + 2 * i, 8, true);
  for (let i = 0; i < strips; i++) {
    view.setUint32(offsetsAt + 4 * i, pixelsAt + i * rows * rowBytes, true);
    view.setUint32(countsAt + 4 * i, Math.min(rows, height - i * rows) * rowBytes, true);
  }
  bytes.set(icc, iccAt);
  return { bytes, pixelsAt };
}
