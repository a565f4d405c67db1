const boundary = 'a-boundary-of-the-test';

export type FormPart = { readonly name: string; readonly filename?: string; readonly content: string | Uint8Array };

/** Headers and payload of a multipart/form-data request, for `app.inject`. */
export function postForm(parts: readonly FormPart[]): { headers: Record<string, string>; payload: Buffer } {
  const chunks = parts.flatMap(({ name, filename, content }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename ? `; filename="${filename}"` : ''}\r\n` +
        `${filename ? 'Content-Type: image/jpeg\r\n' : ''}\r\n`,
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  };
}
