import { createLocalStore } from '../../../face_id_api/store/local-store.ts';
import { killedIndexFrom, killedModel, stepOf, vectorFor } from './killed-enrolment.ts';

/** Enrols and erases for ever in the folder given, from the step given on, and says so on stdout once each is acknowledged. */
const [dataDir = '', first = '0'] = process.argv.slice(2);
const store = createLocalStore({ dataDir, model: killedModel, indexFrom: killedIndexFrom });
const gallery = store.gallery('default');
for (let n = Number(first); ; n++) {
  const { do: what, id, templates: count } = stepOf(n);
  const templates = Array.from({ length: count }, (_, k) => ({
    vector: vectorFor(n, k),
    sourceSha256: String(n),
    detector: 'mtcnn',
  }));
  if (what === 'erase') await gallery.remove(id);
  else await gallery.put({ id, mode: 'replace', templates });
  // One line of less than a pipe's atomic size, written before the next begins.
  await new Promise(resolve => process.stdout.write(`${n}\n`, resolve));
}
