// Writes docs/api.md from the route table and the schemas of lib/api.
import { writeFileSync } from 'node:fs';
import { apiReference } from '../lib/api/reference.ts';

const file = new URL('../docs/api.md', import.meta.url);
writeFileSync(file, apiReference());
process.stderr.write('docs/api.md is written\n');
