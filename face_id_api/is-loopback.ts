import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host of a configuration or of a URL, IPv6 in brackets or without, is this machine and nothing else. */
export function isLoopback(host: string): boolean {
  const name = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const version = isIP(name);
  if (version === 0) return name.toLowerCase() === 'localhost';
  return loopback.check(name, version === 4 ? 'ipv4' : 'ipv6');
}
