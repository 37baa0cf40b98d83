// A world for tasks that mount volumes.
import { expect } from '@jest/globals';
import type { AnyRequest } from '../../../lib/core/records/claim.ts';
import type { TaskSpec } from '../../../lib/core/records/request.ts';
import type { AssignedAttempt, AttemptEnd } from '../../../lib/core/records/sync.ts';
import { taskSpec } from '../world.ts';
import { ClaimWorld, poolSpec, storageSpec } from './world.ts';

/** Agents that obey at once, and check that nothing starts without its volume. */
export class MountWorld extends ClaimWorld {
  readonly started: AssignedAttempt[] = [];
  /** How tasks end; null: they run on. */
  ending: (attemptId: string) => Pick<AttemptEnd, 'outcome' | 'exitCode'> | null = () => ({
    outcome: 'exited',
    exitCode: 0,
  });
  isMounting = true;
  readonly #agents = new Map<string, { seq: number; readonly claimed: Map<string, AssignedAttempt> }>();

  async task(storage: readonly string[], fields: Partial<TaskSpec> = {}): Promise<AnyRequest> {
    const spec: TaskSpec = { ...taskSpec, mounts: storage.map((request) => ({ request, path: null })), ...fields };
    const { request } = await this.control.submit({
      tenant: 'default',
      idempotencyKey: null,
      pool: null,
      spec,
      canonicalBody: JSON.stringify(spec),
    });
    return request;
  }

  async state(id: string): Promise<string> {
    return (await this.control.getRequest('default', id))?.state ?? 'unknown';
  }

  async sync(): Promise<void> {
    for (const { id, state, tags } of this.ec2.cloud.instances()) {
      if (state !== 'running' || tags['bellows:request'] !== undefined) continue;
      const agent = this.#agents.get(id) ?? { seq: 0, claimed: new Map<string, AssignedAttempt>() };
      this.#agents.set(id, agent);
      const ends: AttemptEnd[] = [];
      for (const attemptId of agent.claimed.keys()) {
        const ending = this.ending(attemptId);
        if (ending) ends.push({ attemptId, ...ending, message: null, startedAtMs: this.nowMs, endedAtMs: this.nowMs });
      }
      for (const { attemptId } of ends) this.#mount(agent.claimed.get(attemptId), id, false);
      for (const { attemptId } of ends) agent.claimed.delete(attemptId);
      agent.seq += 1;
      const reply = await this.control.sync({
        nodeId: id,
        pool: 'default',
        bootId: `boot-${id}`,
        seq: agent.seq,
        ends,
        onNode: [...agent.claimed.keys()].map((attemptId) => ({
          attemptId,
          state: 'running',
          startedAtMs: this.nowMs,
        })),
      });
      for (const [attemptId, attempt] of [...agent.claimed])
        if (!reply.assigned.includes(attemptId)) {
          this.#mount(attempt, id, false);
          agent.claimed.delete(attemptId);
        }
      for (const attempt of reply.start) {
        this.#mount(attempt, id, true);
        agent.claimed.set(attempt.attemptId, attempt);
        this.started.push(attempt);
      }
    }
  }

  /** The task runs with its volumes, or the world is wrong. */
  #mount(attempt: AssignedAttempt | undefined, instanceId: string, isMounted: boolean): void {
    for (const { volumeId, device } of attempt?.mounts ?? []) {
      const volume = this.ec2.volumes.get(volumeId);
      const attachment = volume?.attachments[0];
      if (isMounted)
        expect({
          attempt: attempt?.attemptId,
          at: attachment?.instanceId,
          device: attachment?.device,
          count: volume?.attachments.length,
          isMounted: attachment?.isMounted,
        }).toEqual({ attempt: attempt?.attemptId, at: instanceId, device, count: 1, isMounted: false });
      if (volume && this.isMounting)
        this.ec2.volumes.put({
          ...volume,
          attachments: volume.attachments.map((one) => (one.instanceId === instanceId ? { ...one, isMounted } : one)),
        });
    }
  }

  override async run(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i += 1) {
      await super.run(1);
      await this.sync();
    }
  }
}

export async function newWorld(): Promise<MountWorld> {
  const world = new MountWorld();
  await world.control.putPool({ ...poolSpec, idleAfterMs: 5_000 });
  return world;
}

export async function volume(world: MountWorld, zone = 'us-east-1b'): Promise<string> {
  const { id } = await world.submit({ ...storageSpec, zone });
  await world.run(15);
  expect(await world.claim(id)).toMatchObject({ state: 'active' });
  return id;
}
