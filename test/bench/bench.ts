// npm run bench [-- wire | client | gallery | encryption | detectors] [--quick]. What each measures stands at the head of its file.
const files: Readonly<Record<string, string>> = {
  wire: './protocol.ts',
  client: './client.ts',
  gallery: './gallery.ts',
  encryption: './encryption.ts',
  detectors: './detectors.ts',
};

await import(files[process.argv[2] ?? ''] ?? './product.ts');
