import { openAsBlob } from 'node:fs';

/** The photo in a file, read when it is sent. Node only: import it from `face-id-client/node`. */
export async function imageFile(path: string): Promise<Blob> {
  return await openAsBlob(path);
}
