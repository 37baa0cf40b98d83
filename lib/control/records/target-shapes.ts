// What the record of a service's targets must have for the code that reads it.
import type { GroupTargets } from '../../core/services/targets/record.ts';
import { count, flag, list, mapOf, number, object, oneOf, optional, orNull, recordOf, text } from './checks.ts';

const targetTrouble = object({ code: text, message: text, sinceMs: number, failures: count, nextTryAtMs: number });
export const targetGroupUses = list(object({ arn: text, port: text }));
export const targets = recordOf<GroupTargets>({
  ...{ pool: text, tenant: text, name: text, service: text, arn: text },
  facts: orNull(object({ kind: oneOf('ip', 'instance'), delayMs: number, atMs: number })),
  targets: mapOf(
    object({
      state: oneOf('adding', 'added', 'removing', 'removed'),
      atMs: number,
      isAgain: optional(flag),
      health: optional(object({ state: text, reason: orNull(text), sinceMs: number })),
    }),
  ),
  lookedAtMs: orNull(number),
  troubles: mapOf(targetTrouble),
});
