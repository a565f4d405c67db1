import { expect, it } from 'vitest';
import { isLoopback } from '../../../face_id_api/is-loopback.ts';

it.each(['127.0.0.1', '127.255.0.9', '::1', '[::1]', '::ffff:127.0.0.1', 'localhost', 'LocalHost'])(
  '%s is this machine',
  host => expect(isLoopback(host)).toBe(true),
);

it.each([
  ...[
    '0.0.0.0',
    '::',
    '192.168.1.2',
    '128.0.0.1',
    '::2',
    '::ffff:10.0.0.1',
    '',
    'localhost.example',
    '127.0.0.1.example',
  ],
  ...['example.org', '127.1', '0x7f000001', '2130706433', '[localhost]x'],
])('%s may be another', host => expect(isLoopback(host)).toBe(false));
