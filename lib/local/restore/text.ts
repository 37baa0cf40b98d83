// A restore, for people.
import type { RestoredThing } from '../../control/sweep/restored/look.ts';
import type { Restored } from './restore.ts';

/** Of each list; `--json` has all. */
const shownMost = 20;

export function restoredText({ copied, look, done }: Restored): string {
  const verb = done === null ? 'would be' : 'were';
  const lines = [
    ...(copied === null ? [] : [`${String(copied.put)} items put back, ${String(copied.deleted)} newer ones deleted`]),
    `${String(look.pools.length)} pools: ${look.pools.join(', ')}`,
    ...listed(
      `nodes that run, which ${verb} terminated`,
      look.nodes.map(({ id, pool, isKnown }) => `${id} of ${pool}${isKnown ? '' : ', of no record: of the lost time'}`),
    ),
    ...listed(
      'open launches, which are settled by what carries their tag',
      look.launches.map(({ id, pool, instances }) => `${id} of ${pool}: ${instances.join(', ') || 'nothing'}`),
    ),
    ...listed(
      `of requests that are gone, which ${done === null ? 'need your word (--end-claims)' : 'were ended'}`,
      look.lost.map(thing),
    ),
    ...listed('named by a record, but gone from EC2; ticks see to it', look.missing.map(thing)),
    ...listed(
      'NOT KNOWN: open at the restored time; they may have run and ended since. Tasks among them run again',
      look.open.map(({ pool, count, ids }) => {
        const most = ids.slice(0, shownMost).join(', ');
        return `${String(count)} of ${pool}: ${most}${count > shownMost ? ', …' : ''}`;
      }),
    ),
    ...listed('pools with records that cannot be read: nothing there counts as lost', look.unreadable),
    'NOT KNOWN: requests accepted after the restored time are gone, and whoever sent them has their ids; events of',
    'that time were published and may be told again; what it cost is in no figure.',
    ...(done === null ? ['nothing was changed; --yes does it'] : doneLines(done)),
  ];
  return `${lines.join('\n')}\n`;
}

function doneLines({ refused, released, after }: NonNullable<Restored['done']>): readonly string[] {
  return [
    ...(released === null ? [] : [released]),
    ...listed('EC2 did not accept the termination of', refused),
    ...listed('still there; run this again', [...after.nodes.map((one) => one.id), ...after.lost.map(thing)]),
  ];
}

function thing({ kind, id, pool, request }: RestoredThing): string {
  return `${kind} ${id} of ${pool}, of request ${request}`;
}

function listed(title: string, all: readonly string[]): readonly string[] {
  if (all.length === 0) return [];
  const more = all.length > shownMost ? [`  … and ${String(all.length - shownMost)} more`] : [];
  return [`${String(all.length)} ${title}:`, ...all.slice(0, shownMost).map((one) => `  ${one}`), ...more];
}
