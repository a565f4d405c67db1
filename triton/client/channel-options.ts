import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js';
import { TritonError } from './triton-error.ts';

export type TlsOptions = {
  /** Certificates in PEM that the server's has to lead up to; absent: the machine's own. */
  readonly rootCertificates?: string | Uint8Array;
  /** This client's own chain and key in PEM, where the server asks for one. */
  readonly certificate?: string | Uint8Array;
  readonly privateKey?: string | Uint8Array;
  /** The name to look for in the server's certificate, where it is not that of the address. */
  readonly serverName?: string;
};

export type ChannelSettings = {
  /** `host:port` of Triton's gRPC endpoint. */
  readonly address: string;
  /** Absent: a connection in the clear. `true`: TLS as the machine trusts it. */
  readonly tls?: true | TlsOptions;
  /** Said before grpc-js's own in `user-agent`. */
  readonly userAgent?: string;
  /** Largest message in either direction, in bytes. By default 200 MiB of tensors and 1 MiB for the rest. */
  readonly maxMessageBytes?: number;
  /** HTTP/2 flow-control window in bytes: what may be under way before the other side has read it. */
  readonly windowBytes?: number;
  /** Time without traffic after which a call in progress pings the server. Servers cut off who pings more often than every 5 minutes. */
  readonly keepaliveMs?: number;
  /** How long the answer to a ping may take before the connection counts as dead. */
  readonly keepaliveTimeoutMs?: number;
  /** Ping between calls too, so that a connection that died is known before the next one. */
  readonly keepaliveWithoutCalls?: boolean;
};

export function channelOptions({
  tls,
  userAgent,
  maxMessageBytes = 201 * 1024 * 1024,
  windowBytes = 16 * 1024 * 1024,
  keepaliveMs = 300_000,
  keepaliveTimeoutMs = 20_000,
  keepaliveWithoutCalls = false,
}: ChannelSettings): ChannelOptions {
  return {
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc-node.flow_control_window': windowBytes,
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': keepaliveTimeoutMs,
    'grpc.keepalive_permit_without_calls': keepaliveWithoutCalls ? 1 : 0,
    // A Triton that comes back is found within seconds; the default waits up to two minutes.
    'grpc.max_reconnect_backoff_ms': 5_000,
    // grpc-js's transparent retries hold every message until its answer.
    'grpc.enable_retries': 0,
    // Tensors go where the configuration says, never through a proxy of the environment.
    'grpc.enable_http_proxy': 0,
    'grpc.use_local_subchannel_pool': 1,
    ...(userAgent !== undefined && { 'grpc.primary_user_agent': userAgent }),
    ...(typeof tls === 'object' && tls.serverName !== undefined && { 'grpc.ssl_target_name_override': tls.serverName }),
  };
}

/** @throws TritonError `INVALID_ARGUMENT` when a certificate comes without its key, or is no PEM */
export function channelCredentials({ tls }: ChannelSettings): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const { rootCertificates, certificate, privateKey } = tls === true ? {} : tls;
  try {
    return credentials.createSsl(toBuffer(rootCertificates), toBuffer(privateKey), toBuffer(certificate));
  } catch (cause) {
    throw new TritonError('INVALID_ARGUMENT', `tls: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function toBuffer(pem: string | Uint8Array | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}
