import { dump, load } from 'js-yaml';
import { z } from 'zod';
import { GalleryError } from './gallery-error.ts';

const text = z.string().min(1);

/** The configuration of faceid deployments (FaceNet on Triton, MTCNN, Elasticsearch), as far as it says something. */
const oldSchema = z.looseObject({
  EMB: z.looseObject({ emb_path: text.optional(), get_emb: z.boolean().optional() }).optional(),
  MTCNN: z.looseObject({ URL: z.url().optional() }).optional(),
  triton: z
    .looseObject({ URL: text.optional(), model_name: text.optional(), batch_size: z.int().optional() })
    .optional(),
  ELASTICSEARCH: z
    .looseObject({
      URL: z.url().optional(),
      INDEX_NAME: text.optional(),
      ELASTIC_USERNAME: text.optional(),
      ELASTIC_PASSWORD: text.optional(),
    })
    .optional(),
});

type OldConfig = z.infer<typeof oldSchema>;

/**
 * Today's configuration, as YAML with comments, for the keys of an older deployment's `config.yaml`. Its password is not repeated.
 * @throws GalleryError for a file that is no such configuration
 */
export function importConfig(yaml: string, file: string): string {
  const old = parse(yaml, file);
  const config = {
    ...(old.MTCNN?.URL !== undefined && { detector: { url: old.MTCNN.URL } }),
    ...(old.triton?.URL !== undefined && { triton: { url: grpcAddress(old.triton.URL) } }),
    ...(old.triton?.model_name !== undefined && { models: { embedder: old.triton.model_name } }),
    ...(old.ELASTICSEARCH?.URL !== undefined && { store: toStore(old.ELASTICSEARCH, old.ELASTICSEARCH.URL) }),
  };
  if (Object.keys(config).length === 0 && old.EMB === undefined) {
    throw new GalleryError(`${file}: expected the keys MTCNN, triton, ELASTICSEARCH or EMB, got none of them`);
  }
  const body = Object.keys(config).length === 0 ? '' : dump(config);
  return `${notes(old)
    .map(note => `# ${note}\n`)
    .join('')}${body}`;
}

function parse(yaml: string, file: string): OldConfig {
  let content: unknown;
  try {
    content = load(yaml);
  } catch (cause) {
    throw new GalleryError(`${file} is not valid YAML: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const parsed = oldSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(top level)'}: ${message}`);
  throw new GalleryError(`${file}: ${issues.join('; ')}`);
}

/** The old client spoke HTTP (8000); ours speaks gRPC, on the next port. */
function grpcAddress(address: string): string {
  const host = address.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return `${name}:${port === undefined ? 8001 : Number(port) + 1}`;
}

function toStore({ ELASTIC_USERNAME, INDEX_NAME }: NonNullable<OldConfig['ELASTICSEARCH']>, url: string): object {
  return {
    kind: 'elasticsearch',
    urls: [url],
    ...(INDEX_NAME !== undefined && { prefix: toPrefix(INDEX_NAME) }),
    ...(ELASTIC_USERNAME !== undefined && { username: ELASTIC_USERNAME }),
  };
}

/** What index names may begin with here; an index of the old kind is not read, so its name is free. */
function toPrefix(index: string): string {
  return (
    index
      .toLowerCase()
      .replace(/[^a-z0-9_-]/g, '-')
      .replace(/^[^a-z0-9]+/, '')
      .slice(0, 32) || 'face-id'
  );
}

function notes({ EMB, triton, ELASTICSEARCH }: OldConfig): string[] {
  const { model_name: model = 'facenet', batch_size } = triton ?? {};
  return [
    triton?.URL !== undefined &&
      'triton.url is the gRPC address: the port behind that of HTTP, unless yours is another.',
    batch_size !== undefined && `triton.batch_size ${batch_size}: batches follow the model's own max_batch_size.`,
    ELASTICSEARCH?.ELASTIC_PASSWORD !== undefined &&
      'The password is not repeated here: set store.password_file, or FACE_ID__STORE__PASSWORD.',
    ELASTICSEARCH?.URL?.startsWith('https:') === true &&
      'Certificates are checked: name your own authority in store.ca_file.',
    EMB?.emb_path !== undefined &&
      `EMB.emb_path: npm run gallery -- import --pt-emb ${EMB.emb_path} --model ${model} brings these people along.`,
    EMB?.get_emb !== undefined && 'EMB.get_emb: ask for embeddings with each photo, /infer?embeddings=true.',
  ].filter(note => note !== false);
}
