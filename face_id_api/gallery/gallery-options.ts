import { defaultGallery } from '../store/store.ts';

/** Options that the commands over galleries share. */
export const galleryOption = ['--gallery <name>', 'the gallery that is meant', defaultGallery] as const;

export const urlOption = [
  '--url <url>',
  'a service that is running, with the key of FACE_ID_API_KEY (default: the configured store, which no service may have open)',
] as const;
