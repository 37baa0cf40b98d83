// `why ID --if KEY=VALUE`: what would become of a request if something were different.
import type * as z from 'zod';
import type { whatIfBody, WhatIfView } from '../../../lib/api/schemas/figures/what-if.ts';
import type { Context } from '../../context.ts';
import { usageError } from '../../errors.ts';
import { plural, usd } from '../../text.ts';

type Body = z.input<typeof whatIfBody>;

const ofTask = new Set(['vcpu', 'memoryMib', 'gpu']);
const whole = /^-?\d+(\.\d+)?$/;

/** `limits.vcpu=200`, `capacityType=on-demand`, `memoryMib=2048`, `paused=false`. The server knows the names. */
export function differenceOf(texts: readonly string[]): Body {
  const parts: Record<'limits' | 'requirements' | 'resources', Record<string, unknown>> = {
    limits: {},
    requirements: {},
    resources: {},
  };
  let isResumed = false;
  for (const text of texts) {
    const [, of = '', key, value] = /^(limits\.)?([A-Za-z]+)=(.+)$/.exec(text.trim()) ?? [];
    if (key === undefined || value === undefined)
      throw usageError(
        `--if ${JSON.stringify(text)} is not understood`,
        'write limits.KEY=NUMBER, a requirement (capacityType=on-demand), vcpu, memoryMib or gpu, or paused=false',
      );
    if (key === 'paused' && of === '') isResumed = value === 'false';
    else if (of !== '') parts.limits[key] = Number(value);
    else if (ofTask.has(key)) parts.resources[key] = Number(value);
    else parts.requirements[key] = valueOf(value);
  }
  const given = Object.entries(parts).filter(([, fields]) => Object.keys(fields).length > 0);
  return { ...(Object.fromEntries(given) as Body), ...(isResumed ? { paused: false } : {}) };
}

function valueOf(text: string): unknown {
  if (whole.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text.split(',');
}

export async function whyIf(context: Context, id: string, texts: readonly string[]): Promise<void> {
  const answer = await context.client.call('whatIf', { params: { id }, body: differenceOf(texts) });
  context.print(answer, () =>
    [`now: ${outcomeText(answer.now)}`, `if ${texts.join(', ')}: ${outcomeText(answer.then)}`].join('\n'),
  );
}

function outcomeText({ kind, code, message, launches }: WhatIfView['now']): string {
  if (kind === 'waits') return `waits (${code}): ${message}`;
  if (kind === 'placed') return message;
  const what = launches.map(
    (one) =>
      `${String(one.count)} x ${one.instanceType} ${one.capacityType} in ${one.zone} at ${usd(one.usdPerHour)}/h each`
      + (one.alternatives === 0 ? '' : `, or ${plural(one.alternatives, 'other offering')}`),
  );
  return `buys ${what.join('; ')}`;
}
