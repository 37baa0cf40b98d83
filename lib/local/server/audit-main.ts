// `./bellows audit` ends here: prints the audit line and what is wrong; exit 1 if anything is.
import { resolve } from 'node:path';
import { BellowsError } from '../../core/values/errors.ts';
import { auditLine, settledAudit } from './audit.ts';

const isJson = process.argv.includes('--json');
const home = resolve(process.env['BELLOWS_HOME'] ?? '.bellows');

try {
  const found = await settledAudit(home);
  if (isJson) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else process.stdout.write([auditLine(found), ...found.problems].map((line) => `${line}\n`).join(''));
  process.exitCode = found.problems.length > 0 ? 1 : 0;
} catch (error) {
  if (!(error instanceof BellowsError)) throw error;
  process.stderr.write(`bellows: ${error.message}\n`);
  process.exitCode = 1;
}
