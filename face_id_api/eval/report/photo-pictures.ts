import path from 'node:path';

/** A photo of the data as a picture in a report. */
export type PictureOf = (photo: string) => string;

/** At most this many photos that failed are shown. */
const shownFailures = 12;

/** @param imagesFrom from the report's folder to the folder that the photos' paths start at */
export function picturesFrom(imagesFrom: string): PictureOf {
  return photo => `<img src="${encodeURI(path.posix.join(imagesFrom, photo))}" width="120" alt="${photo}">`;
}

/** The photos without a usable face, the first of them as pictures. */
export function failureText(failed: readonly string[], picture: PictureOf): string {
  const more = failed.length > shownFailures ? `\n\nand ${failed.length - shownFailures} more.` : '';
  return `No usable face was found in:\n\n${failed.slice(0, shownFailures).map(picture).join(' ')}${more}`;
}
