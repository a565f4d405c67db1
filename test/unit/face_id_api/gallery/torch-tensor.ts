import { zipSync } from 'fflate';

/** A float32 tensor of one axis as torch.save (1.6 and later) writes it: the same opcodes, memos included. */
export function torchTensor(values: readonly number[]): Buffer {
  const global = (name: string): Buffer => Buffer.from(`c${name.replace(' ', '\n')}\n`);
  const unicode = (text: string): Buffer => Buffer.concat([Buffer.from('X'), uint32(text.length), Buffer.from(text)]);
  const int = (value: number): Buffer => Buffer.from([0x4d, value & 0xff, value >> 8]);
  let memo = 0;
  const put = (): Buffer => Buffer.from([0x71, memo++]);
  const storage = [
    unicode('storage'),
    put(),
    global('torch FloatStorage'),
    put(),
    unicode('0'),
    put(),
    unicode('cpu'),
    put(),
  ];
  const pickle = Buffer.concat([
    Buffer.from([0x80, 2]),
    ...[global('torch._utils _rebuild_tensor_v2'), put(), Buffer.from('(('), ...storage, int(values.length)],
    ...[Buffer.from('t'), put(), Buffer.from('Q'), int(0), int(values.length), Buffer.from([0x85]), put()],
    ...[int(1), Buffer.from([0x85]), put(), Buffer.from([0x89]), global('collections OrderedDict'), put()],
    ...[Buffer.from(')R'), put(), Buffer.from('t'), put(), Buffer.from('R'), put(), Buffer.from('.')],
  ]);
  const data = new Uint8Array(Float32Array.from(values).buffer);
  const files = {
    'x/data.pkl': pickle,
    'x/byteorder': Buffer.from('little'),
    'x/data/0': data,
    'x/version': Buffer.from('3\n'),
  };
  return Buffer.from(zipSync(files, { level: 0 }));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
