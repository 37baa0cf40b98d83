// Writes what is generated of the clients: clients/typescript/api.ts and clients/python/src/bellows/api.py.
import { writeFileSync } from 'node:fs';
import { clientFiles } from './files.ts';

for (const [path, text] of await clientFiles()) {
  writeFileSync(new URL(`../../${path}`, import.meta.url), text);
  process.stderr.write(`${path} is written\n`);
}
