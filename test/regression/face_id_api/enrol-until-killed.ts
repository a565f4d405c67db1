import { createLocalStore } from '../../../face_id_api/store/local-store.ts';
import { killedModel, vectorFor } from './killed-enrolment.ts';

/** Enrols for ever in the folder given, from the number given on, and says so on stdout once each is acknowledged. */
const [dataDir = '', first = '0'] = process.argv.slice(2);
const store = createLocalStore({ dataDir, model: killedModel });
for (let n = Number(first); ; n++) {
  // Every third enrolment replaces a person who was there, with another number of templates.
  const id = n % 3 === 2 ? n - 2 : n;
  const templates = Array.from({ length: 2 + (n % 4) }, (_, k) => ({
    vector: vectorFor(n, k),
    sourceSha256: String(n),
    detector: 'mtcnn',
  }));
  await store.gallery('default').put({ id, mode: 'replace', templates });
  // One line of less than a pipe's atomic size, written before the next begins.
  await new Promise(resolve => process.stdout.write(`${n}\n`, resolve));
}
