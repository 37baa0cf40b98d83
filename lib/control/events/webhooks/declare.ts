// Webhooks as their owners see them: declared, listed, deleted; secrets changed; what was not delivered, its replay.
import type { Item, ItemKey, Write } from '../../../ports/store.ts';
import { NotPossibleError, TooManyWebhooksError, WebhookUrlError } from '../../errors.ts';
import type { ControlPorts, ControlSettings } from '../../ports.ts';
import { pageOf } from '../../requests/listing.ts';
import { keys } from '../../store/keys.ts';
import type { ListedPage, ListOptions } from '../../store/pages.ts';
import { queryAll, reading, update, updateWith } from '../../store/store-retry.ts';
import { eventsKeptMs } from '../log.ts';
import { positionAt } from '../position.ts';
import type { Replay, Replayed, ShownWebhook, WebhookUseCases } from '../use-cases.ts';
import { urlProblem } from './addresses.ts';
import { newState } from './records.ts';
import type { UndeliveredRecord, WebhookRecord, WebhookSecret, WebhookSpec, WebhookState } from './records.ts';
import { secretsMax, undeliveredKeptMs, waitingMax, webhooksMax, webhooksPerTenantMax } from './records.ts';
import { newSecret } from './signature.ts';

/** A replay begins so much behind what goes next, so that nothing of it has gone when it is read. */
const replayMarginMs = 60_000;

type Ports = Pick<ControlPorts, 'store' | 'clock' | 'random'>;

/** Of one tenant; null: it has no such webhook. */
export class Webhooks implements WebhookUseCases {
  readonly #ports: Ports;
  readonly #settings: Pick<ControlSettings, 'webhookReach'>;

  constructor(ports: Ports, settings: Pick<ControlSettings, 'webhookReach'>) {
    this.#ports = ports;
    this.#settings = settings;
  }

  /** By name, all of them: there are {@link webhooksPerTenantMax} at most. */
  async list(tenant: string): Promise<readonly ShownWebhook[]> {
    const items = await queryAll<WebhookRecord>(this.#ports, keys.webhooks, { skPrefix: keys.webhooksOf(tenant) });
    return Promise.all(items.map((item) => this.#shown(item.data)));
  }

  async get(tenant: string, name: string): Promise<ShownWebhook | null> {
    const item = await this.#read(tenant, name);
    return item && this.#shown(item.data);
  }

  /**
   * Creates or replaces. `secret`: of a new one; it is shown this once. A new one is sent what happens from now on.
   * @throws WebhookUrlError, TooManyWebhooksError
   */
  async put(spec: WebhookSpec): Promise<ShownWebhook & { readonly secret: string | null }> {
    const problem = urlProblem(this.#settings.webhookReach, spec.url);
    if (problem !== null) throw new WebhookUrlError(problem);
    const nowMs = this.#ports.clock.nowMs();
    const secret = newSecret(this.#ports.random);
    const id = this.#ports.random.id();
    let isNew = false;
    const record = await this.#change(spec, async (before) => {
      isNew = before === null;
      if (before) return { data: { ...before.data, ...spec, updatedAtMs: nowMs }, others: [] };
      await this.#assertRoom(spec.tenant);
      const secrets: readonly WebhookSecret[] = [{ secret, createdAtMs: nowMs, endsAtMs: null }];
      return {
        data: { ...spec, id, secrets, createdAtMs: nowMs, updatedAtMs: nowMs },
        others: [{ op: 'put', item: { ...keys.webhookState(id), data: newState(nowMs) }, condition: 'absent' }],
      };
    });
    if (!isNew) await this.#wakeUp(record.id);
    return { ...(await this.#shown(record)), secret: isNew ? secret : null };
  }

  async delete(tenant: string, name: string): Promise<ShownWebhook | null> {
    const shown = await this.get(tenant, name);
    if (shown === null) return null;
    await updateWith<object>(this.#ports, keys.webhooksMark, async () => {
      const item = await this.#read(tenant, name);
      if (item === null) return null;
      // Whoever delivers finds its state gone, and stops.
      const state = await this.#readState(item.data.id);
      const gone = state === null ? [item] : [item, state];
      return {
        item: this.#mark(),
        others: gone.map(({ pk, sk, version }) => ({ op: 'delete', key: { pk, sk }, condition: version })),
      };
    });
    return shown;
  }

  /** A new secret, which is shown this once; those before it sign as well for `keepMs`. @throws NotPossibleError */
  async rotate(
    tenant: string,
    name: string,
    keepMs: number,
  ): Promise<(ShownWebhook & { readonly secret: string }) | null> {
    if ((await this.#read(tenant, name)) === null) return null;
    const nowMs = this.#ports.clock.nowMs();
    const secret = newSecret(this.#ports.random);
    const record = await this.#change({ tenant, name }, async (before) => {
      if (before === null) throw new NotPossibleError(`the webhook ${name} is being deleted`);
      const kept = before.data.secrets
        .map((one) => ({ ...one, endsAtMs: Math.min(one.endsAtMs ?? Infinity, nowMs + keepMs) }))
        .filter((one) => one.endsAtMs > nowMs);
      if (kept.length >= secretsMax)
        throw new NotPossibleError(
          `${String(secretsMax)} secrets of the webhook ${name} sign already; wait until one has ended, or rotate with `
            + 'keepHours 0',
        );
      const secrets: readonly WebhookSecret[] = [{ secret, createdAtMs: nowMs, endsAtMs: null }, ...kept];
      return { data: { ...before.data, secrets, updatedAtMs: nowMs }, others: [] };
    });
    return { ...(await this.#shown(record)), secret };
  }

  /** Those that wait, on the first page, and dead letters. @throws InvalidCursorError */
  async undelivered(tenant: string, name: string, options: ListOptions): Promise<ListedPage<UndeliveredRecord> | null> {
    const item = await this.#read(tenant, name);
    if (item === null) return null;
    const { id } = item.data;
    const waiting =
      options.cursor === undefined ? await queryAll<UndeliveredRecord>(this.#ports, keys.webhookWaitings(id)) : [];
    const dead = await pageOf<UndeliveredRecord>(this.#ports, keys.webhookDeads(id), options);
    return { items: [...waiting.map((one) => one.data), ...dead.items], nextCursor: dead.nextCursor };
  }

  /**
   * Delivers again: what was written since then, or dead letters, as many as may wait. Answers how many of them, or
   * from when on: a time to come is now, and what the log keeps no longer, or not until it is read, is left out.
   * @throws NotPossibleError
   */
  async replay(tenant: string, name: string, what: Replay): Promise<Replayed | null> {
    const item = await this.#read(tenant, name);
    if (item === null) return null;
    const { id } = item.data;
    const replayed = what.kind === 'dead-letters' ? await this.#revive(id) : 0;
    const nowMs = this.#ports.clock.nowMs();
    // Ahead of the log it would be sent nothing until then.
    const sinceMs =
      what.kind === 'since' ? Math.min(Math.max(what.sinceMs, nowMs - eventsKeptMs + replayMarginMs), nowMs) : null;
    await this.#wakeUp(id, sinceMs);
    return { ...(await this.#shown(item.data)), replayed, sinceMs };
  }

  async #revive(id: string): Promise<number> {
    const { store } = this.#ports;
    const waiting = await queryAll<UndeliveredRecord>(this.#ports, keys.webhookWaitings(id));
    const room = waitingMax - waiting.length;
    if (room <= 0)
      throw new NotPossibleError(
        `${String(waiting.length)} events of the webhook wait already; replay once they ended`,
      );
    const { items } = await reading(this.#ports, () =>
      store.query<UndeliveredRecord>({ pk: keys.webhookDeads(id), limit: room }),
    );
    let replayed = 0;
    for (const dead of items) if (await this.#reviveOne(id, dead)) replayed += 1;
    return replayed;
  }

  /** An event that waits already does so from now on. false: somebody else replays it. */
  async #reviveOne(id: string, { pk, sk }: ItemKey): Promise<boolean> {
    const { store, clock } = this.#ports;
    const key = keys.webhookWaiting(id, sk);
    const { isChanged } = await updateWith<UndeliveredRecord>(this.#ports, key, async () => {
      const dead = await reading(this.#ports, () => store.get<UndeliveredRecord>({ pk, sk }));
      if (dead === null) return null;
      const nowMs = clock.nowMs();
      const data: UndeliveredRecord = { ...dead.data, tries: 0, nextTryAtMs: nowMs, sinceMs: nowMs };
      return {
        item: { ...key, data, expiresAtMs: nowMs + undeliveredKeptMs },
        others: [{ op: 'delete', key: { pk, sk }, condition: dead.version }],
      };
    });
    return isChanged;
  }

  /**
   * Whatever it rested from: it is called again at once. `sinceMs`: from when on, whatever was missed or could not be
   * read; null: as it is.
   */
  async #wakeUp(id: string, sinceMs: number | null = null): Promise<void> {
    await update<WebhookState>(this.#ports, keys.webhookState(id), (current) => {
      if (current === null) return null;
      const key = keys.webhookState(id);
      const { missed: _missed, quarantine, ...state } = current.data;
      if (sinceMs === null)
        return quarantine === undefined
          ? { ...key, data: { ...current.data, leaseEndsAtMs: 0, nextTryAtMs: 0 } }
          : null;
      if (quarantine !== undefined) return { ...key, data: newState(sinceMs) };
      return { ...key, data: { ...state, leaseEndsAtMs: 0, nextTryAtMs: 0, position: positionAt(sinceMs) } };
    });
  }

  async #assertRoom(tenant: string): Promise<void> {
    // The mark's version keeps this count true until the write: all changes of webhooks write it.
    const all = await queryAll<WebhookRecord>(this.#ports, keys.webhooks);
    if (all.filter((one) => one.data.tenant === tenant).length >= webhooksPerTenantMax)
      throw new TooManyWebhooksError(webhooksPerTenantMax, tenant);
    if (all.length >= webhooksMax) throw new TooManyWebhooksError(webhooksMax, 'the installation');
  }

  async #change(
    { tenant, name }: Pick<WebhookSpec, 'tenant' | 'name'>,
    decide: (
      before: Item<WebhookRecord> | null,
    ) => Promise<{ readonly data: WebhookRecord; readonly others: readonly Write[] }>,
  ): Promise<WebhookRecord> {
    const answer: WebhookRecord[] = [];
    await updateWith<object>(this.#ports, keys.webhooksMark, async () => {
      const before = await this.#read(tenant, name);
      const { data, others } = await decide(before);
      answer.push(data);
      const item = { ...keys.webhook(tenant, name), data };
      return { item: this.#mark(), others: [{ op: 'put', item, condition: before?.version ?? 'absent' }, ...others] };
    });
    const last = answer.at(-1);
    if (last === undefined) throw new TypeError('the webhook was written without a decision');
    return last;
  }

  #mark(): { readonly pk: string; readonly sk: string; readonly data: object } {
    return { ...keys.webhooksMark, data: { changedAtMs: this.#ports.clock.nowMs() } };
  }

  #read(tenant: string, name: string): Promise<Item<WebhookRecord> | null> {
    return reading(this.#ports, () => this.#ports.store.get<WebhookRecord>(keys.webhook(tenant, name)));
  }

  #readState(id: string): Promise<Item<WebhookState> | null> {
    return reading(this.#ports, () => this.#ports.store.get<WebhookState>(keys.webhookState(id)));
  }

  async #shown(record: WebhookRecord): Promise<ShownWebhook> {
    const item = await this.#readState(record.id);
    return { record, state: item?.data ?? newState(record.createdAtMs) };
  }
}
