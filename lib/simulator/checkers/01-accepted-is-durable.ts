// Invariant 1: accepted is durable. Every id that was answered with success is there, unchanged in what was
// asked for, and reaches an end once faults have stopped and capacity exists.
import { isEnd } from '../../core/records/request.ts';
import type { AnyRequest } from '../../core/records/claim.ts';
import type { Truth, Watcher } from '../truth.ts';
import { isPlaceable } from './tasks/placeable.ts';

const name = '1: accepted is durable';

type Spec = AnyRequest['spec'];

/** The pool completes what was left open of architecture and GPU maker; nothing that was said may differ. */
function isAsSent(stored: Spec, sent: Spec): boolean {
  return JSON.stringify(said(stored, sent)) === JSON.stringify(said(sent, sent));
}

/** Without what may have been added to the spec that was sent. Keys in one order: added ones do not count. */
function said(spec: Spec, sent: Spec): unknown {
  const open = (['arch', 'gpuManufacturer'] as const).filter((key) => sent.requirements[key] === undefined);
  const kept = Object.entries(spec.requirements)
    .filter(([key]) => !open.some((one) => one === key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const hasOpenArch = spec.type === 'virtual_machine' && sent.type === 'virtual_machine' && sent.needs.arch === null;
  const needs = hasOpenArch ? { needs: { ...spec.needs, arch: null } } : {};
  return Object.entries({ ...spec, ...needs, requirements: kept }).sort(([a], [b]) => (a < b ? -1 : 1));
}

export function acceptedIsDurable(truth: Truth): Watcher {
  const { accepted } = truth.ledger;
  return {
    accepted(promise) {
      const record = truth.requests.get(promise.id);
      if (record === undefined)
        truth.violate(name, `request ${promise.id} was accepted and is not in the store`, [promise.id]);
      else if (!isAsSent(record.spec, promise.spec))
        truth.violate(name, `request ${promise.id} was stored with another spec than was sent`, [promise.id]);
    },
    read({ id, record }) {
      if (record === null) truth.violate(name, `request ${id} was accepted, and a read does not find it`, [id]);
    },
    request(before, after) {
      if (before === null || !accepted.has(before.id)) return;
      if (after === null) truth.violate(name, `request ${before.id} was accepted and is deleted`, [before.id]);
      else if (JSON.stringify(before.spec) !== JSON.stringify(after.spec))
        truth.violate(name, `what request ${before.id} asked for was changed`, [before.id]);
      else if (after.quarantine !== null && before.quarantine === null)
        truth.violate(name, `request ${before.id} is set aside: ${after.quarantine}`, [before.id]);
    },
    end() {
      for (const promise of accepted.values()) {
        const record = truth.requests.get(promise.id);
        if (record === undefined || isEnd(record.state)) continue;
        const pool = truth.pools.get(record.pool);
        const mayWait =
          pool !== undefined
          && promise.cancelledAtMs === null
          && record.spec.deadlineMs === null
          && !isPlaceable(record.spec, pool.spec, truth.prices.now);
        if (!mayWait)
          truth.violate(
            name,
            `request ${promise.id} is still ${record.state} (${JSON.stringify(record.counts)}) long `
              + 'after the faults stopped',
            [promise.id],
          );
      }
    },
  };
}
