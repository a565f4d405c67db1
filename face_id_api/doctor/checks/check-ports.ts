import { once } from 'node:events';
import net from 'node:net';
import { reachableHost, urlHost } from '../../../triton/url-host.ts';
import { findListener } from '../find-listener.ts';
import { type CheckContext, type CheckedConfig, type Finding, fault, ok } from '../finding.ts';
import { getLocally } from '../get-locally.ts';

type Port = {
  /** Its key in config.yaml. */
  readonly key: string;
  readonly scheme?: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Answers 200 with these words where it is face-id that listens; null: gRPC, which is known by its pid alone. */
  readonly probe: { readonly path: string; readonly words: RegExp } | null;
};

const answerMs = 2000;

/** Whether what listens here can, or does already. */
export async function checkPorts({ config, signal }: CheckContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  const ours = new Set<string>();
  for (const port of portsOf(config)) findings.push(await checkPort(port, ours, signal));
  return findings;
}

function portsOf({ api, detector, triton }: CheckedConfig): Port[] {
  const health = { path: '/healthz', words: /"status":"ok"/ };
  const ports: Port[] = [{ key: 'api.port', scheme: api.tls === null ? 'http' : 'https', ...api, probe: health }];
  if (detector.url === 'embedded') ports.push({ key: 'detector.port', ...detector, probe: health });
  if (triton.url !== 'embedded') return ports;
  const { host, http_port: http } = triton;
  ports.push({
    key: 'triton.metrics_port',
    host,
    port: triton.metrics_port,
    probe: { path: '/metrics', words: /nv_inference/ },
  });
  if (http !== null)
    ports.push({ key: 'triton.http_port', host, port: http, probe: { path: '/v2', words: /"extensions"/ } });
  return [...ports, { key: 'triton.grpc_port', host, port: triton.grpc_port, probe: null }];
}

async function checkPort(
  { key, scheme = 'http', host, port, probe }: Port,
  ours: Set<string>,
  signal: AbortSignal,
): Promise<Finding> {
  if (port === 0) return ok(key, 'any free port');
  const code = await tryToListen(host, port);
  if (code === null) return ok(key, `${port} is free`);
  if (code === 'EADDRNOTAVAIL') {
    return fault(
      key,
      `${host} is no address of this machine`,
      `Set ${key.split('.')[0]}.host to one, or to 127.0.0.1.`,
    );
  }
  if (code !== 'EADDRINUSE') {
    return fault(key, `${host}:${port} cannot be listened on: ${code}`, `Set ${key} to a port above 1023.`);
  }
  const listener = await findListener(port);
  const isOurs =
    probe === null
      ? listener !== null && ours.has(listener)
      : await answers(`${scheme}://${urlHost(reachableHost(host))}:${port}`, probe, signal);
  if (isOurs) {
    if (listener !== null) ours.add(listener);
    return ok(key, `face-id answers on ${port} already${listener === null ? '' : `: ${listener}`}`);
  }
  const remedy = `Stop that, or set ${key} to another port (FACE_ID__${key.toUpperCase().replace('.', '__')}=…).`;
  return fault(key, `${port} is used by ${listener ?? 'another program'}`, remedy);
}

async function tryToListen(host: string, port: number): Promise<string | null> {
  const server = net.createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

async function answers(
  url: string,
  { path, words }: NonNullable<Port['probe']>,
  signal: AbortSignal,
): Promise<boolean> {
  const reply = await getLocally(`${url}${path}`, AbortSignal.any([signal, AbortSignal.timeout(answerMs)]));
  return reply !== null && words.test(reply.body);
}
