// `./bellows audit` ends here: prints the audit line and what is wrong; exit 1 if anything is.
import { resolve } from 'node:path';
import { BellowsError } from '../core/errors.ts';
import { audit, auditLine } from './audit.ts';
import type { Audit } from './audit.ts';

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

/**
 * The store, the cloud and the ledger are read one after the other while a server may be at work. What is
 * wrong in both of two looks is wrong; what only the first one saw was on its way.
 */
async function settledAudit(folder: string): Promise<Audit> {
  const first = audit(folder, Date.now());
  if (first.problems.length === 0) return first;
  await new Promise((wake) => setTimeout(wake, 2_000));
  const second = audit(folder, Date.now());
  return { ...second, problems: second.problems.filter((problem) => first.problems.includes(problem)) };
}
