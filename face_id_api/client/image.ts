/** An encoded photo: JPEG, PNG, WebP, GIF, TIFF or AVIF. A Node Buffer is a Uint8Array, a file of a browser's form is a Blob. */
export type Image = Uint8Array | ArrayBuffer | Blob;

/** Its base64, as `/verify` and `/generate` take photos. Needs nothing but the web's own functions. */
export async function toBase64(image: Image): Promise<string> {
  const bytes = await toBytes(image);
  // fromCharCode takes its arguments from the stack.
  const step = 32_768;
  let text = '';
  for (let i = 0; i < bytes.length; i += step) text += String.fromCharCode(...bytes.subarray(i, i + step));
  return btoa(text);
}

async function toBytes(image: Image): Promise<Uint8Array> {
  if (image instanceof Uint8Array) return image;
  return new Uint8Array(image instanceof ArrayBuffer ? image : await image.arrayBuffer());
}
