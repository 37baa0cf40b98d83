// Invariant 2: one key, one request. The same key and body give the same id; another body is refused; and a key
// that only ever came with one body is never refused.
import type { Truth, Watcher } from '../truth.ts';

const name = '2: one key, one request';

export function oneKeyOneRequest(truth: Truth): Watcher {
  const winners = new Map<string, { readonly id: string; readonly body: string }>();
  return {
    answered({ tenant, key, body, answer }) {
      const of = `${tenant}/${key}`;
      const winner = winners.get(of);
      if (answer.kind === 'conflict') {
        if ((truth.ledger.sentBodies.get(of)?.size ?? 0) < 2)
          truth.violate(name, `key ${of} came with one body only and was refused as used with another`, [of]);
        else if (winner?.body === body)
          truth.violate(name, `key ${of} was accepted with this body before and is refused now`, [winner.id]);
        return;
      }
      if (winner === undefined) winners.set(of, { id: answer.id, body });
      else if (winner.id !== answer.id)
        truth.violate(name, `key ${of} gave ${winner.id} first and ${answer.id} now`, [winner.id, answer.id]);
      else if (winner.body !== body) truth.violate(name, `key ${of} was accepted with two bodies`, [winner.id]);
    },
  };
}
