// npm run bench [-- wire | client | gallery | encryption | detectors | quality | reembed] [--quick]. What each measures stands at its file's head.
const files: Readonly<Record<string, string>> = {
  wire: './protocol.ts',
  client: './client.ts',
  gallery: './gallery.ts',
  encryption: './encryption.ts',
  detectors: './detectors.ts',
  quality: './quality.ts',
  reembed: './reembed.ts',
};

await import(files[process.argv[2] ?? ''] ?? './product.ts');
