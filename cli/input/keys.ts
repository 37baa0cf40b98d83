// Idempotency keys as people give them: what no header can carry is said here, not by the network.
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';

/** What --key says, or a new one. @throws CliError for what the API does not take */
export async function keyOf({ environment }: Context, said: unknown): Promise<string> {
  if (typeof said !== 'string') return environment.newKey();
  const { idempotencyKey } = await import('../../lib/api/schemas/values.ts');
  const parsed = idempotencyKey.safeParse(said);
  if (parsed.success && said.trim() === said) return said;
  const why = parsed.success
    ? 'must not begin or end with a blank'
    : (parsed.error.issues[0]?.message ?? 'is not valid');
  throw usageError(
    `--key ${JSON.stringify(said)} ${why}`,
    'give letters, digits and signs, e.g. --key nightly-2026-11-22',
  );
}
