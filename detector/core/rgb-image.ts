/** An upright photo: interleaved 8-bit sRGB, row by row, `data.length === 3 * width * height`. */
export type RgbImage = { readonly width: number; readonly height: number; readonly data: Uint8Array };
