// An audit from the outside: the store's file, the cloud's file, the tasks' own ledger and the machine's
// processes, compared with each other. It shares no code with control, whose work it judges.
import { existsSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { strayProcesses } from '../../adapters/local/agents-processes.ts';
import { auditCloud } from '../../adapters/simulated/cloud/persistence.ts';
import type { AuditedInstance } from '../../adapters/simulated/cloud/persistence.ts';
import { BellowsError } from '../../core/values/errors.ts';
import { homePaths } from './home.ts';

export interface Audit {
  readonly accepted: number;
  readonly ended: number;
  readonly lost: number;
  /** Tasks that ran again although they had not failed: after a loss of their node. Allowed, and reported. */
  readonly ranMoreThanOnce: number;
  readonly launched: number;
  readonly gone: number;
  readonly leaked: number;
  /** What is wrong, one sentence each; empty: nothing. */
  readonly problems: readonly string[];
}

export class NothingToAuditError extends BellowsError {
  constructor(home: string) {
    super('nothing_to_audit', `there is no Bellows state in ${home}; run \`npm start\` first, or set BELLOWS_HOME`);
  }
}

/** Ended requests are kept 7 days; what was accepted earlier may rightly be gone. */
const acceptedAgeMsMax = 6 * 24 * 3_600_000;

const task = z.object({ index: z.int(), state: z.string(), attempt: z.int(), failures: z.int(), losses: z.int() });
type Task = z.output<typeof task>;
const machineRow = z.object({ instanceId: z.string().nullable() });
const requestRow = z.object({
  id: z.string(),
  state: z.string(),
  spec: z.object({ count: z.int(), env: z.record(z.string(), z.string()).default({}) }),
  tasks: z.array(task),
});
const chunkRow = z.object({ requestId: z.string(), tasks: z.array(task) });
const launchRow = z.object({ id: z.string(), state: z.string(), request: z.object({ count: z.int() }) });

const ends = new Set(['succeeded', 'failed', 'cancelled', 'expired', 'released']);
const launchTag = 'bellows:launch';

/** @throws NothingToAuditError */
export function audit(home: string, nowMs: number): Audit {
  const paths = homePaths(home);
  if (!existsSync(paths.store)) throw new NothingToAuditError(home);
  const store = readStore(paths.store);
  const cloud = existsSync(`${paths.cloud}/cloud.db`) ? auditCloud(paths.cloud) : [];
  const problems: string[] = [];

  const accepted = readAccepted(paths.accepted, nowMs);
  const missing = [...accepted].filter((id) => !store.requests.has(id));
  for (const id of missing) problems.push(`lost: request ${id} was accepted, but the store does not know it`);
  const ran = readLedger(paths.ledger);
  for (const [attempt, starts] of ran.starts)
    if (starts > 1) problems.push(`ran twice: attempt ${attempt} was started ${String(starts)} times`);
  const work = auditTasks(store, ran);
  problems.push(...work.problems);

  const fleet = auditFleet(store, cloud);
  problems.push(...fleet.problems);
  const alive = new Set(cloud.filter(isAlive).map((one) => one.id));
  const strays = strayProcesses(
    paths.agents,
    (id) => alive.has(id) || cloud.some((one) => one.id === id && one.state === 'shutting-down'),
  );
  for (const { instanceId, pid } of strays)
    problems.push(`leaked: process ${String(pid)} of instance ${instanceId} still runs, though the instance does not`);

  return {
    accepted: new Set([...accepted, ...store.requests.keys()]).size,
    ended: [...store.requests.values()].filter((one) => ends.has(one.state)).length,
    lost: missing.length + work.lost,
    ranMoreThanOnce: work.ranMoreThanOnce,
    launched: cloud.length,
    gone: cloud.filter((one) => !isAlive(one)).length,
    leaked: fleet.leaked + strays.length,
    problems,
  };
}

/**
 * The store, the cloud and the ledger are read one after the other while a server may be at work. What is
 * wrong in both of two looks is wrong; what only the first one saw was in flight.
 */
export async function settledAudit(folder: string): Promise<Audit> {
  const first = audit(folder, Date.now());
  if (first.problems.length === 0) return first;
  await new Promise((wake) => setTimeout(wake, 2_000));
  const second = audit(folder, Date.now());
  return { ...second, problems: second.problems.filter((problem) => first.problems.includes(problem)) };
}

export function auditLine(found: Audit): string {
  return (
    `audit     accepted ${String(found.accepted)}, ended ${String(found.ended)}, lost ${String(found.lost)}, ran more `
    + `than once ${String(found.ranMoreThanOnce)}, launched ${String(found.launched)}, gone ${String(found.gone)}, `
    + `leaked ${String(found.leaked)}`
  );
}

interface StoreRows {
  readonly requests: ReadonlyMap<string, z.output<typeof requestRow>>;
  readonly chunks: ReadonlyMap<string, readonly Task[]>;
  readonly launches: ReadonlyMap<string, { readonly count: number; readonly isOpen: boolean }>;
  readonly nodes: ReadonlySet<string>;
  /** Instances of claims and of the warm pool. */
  readonly claimed: ReadonlySet<string>;
}

function readStore(file: string): StoreRows {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    // One transaction: one moment, also while a server writes.
    database.exec('BEGIN');
    const rows = (prefix: string): { sk: string; data: unknown }[] =>
      database
        .prepare('SELECT sk, data FROM items WHERE pk >= ? AND pk < ?')
        .all(prefix, `${prefix}\uffff`)
        .map((row) => ({ sk: String(row['sk']), data: JSON.parse(String(row['data'])) as unknown }));
    const requests = rows('REQUEST#');
    const chunks = new Map<string, Task[]>();
    for (const { sk, data } of requests) {
      if (!sk.startsWith('CHUNK#')) continue;
      const chunk = chunkRow.parse(data);
      chunks.set(chunk.requestId, [...(chunks.get(chunk.requestId) ?? []), ...chunk.tasks]);
    }
    const launches = [
      ...rows('PAST-LAUNCHES#').map((row) => ({ ...row, isOpen: false })),
      ...rows('LAUNCHES#').map((row) => ({ ...row, isOpen: true })),
    ];
    const resources = rows('RESOURCES#');
    const claimed = new Set([
      ...resources
        .filter(({ sk }) => sk.startsWith('MACHINE#'))
        .flatMap(({ data }) => machineRow.parse(data).instanceId ?? []),
    ]);
    return {
      claimed,
      requests: new Map(
        requests
          .filter(({ sk }) => sk === 'ROW')
          .map(({ data }) => requestRow.parse(data))
          .map((row) => [row.id, row]),
      ),
      chunks,
      launches: new Map(
        launches.map(({ data, isOpen }) => {
          const launch = launchRow.parse(data);
          return [launch.id, { count: launch.request.count, isOpen }];
        }),
      ),
      nodes: new Set(rows('NODES#').map(({ sk }) => sk)),
    };
  } finally {
    database.close();
  }
}

/** Lines of `time id`, written by whoever got the 202. */
function readAccepted(file: string, nowMs: number): ReadonlySet<string> {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return new Set(
    lines.flatMap((line) => {
      const [atMs, id] = line.split(' ');
      return id === undefined || nowMs - Number(atMs) > acceptedAgeMsMax ? [] : [id];
    }),
  );
}

interface Ledger {
  /** How often each attempt said that it starts. */
  readonly starts: ReadonlyMap<string, number>;
  readonly ends: ReadonlySet<string>;
}

/** Lines of `start attempt` and `end attempt`, written by the tasks themselves. */
function readLedger(file: string): Ledger {
  const starts = new Map<string, number>();
  const ended = new Set<string>();
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    const [what, attempt] = line.split(' ');
    if (attempt === undefined) continue;
    if (what === 'start') starts.set(attempt, (starts.get(attempt) ?? 0) + 1);
    if (what === 'end') ended.add(attempt);
  }
  return { starts, ends: ended };
}

function auditTasks(store: StoreRows, ran: Ledger): { lost: number; ranMoreThanOnce: number; problems: string[] } {
  const problems: string[] = [];
  const attemptsOf = new Map<string, number>();
  for (const attempt of ran.starts.keys()) {
    const name = attempt.slice(0, attempt.lastIndexOf('.'));
    attemptsOf.set(name, (attemptsOf.get(name) ?? 0) + 1);
  }
  let lost = 0;
  let ranMoreThanOnce = 0;
  for (const request of store.requests.values()) {
    const tasks = request.spec.count === 1 ? request.tasks : (store.chunks.get(request.id) ?? []);
    if (request.state === 'succeeded' && tasks.length !== request.spec.count) {
      lost += request.spec.count - tasks.length;
      problems.push(
        `lost: request ${request.id} counts as succeeded, but only ${String(tasks.length)} of its `
          + `${String(request.spec.count)} tasks are there`,
      );
    }
    const isOpen = !ends.has(request.state);
    for (const one of tasks) {
      const name = `${request.id}.${String(one.index)}`;
      if (!isOpen && !ends.has(one.state)) {
        lost += 1;
        problems.push(
          `lost: request ${request.id} is ${request.state}, but its task ${String(one.index)} is ${one.state}`,
        );
      }
      if ((attemptsOf.get(name) ?? 0) > one.failures + 1) ranMoreThanOnce += 1;
      const writesLedger = request.spec.env['SHOP_LEDGER'] !== undefined;
      if (writesLedger && one.state === 'succeeded' && !ran.ends.has(`${name}.${String(one.attempt)}`)) {
        lost += 1;
        problems.push(
          `lost: task ${name} counts as succeeded, but its attempt ${String(one.attempt)} never said that it ended`,
        );
      }
    }
  }
  return { lost, ranMoreThanOnce, problems };
}

function auditFleet(store: StoreRows, cloud: readonly AuditedInstance[]): { leaked: number; problems: string[] } {
  const problems: string[] = [];
  const byLaunch = new Map<string, AuditedInstance[]>();
  for (const one of cloud) {
    const launch = one.tags[launchTag] ?? '';
    byLaunch.set(launch, [...(byLaunch.get(launch) ?? []), one]);
  }
  for (const [id, instances] of byLaunch) {
    const launch = store.launches.get(id);
    if (launch !== undefined && instances.length > launch.count) {
      problems.push(
        `launched twice: launch ${id} wanted ${String(launch.count)} instances and made ${String(instances.length)}`,
      );
    }
    const tokens = new Set(instances.map((one) => one.token));
    if (tokens.size > 1)
      problems.push(`launched twice: launch ${id} was sent with ${String(tokens.size)} different tokens`);
  }
  const isKnown = (one: AuditedInstance): boolean =>
    store.nodes.has(one.id)
    || store.claimed.has(one.id)
    || store.launches.get(one.tags[launchTag] ?? '')?.isOpen === true;
  const leaked = cloud.filter((one) => isAlive(one) && !isKnown(one));
  for (const one of leaked)
    problems.push(
      `leaked: instance ${one.id} is ${one.state}, but the store knows neither it nor an open launch of it`,
    );
  return { leaked: leaked.length, problems };
}

function isAlive(one: AuditedInstance): boolean {
  return one.state !== 'shutting-down' && one.state !== 'terminated';
}
