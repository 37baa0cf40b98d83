// What each second of each node was paid for. A node's price is divided, at every moment between `running` and the
// call that ended it: while it boots all of it is boot; while nothing runs there all of it is idle; otherwise the part
// of its dearest-used resource that tasks use is work, and the rest is stranded. Work of attempts that did not end by
// themselves is restarted work. What is billed beyond the seconds (EC2's 60 at least, whole ones) is billing. Its root
// volume is paid for beside, as long as the node is.
import { baselineOf, surplusUsdPerVcpuHour } from '../../core/catalog/burstable.ts';
import type { InstanceType } from '../../core/values/offering.ts';
import type { Resources } from '../../core/values/resources.ts';

export interface CostParts {
  work: number;
  restarted: number;
  stranded: number;
  idle: number;
  boot: number;
  /** EC2's least of 60 seconds, and whole seconds. */
  billing: number;
  /** Surplus CPU credits of burstable types, at the load that tasks asked for. */
  credits: number;
  /** Root volumes. */
  volumes: number;
}

export function noCosts(): CostParts {
  return { work: 0, restarted: 0, stranded: 0, idle: 0, boot: 0, billing: 0, credits: 0, volumes: 0 };
}

export function totalOf({ work, restarted, stranded, idle, boot, billing, credits, volumes }: CostParts): number {
  return work + restarted + stranded + idle + boot + billing + credits + volumes;
}

interface RunningTask {
  readonly share: number;
  readonly cpuMilli: number;
  readonly resources: Resources;
  workUsd: number;
}

export class NodeMeter {
  readonly type: InstanceType;
  readonly priceUsdPerHour: number;
  readonly parts = noCosts();
  readonly #volumeUsdPerHour: number;
  readonly #tasks = new Map<string, RunningTask>();
  #billedSinceMs: number | null = null;
  #readyAtMs: number | null = null;
  #countedMs = 0;
  #used: { cpuMilli: number; memoryMib: number; gpu: number } = { cpuMilli: 0, memoryMib: 0, gpu: 0 };

  constructor(type: InstanceType, priceUsdPerHour: number, volumeUsdPerHour = 0) {
    this.type = type;
    this.priceUsdPerHour = priceUsdPerHour;
    this.#volumeUsdPerHour = volumeUsdPerHour;
  }

  get isBilled(): boolean {
    return this.#billedSinceMs !== null;
  }

  /** Billing begins. */
  runs(nowMs: number): void {
    this.#billedSinceMs = nowMs;
    this.#countedMs = nowMs;
  }

  ready(nowMs: number): void {
    this.#count(nowMs);
    this.#readyAtMs = nowMs;
  }

  starts(attemptId: string, resources: Resources, nowMs: number): void {
    this.#count(nowMs);
    const share = this.#shareOf(resources);
    this.#tasks.set(attemptId, { share, cpuMilli: resources.cpuMilli, resources, workUsd: 0 });
    this.#sum();
  }

  /** `isComplete`: it ended by itself; else what it cost is restarted work. */
  ends(attemptId: string, isComplete: boolean, nowMs: number): void {
    this.#count(nowMs);
    const task = this.#tasks.get(attemptId);
    if (task === undefined) return;
    this.#tasks.delete(attemptId);
    this.#sum();
    if (isComplete) return;
    this.parts.work -= task.workUsd;
    this.parts.restarted += task.workUsd;
  }

  /** Billing ends. */
  stops(nowMs: number): void {
    if (this.#billedSinceMs === null) return;
    this.#count(nowMs);
    const seconds = (nowMs - this.#billedSinceMs) / 1000;
    const billed = Math.max(60, Math.ceil(seconds));
    this.parts.billing += ((billed - seconds) / 3600) * this.priceUsdPerHour;
    this.parts.volumes += (billed / 3600) * this.#volumeUsdPerHour;
    this.#billedSinceMs = null;
  }

  #sum(): void {
    this.#used = { cpuMilli: 0, memoryMib: 0, gpu: 0 };
    for (const { resources } of this.#tasks.values()) {
      this.#used.cpuMilli += resources.cpuMilli;
      this.#used.memoryMib += resources.memoryMib;
      this.#used.gpu += resources.gpu;
    }
  }

  #count(nowMs: number): void {
    if (this.#billedSinceMs === null || nowMs <= this.#countedMs) return;
    const hours = (nowMs - this.#countedMs) / 3_600_000;
    const usd = hours * this.priceUsdPerHour;
    this.#countedMs = nowMs;
    if (this.#readyAtMs === null) this.parts.boot += usd;
    else if (this.#tasks.size === 0) this.parts.idle += usd;
    else this.#countWork(usd, hours);
  }

  #countWork(usd: number, hours: number): void {
    const share = Math.min(1, this.#shareOf(this.#used));
    let shares = 0;
    for (const task of this.#tasks.values()) shares += task.share;
    this.parts.work += usd * share;
    this.parts.stranded += usd * (1 - share);
    if (shares > 0) for (const task of this.#tasks.values()) task.workUsd += (usd * share * task.share) / shares;
    if (!this.type.isBurstable) return;
    const busy = this.#used.cpuMilli / 1000 - this.type.vcpu * baselineOf(this.type);
    if (busy > 0) this.parts.credits += busy * hours * surplusUsdPerVcpuHour[this.type.arch];
  }

  /** Of the node's dearest-used resource. */
  #shareOf(resources: Resources): number {
    const { cpuMilli, memoryMib, gpu } = this.type.allocatable;
    return Math.max(
      cpuMilli > 0 ? resources.cpuMilli / cpuMilli : 0,
      memoryMib > 0 ? resources.memoryMib / memoryMib : 0,
      gpu > 0 ? resources.gpu / gpu : 0,
    );
  }
}
