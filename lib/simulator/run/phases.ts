// The phases of a run: faults, then calm, in which everything must settle, be released and end, and then the system
// must be quiet.
import { isWarm } from '../../core/claims/documents.ts';
import { isEnd } from '../../core/records/request.ts';
import type { DrawnRun } from './draw-run.ts';
import {
  areClaimsSettled,
  areOwnClaimsOver,
  checkClaimsReleased,
  checkEmpty,
  isClaimReleased,
  isEmpty,
  isReleased,
  isReplica,
  nothingPlaceableIsOpen,
  someWaitInVain,
} from './end-of-run.ts';
import { areServicesAtRest, areServicesSettled, checkServicesAtRest, checkServicesSettled } from './end-of-services.ts';
import { withoutForecast } from '../applications/styles.ts';
import { withoutWarmNodes } from '../applications/warm-nodes.ts';
import { checkWarmNodesSettled } from '../checkers/protocol/31-warm-nodes.ts';
import { areTargetsSettled, checkTargets } from './end-of-targets.ts';
import { stallMaxMs } from '../checkers/tasks/14-convergence.ts';
import type { Given } from './types.ts';
import type { Truth } from '../truth.ts';
import type { Wiring } from './wiring.ts';

const minuteMs = 60_000;
/** All that is placeable has ended by then after the faults, or it never will. */
const endsWithinMs = 8 * 60 * minuteMs;
const emptyWithinMs = 60 * minuteMs;
/** What is remembered for a while (capacity, silence, listings) is forgotten by then. */
const settleMs = 20 * minuteMs;
const quietMs = 30 * minuteMs;
/** A stop or a start that EC2 takes for good is through by then, and a node that never comes up is given up. */
const warmSettleMs = 40 * minuteMs;
/** Launches that EC2 never answered, boots and grants have their time limits, one after the other. */
const claimSettlesWithinMs = 4 * 60 * minuteMs;
/** Kept volumes are kept for up to a quarter of an hour. */
const claimGoneWithinMs = 2 * 60 * minuteMs;

export class Phases {
  readonly #wiring: Wiring;
  readonly #drawn: DrawnRun;
  readonly #given: Given | undefined;
  #nextCheckMs = 0;

  constructor(wiring: Wiring, drawn: DrawnRun, given: Given | undefined) {
    this.#wiring = wiring;
    this.#drawn = drawn;
    this.#given = given;
  }

  /** Everything that a run does; a violation ends it early. */
  async all(): Promise<void> {
    await this.#phase('faults begin', this.#drawn.workload.busyMs, () => false);
    this.#endFaults();
    if (this.#drawn.past.length > 0) await this.#endForecasts();
    if (this.#drawn.hasClaims) await this.#endClaims();
    // After claims: these take room from replicas for as long as their owners like.
    if (this.#drawn.hasServices) await this.#endServices();
    if (this.#wiring.services.hasMachines) await this.#leaveNoClaims(isClaimReleased);
    await this.#endWarmNodes();
    await this.#endTasks();
    await this.#beQuiet();
  }

  get #isBroken(): boolean {
    return this.#wiring.truth.violation !== null;
  }

  #endFaults(): void {
    const { draws, controllers, operatorFaults, cloudFaults, quotas, prices, truth, kernel } = this.#wiring;
    draws.calm();
    controllers.endOutage();
    cloudFaults.calm();
    operatorFaults.calm();
    quotas.calm();
    prices.calm();
    truth.becomeCalm(Math.max(kernel.nowMs, ...controllers.processes.map((process) => process.pausedUntilMs)));
  }

  /** Stopped nodes are kept for as long as their pools say: from here on none is. */
  async #endWarmNodes(): Promise<void> {
    const { truth, operator } = this.#wiring;
    const kept = [...truth.pools.values()].filter(({ spec }) => spec.warmNodes !== undefined);
    if (kept.length === 0) return;
    await this.#phase('warm nodes settle', warmSettleMs, () => false);
    if (!this.#isBroken) checkWarmNodesSettled(truth);
    for (const { spec } of kept) operator.putPool(withoutWarmNodes(spec));
    await this.#phase(
      'no node is kept warm',
      settleMs,
      this.#everyMinute(() => operator.isDone),
    );
  }

  /** What is forecast may keep nodes for days; all that follows is about what is asked for. */
  async #endForecasts(): Promise<void> {
    const { truth, operator } = this.#wiring;
    const isDone = this.#everyMinute(() => operator.isDone);
    await this.#phase('pools are as they were', settleMs, isDone);
    for (const { spec } of truth.pools.values()) operator.putPool(withoutForecast(spec));
    await this.#phase('nothing is forecast', settleMs, isDone);
  }

  /** Every update is done by then, or waits for room, whatever was begun before; and what is deleted goes. */
  async #endServices(): Promise<void> {
    const { truth, operator, services } = this.#wiring;
    const isAnswered = (): boolean => operator.isDone && services.isDone;
    await this.#phase('pools are as they were', settleMs, () => false);
    services.calm();
    const isSettled = this.#everyMinute(() => isAnswered() && areServicesSettled(truth));
    await this.#phase('services settle', endsWithinMs, isSettled);
    if (!this.#isBroken && !services.isDone)
      truth.violate('20: services', 'a service that could be had is declared for hours, without an answer', []);
    if (!areServicesSettled(truth)) await this.#giveServicesRoom(isSettled);
    await this.#endTargets('targets settle');
    services.deleteAll();
    const isGone = (): boolean => isAnswered() && truth.services.size === 0;
    await this.#phase('services are deleted', emptyWithinMs, this.#everyMinute(isGone));
    if (!this.#isBroken && truth.services.size > 0)
      truth.violate('20: services', 'an hour after it was deleted a service is still there', [
        ...truth.services.keys(),
      ]);
    await this.#endTargets('no target is left');
  }

  /** Those that wait for room go on as soon as there is some. */
  async #giveServicesRoom(isSettled: () => boolean): Promise<void> {
    const { truth, operator, services } = this.#wiring;
    // A task that ended just now has made room that is not taken yet.
    await this.#phase(
      'services wait for room',
      stallMaxMs,
      this.#everyMinute(() => areServicesAtRest(truth)),
    );
    if (!this.#isBroken) checkServicesAtRest(truth);
    const pools = [...truth.pools.values()].map(({ spec }) => spec);
    for (const spec of pools) operator.putPool({ ...spec, limits: {} });
    services.repeatRefused();
    await this.#phase('services have room', emptyWithinMs, isSettled);
    if (!this.#isBroken) checkServicesSettled(truth);
    for (const spec of pools) operator.putPool(spec);
  }

  /** What calls that come late have registered is found a quarter of an hour later. */
  async #endTargets(name: string): Promise<void> {
    const { truth, targetGroups } = this.#wiring;
    if (!this.#drawn.hasTargetGroups) return;
    await this.#phase(name, emptyWithinMs, () => areTargetsSettled(truth, targetGroups));
    if (!this.#isBroken) checkTargets(truth, targetGroups);
  }

  async #endClaims(): Promise<void> {
    const { truth, operator, clients, claimClients } = this.#wiring;
    await this.#phase(
      'claims settle',
      claimSettlesWithinMs,
      this.#everyMinute(() => operator.isDone && clients.areDone && claimClients.areDone && areClaimsSettled(truth)),
    );
    for (const {
      spec: { warm, ...rest },
    } of truth.pools.values())
      if (warm) operator.putPool(rest);
    for (const claim of truth.claims.values())
      if (!this.#isBroken && claim.endedAtMs === null && !isWarm(claim) && !isReplica(claim))
        claimClients.release(claim);
    await this.#leaveNoClaims(this.#wiring.services.hasMachines ? areOwnClaimsOver : isClaimReleased);
  }

  /** Where services have machines, nothing is left only when these are gone. */
  async #leaveNoClaims(isOver: (truth: Truth) => boolean): Promise<void> {
    const { truth, operator } = this.#wiring;
    await this.#phase(
      'claims are released',
      claimGoneWithinMs,
      this.#everyMinute(() => operator.isDone && isOver(truth)),
    );
    if (!this.#isBroken && isOver === isClaimReleased) checkClaimsReleased(truth);
  }

  async #endTasks(): Promise<void> {
    const { truth, clients } = this.#wiring;
    await this.#phase(
      'what can run ends',
      endsWithinMs,
      this.#everyMinute(() => clients.areDone && nothingPlaceableIsOpen(truth)),
    );
    if (someWaitInVain(truth)) {
      // Nodes from before a limit was lowered may go on serving them for hours; quiet comes only without nodes.
      await this.#phase(
        'what never fits waits',
        endsWithinMs,
        this.#everyMinute(() => isReleased(truth)),
      );
      if (isReleased(truth)) {
        await this.#phase('all else is over', settleMs, () => false);
        await this.#quiet('waiting must be quiet', quietMs);
        truth.isQuiet = false;
      }
    }
    // Also those whose acceptance never reached anybody.
    for (const record of truth.requests.values()) if (!this.#isBroken && !isEnd(record.state)) clients.cancel(record);
    await this.#phase(
      'what never fits is cancelled',
      emptyWithinMs,
      this.#everyMinute(() => isEmpty(truth)),
    );
    if (!this.#isBroken) checkEmpty(truth);
  }

  async #beQuiet(): Promise<void> {
    await this.#phase('all is over', this.#given?.settleMs ?? settleMs, () => false);
    await this.#quiet('it must be quiet', this.#given?.quietMs ?? quietMs);
  }

  async #quiet(name: string, forMs: number): Promise<void> {
    this.#wiring.truth.isQuiet = true;
    await this.#phase(name, forMs, () => false);
  }

  async #phase(name: string, forMs: number, isOver: () => boolean): Promise<void> {
    if (this.#isBroken) return;
    const { kernel, trace, truth } = this.#wiring;
    trace.write(kernel.nowMs, 'run', name);
    const afterEach = (): void => truth.tell((watcher) => watcher.step?.());
    await kernel.run(kernel.nowMs + forMs, afterEach, () => this.#isBroken || isOver());
  }

  /** Looking at everything after every event would cost more than the run. */
  #everyMinute(is: () => boolean): () => boolean {
    const { kernel } = this.#wiring;
    return () => {
      if (kernel.nowMs < this.#nextCheckMs) return false;
      this.#nextCheckMs = kernel.nowMs + minuteMs;
      return is();
    };
  }
}
