// npm run bench [-- wire | client | gallery | detectors | reembed] [--quick]. What each measures stands at the head of its file.
const files: Readonly<Record<string, string>> = {
  wire: './protocol.ts',
  client: './client.ts',
  gallery: './gallery.ts',
  detectors: './detectors.ts',
  reembed: './reembed.ts',
};

await import(files[process.argv[2] ?? ''] ?? './product.ts');
