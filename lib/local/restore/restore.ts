// A restore as a whole: the stack is read and has to stand still, the items go back, and the records are reconciled
// with EC2. Without `isYes` it looks, and changes nothing.
import { noAllocation, noBells, noCatalog, noOutputs } from '../../adapters/aws/not-here.ts';
import { SystemRandom } from '../../adapters/system/random.ts';
import { awsSettings } from '../../control/ports.ts';
import type { ControlPorts, ControlSettings } from '../../control/ports.ts';
import { lookAtRestored } from '../../control/sweep/restored/look.ts';
import type { RestoredLook } from '../../control/sweep/restored/look.ts';
import { lookBeforehand, reconcileRestored } from '../../control/sweep/restored/reconcile.ts';
import type { Reconciled } from '../../control/sweep/restored/reconcile.ts';
import { BellowsError } from '../../core/values/errors.ts';
import { awsDecisionSettings } from '../../core/values/settings.ts';
import type { Log } from '../../ports/log.ts';
import type { Copied } from './copy-table.ts';
import { openAwsPlace } from './place.ts';
import type { OptionsOf, RestorePlace } from './place.ts';
import { concurrencyLines, StackError } from './stack.ts';

export interface RestoreOptions {
  readonly stack: string;
  /** The table that DynamoDB restored; null: the stack's table has the restored items already. */
  readonly from: string | null;
  readonly isYes: boolean;
  readonly endsClaims: boolean;
  readonly optionsOf: OptionsOf;
  readonly log: Log;
}

export interface Restored {
  readonly copied: Copied | null;
  readonly look: RestoredLook;
  /** null: it was only looked at. */
  readonly done: Reconciled | null;
}

/** It stopped when something may have been changed already. `cause` says why. */
export class UnfinishedRestoreError extends BellowsError {
  constructor(table: string, isCopied: boolean, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const state = isCopied
      ? `${table} has the restored items, but they are not yet brought together with EC2`
      : `${table} has some of the restored items and some of its own`;
    super(
      'restore_unfinished',
      `the restore was cut off: ${state}. Keep the functions stopped, and run the same command again, which begins `
        + `anew: functions that run on the table as it is may launch twice. It stopped as ${why}`,
      { cause },
    );
  }
}

/**
 * Nothing is changed where it refuses. One that was cut off later has to be repeated before functions run.
 * @throws StackError, LostClaimsError, UnfinishedRestoreError
 */
export async function restore(
  options: RestoreOptions,
  place: RestorePlace = openAwsPlace(options.stack, options.optionsOf),
): Promise<Restored> {
  try {
    return await restoreAt(options, place);
  } finally {
    place.close();
  }
}

async function restoreAt(
  { stack, from, isYes, endsClaims, log }: RestoreOptions,
  place: RestorePlace,
): Promise<Restored> {
  const { table, installation, running } = await place.readStack();
  if (isYes && running.length > 0)
    throw new StackError(
      `functions of ${stack} may run. Stop them, and wait for 15 minutes (one that runs may take that long):\n`
        + concurrencyLines(running),
    );
  const settings: ControlSettings = {
    ...awsSettings,
    decisions: awsDecisionSettings,
    installation,
    templateVersion: '0',
  };
  // A look before the copy is a look at the restored table, which is read and not written.
  const restored = portsOf(place, from ?? table, log);
  if (!isYes) return { copied: null, look: await lookAtRestored(restored, settings), done: null };
  await lookBeforehand(restored, settings, endsClaims);
  let copied: Copied | null = null;
  try {
    if (from !== null) {
      log.write(
        'warn',
        'items are put back: functions stay stopped until this, or the same run again, has ended well',
        { from, table },
      );
      copied = await place.copy(from, table);
    }
    const ports = from === null ? restored : portsOf(place, table, log);
    const done = await reconcileRestored(ports, settings, { by: 'a restore of the table', endsClaims });
    return { copied, look: done.before, done };
  } catch (error) {
    throw new UnfinishedRestoreError(table, from === null || copied !== null, error);
  }
}

function portsOf(place: RestorePlace, table: string, log: Log): ControlPorts {
  const { clock, cloud } = place;
  return {
    store: place.openStore(table),
    clock,
    log,
    random: new SystemRandom(),
    cloud,
    // The functions stand still: the schedule finds in the store which pools are due.
    bus: { wake: () => Promise.resolve() },
    events: { publish: () => Promise.reject(new StackError('a restore publishes no events')) },
    bells: noBells,
    catalog: noCatalog,
    outputs: noOutputs,
    allocate: noAllocation,
  };
}
