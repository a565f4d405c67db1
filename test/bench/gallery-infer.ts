import { load } from './load.ts';
import { median } from './median.ts';
import { type ProductProcess, startProductProcess } from './product-process.ts';

/** `/infer` over a small gallery and over a large one; milliseconds a photo, one client. */
export type InferCost = { readonly small: number; readonly large: number; readonly ratio: number };

const turns = 15;

/** Asks two services in turns, so that both see the same noise. The figures are medians of the turns. */
export async function compareInfer(smallDir: string, largeDir: string, photos: readonly Buffer[]): Promise<InferCost> {
  const products: ProductProcess[] = [];
  try {
    for (const dir of [smallDir, largeDir]) products.push(await startProductProcess({ DATA_DIR: dir }));
    const [small, large] = products.map(({ apiUrl }) => `${apiUrl}/infer`);
    const perPhoto = async (url = '', requests = 2 * photos.length): Promise<number> =>
      (await load({ url, photos, clients: 1, requests })).perPhoto;
    for (const url of [small, large]) await perPhoto(url);
    const times: { small: number; large: number }[] = [];
    for (let turn = 0; turn < turns; turn++) times.push({ small: await perPhoto(small), large: await perPhoto(large) });
    return {
      small: median(times.map(turn => turn.small)),
      large: median(times.map(turn => turn.large)),
      ratio: median(times.map(turn => turn.large / turn.small)),
    };
  } finally {
    for (const product of products) await product.close();
  }
}
