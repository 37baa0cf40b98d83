// Calls that EC2 refuses for lack of capacity or quota: they are repeated with pauses that double, up to five minutes,
// and the claim says why it waits. Where another zone would do, the call is made there at once.
import { isPaused } from '../../values/clocks.ts';
import { assert } from '../../values/errors.ts';
import type { CallRefusal } from '../../records/claim.ts';
import type { VolumeShape } from '../../records/volume.ts';

/** What a refusal of the whole account is about. */
export const wholeAccount = '*';

/** Zones of a region, machines that one volume was tried on, and the account. */
const refusalsMax = 20;
const firstPauseMs = 5_000;
export const longestRefusalMs = 300_000;

/**
 * `what`: what EC2 does not do, e.g. `make a volume in us-east-1a`; `why`: EC2's message; `cure`: what a person
 * can do, '' for nothing.
 */
export interface Refused {
  readonly about: string;
  readonly reason: CallRefusal['reason'];
  readonly what: string;
  readonly why: string;
  readonly cure: string;
}

/** The next refusal of the same thing in a row: its pause is twice as long, up to five minutes. */
export function nextRefusal(
  before: readonly CallRefusal[] | undefined,
  { about, reason, what, why, cure }: Refused,
  nowMs: number,
): { readonly refusal: CallRefusal; readonly refusals: readonly CallRefusal[] } {
  const times = (before?.find((one) => one.about === about)?.times ?? 0) + 1;
  const nextTryAtMs = nowMs + Math.min(longestRefusalMs, firstPauseMs * 2 ** Math.min(times - 1, 16));
  const message =
    `EC2 does not ${what} now (${why.slice(0, 300)}); it is asked again at `
    + `${new Date(nextTryAtMs).toISOString()}${cure === '' ? '' : `. ${cure}`}`;
  const refusal = { about, times, nextTryAtMs, reason, message };
  const refusals = [...(before ?? []).filter((one) => one.about !== about), refusal].slice(-refusalsMax);
  assert(refusals.length <= refusalsMax, 'more refusals than one request keeps');
  return { refusal, refusals };
}

/** Why this is not asked for now: what ends last of what stands in its way. null: it may be asked for. */
export function standingRefusal(
  refusals: readonly CallRefusal[] | undefined,
  about: string,
  nowMs: number,
): CallRefusal | null {
  const standing = (refusals ?? []).filter(
    (one) => (one.about === about || one.about === wholeAccount) && isPaused(one.nextTryAtMs, nowMs, longestRefusalMs),
  );
  return standing.reduce<CallRefusal | null>(
    (last, one) => (last !== null && last.nextTryAtMs >= one.nextTryAtMs ? last : one),
    null,
  );
}

const storageQuotas: Readonly<Record<VolumeShape['type'], string>> = {
  gp3: 'Storage for General Purpose SSD (gp3) volumes, in TiB',
  io2: 'Storage for Provisioned IOPS SSD (io2) volumes, in TiB',
  st1: 'Storage for Throughput Optimized HDD (st1) volumes, in TiB',
  sc1: 'Storage for Cold HDD (sc1) volumes, in TiB',
};

/**
 * Which quota to raise, or what else helps; '' where it passes by itself. `shape`: of the
 * volume that was asked for.
 */
export function quotaCure(code: string, shape: Pick<VolumeShape, 'type'> | null): string {
  const raise = (quota: string): string => `Ask AWS for more of the quota "${quota}" in Service Quotas`;
  switch (code) {
    case 'VolumeLimitExceeded':
      return `${raise(storageQuotas[shape?.type ?? 'gp3'])}, or delete volumes that nobody needs`;
    case 'MaxIOPSLimitExceeded':
      return `${raise('IOPS for Provisioned IOPS SSD (io2) volumes')}, or ask for less iops`;
    case 'SecurityGroupLimitExceeded':
      return `${raise('VPC security groups per Region')}, or delete groups that nobody needs`;
    case 'RulesPerSecurityGroupLimitExceeded':
      return raise('Inbound or outbound rules per security group');
    case 'AttachmentLimitExceeded':
      return 'The limit is that of the instance: detach another of its volumes, or use a larger machine';
    default:
      return code.endsWith('LimitExceeded') ? 'Ask AWS for more of that quota in Service Quotas' : '';
  }
}
