import { z } from 'zod';

const port = z.int().min(0).max(65535);

/** `host:port`, IPv6 in brackets, with or without gRPC's `dns:`, `ipv4:` or `ipv6:` before it. */
const address = /^(?:dns:(?:\/\/[^/]*\/)?|ipv4:|ipv6:)?(?:[\w.-]+|\[[\da-f:.]*:[\da-f:.]*(?:%[\w.-]+)?\]):(\d{1,5})$/i;

/** `triton:` of config.yaml. `url` is `embedded`, or `host:port` of a Triton's gRPC endpoint; nothing listens here then. */
export const tritonConfig = z.strictObject({
  url: z
    .string()
    .refine(
      isAddress,
      'expected "embedded", or host:port of a Triton\'s gRPC endpoint such as triton:8001, without http://',
    )
    .default('embedded'),
  host: z.string().min(1).default('127.0.0.1'),
  grpc_port: port.default(8001),
  /** Null: the protocol is spoken over gRPC only. */
  http_port: port.nullable().default(8000),
  metrics_port: port.default(8002),
  model_repository: z.string().min(1).default('triton/models'),
  /** As NVIDIA Triton's flags of these names: what of the repository is served, and who changes that. */
  model_control_mode: z.enum(['none', 'poll', 'explicit']).default('none'),
  repository_poll_secs: z.int().min(1).max(86_400).default(15),
  load_models: z
    .array(z.string().min(1))
    .refine(names => names.length === 1 || !names.includes('*'), "expected names of models, or '*' alone")
    .default(['*']),
  deadline_ms: z.int().min(1).max(600_000).default(10_000),
});

/** `models:` of config.yaml. */
export const modelsConfig = z.strictObject({
  embedder: z.string().min(1).default('dlib_resnet'),
  /** Embed the crop and its mirror image in one graph, where the model's builder can. */
  mirror_crop: z.boolean().default(true),
  /** Refuse models whose weights are not cleared for commercial use. */
  commercial_only: z.boolean().default(false),
  /** A folder that holds published weights, asked before any other source. */
  mirror: z.string().min(1).nullable().default(null),
});

/** Also a socket of this machine, as gRPC names one. */
function isAddress(url: string): boolean {
  if (url === 'embedded' || /^unix:./.test(url)) return true;
  const port = Number(address.exec(url)?.[1]);
  return port >= 1 && port <= 65_535;
}

export type TritonConfig = z.infer<typeof tritonConfig>;
export type ModelsConfig = z.infer<typeof modelsConfig>;
