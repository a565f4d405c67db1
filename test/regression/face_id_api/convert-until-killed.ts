import { openConversion } from '../../../face_id_api/store/open-conversion.ts';
import { conversionOf } from './killed-conversion.ts';

/** Converts the folder given for ever, from the step given on, and says so on stdout when a step begins. */
const [dataDir = '', first = '0'] = process.argv.slice(2);
for (let n = Number(first); ; n++) {
  const store = await openConversion({ kind: 'local' }, dataDir);
  await new Promise(resolve => process.stdout.write(`${n}\n`, resolve));
  await store.convert(conversionOf(n));
  await store.close();
}
