#!/usr/bin/env node
// Looked at before anything is loaded, which an older Node could not even read.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `face-id needs Node 24 or newer, and this is ${process.versions.node} (${process.execPath}).\n` +
      'Install it from nodejs.org, or beside face-id: npm install node@24, then npx face-id.\n',
  );
  process.exit(1);
}
import('../lib/main.js');
