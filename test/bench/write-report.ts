import { fixed, machine, table } from './markdown.ts';
import type { Measurement } from './measure.ts';
import { type Peer, type PeerPhoto, shareFound } from './peer.ts';

/** docs/benchmarks.md: what was measured, on what machine, by what command, and as ratios to the peer. */
export function writeReport(measurements: readonly Measurement[], peer: Peer, date: string): string {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; do not edit. Six group photos of 1920 px (npm package `@vladmandic/face-api`), sent as bytes over HTTP,',
    'the service in a process of its own on the same machine as its clients. Shared machines are noisy: the ratios, measured in the same run, say more.',
    '',
    `${date} · ${machine()}`,
    '',
    '## Speed',
    '',
    '`/detect` and `/infer`: milliseconds a photo at the client, one client, median. Photos/s: eight clients.',
    '',
    ...table(
      [
        'settings',
        '/detect ms',
        '/infer ms',
        'photos/s',
        '/infer p99 ms, 8 clients',
        'start to ready s',
        'event loop p99 ms',
      ],
      measurements.map(m => [
        m.title,
        fixed(m.detect.p50),
        fixed(m.infer.p50),
        fixed(m.inferEight.photosPerSecond, 1),
        fixed(m.inferEight.p99),
        fixed(m.readyMs / 1000, 1),
        m.loopDelayMs === null ? 'not measured' : fixed(m.loopDelayMs, 1),
      ]),
    ),
    '',
    '## Where the time goes',
    '',
    "Mean milliseconds of a photo in each stage (the service's own `/metrics`), one client.",
    '',
    ...stageTable(measurements),
    '',
    '## Memory',
    '',
    'Resident megabytes of the whole service after so many `/infer` requests by eight clients.',
    '',
    ...measurements
      .filter(m => m.memory.length > 0)
      .flatMap(m =>
        table(
          ['settings', ...m.memory.map(at => `${at.requests}`)],
          [[m.title, ...m.memory.map(at => fixed(at.megabytes))]],
        ),
      ),
    '',
    '## Beside facenet-pytorch',
    '',
    ...peerSection(measurements, peer),
    '',
  ].join('\n');
}

function peerSection(measurements: readonly Measurement[], peer: Peer): string[] {
  if ('missing' in peer) return [`Not measured in this run: facenet-pytorch is not installed here (${peer.missing}).`];
  const mean = (part: (ms: PeerPhoto['ms']) => number): number =>
    peer.photos.reduce((sum, { ms }) => sum + part(ms), 0) / peer.photos.length;
  const detect = mean(ms => ms.decode + ms.detect);
  const whole = mean(ms => ms.whole);
  return [
    `facenet-pytorch 2.5.3 (torch ${peer.torch}, ${peer.threads} threads), MTCNN at min face 20 and full resolution and InceptionResnetV1, in the same run:`,
    `${fixed(detect)} ms a photo to decode and detect, ${fixed(whole)} ms with embedding, in process, without HTTP. Means of each photo's median; ours include HTTP.`,
    'Share: of its faces with probability ≥ 0.95, those that ours covers with IoU ≥ 0.5.',
    '',
    ...table(
      ['settings', 'detection, times faster', 'whole /infer, times faster', 'share of its faces found'],
      measurements.map(m => [
        m.title,
        fixed(detect / m.detect.perPhoto, 1),
        fixed(whole / m.infer.perPhoto, 1),
        `${fixed(100 * shareFound(peer.photos, m.boxes))} %`,
      ]),
    ),
  ];
}

function stageTable(measurements: readonly Measurement[]): string[] {
  const stages = [...new Set(measurements.flatMap(m => [...m.stages.keys()]))];
  return table(
    ['settings', ...stages],
    measurements.map(m => [m.title, ...stages.map(stage => fixed(m.stages.get(stage) ?? 0, 1))]),
  );
}
