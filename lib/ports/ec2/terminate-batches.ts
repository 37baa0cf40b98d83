// TerminateInstances in batches, as every adapter of the cloud port sends them: EC2 ends none of a batch that names one
// unknown id, and a protected instance keeps the others of its zone alive. So zones go apart, and a batch that fails is
// halved until the culprit is found.
import { CloudRefusedError } from '../cloud.ts';
import type { TerminateAnswer } from '../cloud.ts';

/** EC2 takes more, but smaller batches waste less when they are halved. */
const batchMax = 100;

export async function terminateBatches(
  ids: readonly string[],
  zoneOf: (id: string) => string,
  send: (batch: readonly string[]) => Promise<unknown>,
): Promise<TerminateAnswer> {
  const accepted: string[] = [];
  const refused: TerminateAnswer['refused'][number][] = [];
  const end = async (batch: readonly string[]): Promise<void> => {
    try {
      await send(batch);
      accepted.push(...batch);
    } catch (error) {
      if (!(error instanceof CloudRefusedError)) throw error;
      const { code, message, scope } = error.fault;
      // What the account may not do it may not do to one id either.
      if (batch.length === 1 || scope === 'account') {
        refused.push(...batch.map((id) => ({ id, code, message })));
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await end(batch.slice(0, half));
      await end(batch.slice(half));
    }
  };
  for (const members of Map.groupBy(new Set(ids), zoneOf).values())
    for (let at = 0; at < members.length; at += batchMax) await end(members.slice(at, at + batchMax));
  return { accepted, refused };
}
