// How the world of a back-test behaves beside the control code itself: boots, the network, the time that calls take.
// Figures that nobody has measured for this account are assumptions; docs/backtest.md lists them.
import type { Distribution } from '../../adapters/simulated/cloud/random.ts';
import { awsSettings, localSettings } from '../../control/ports.ts';
import type { ControlSettings } from '../../control/ports.ts';
import { calm } from './weather.ts';
import type { Weather } from './weather.ts';
import { defaultRootVolumeGib } from '../../core/catalog/root-volume.ts';
import { awsDecisionSettings, localDecisionSettings } from '../../core/values/settings.ts';

export interface Behaviour {
  /** From the launch call to `running`; billing begins there. */
  readonly launchMs: Distribution;
  /** From `running` to the agent's first call. */
  readonly bootMs: Distribution;
  /** The same of an instance that was stopped and is started again: what it runs is on its disk. */
  readonly startMs: Distribution;
  /** From the call that ends an instance to `terminated`; it is not billed. */
  readonly shutdownMs: Distribution;
  readonly describeLagMs: Distribution;
  /** Between an agent and the controller, one way. */
  readonly networkMs: number;
  /** From a ring to the agent that waits at its bell. */
  readonly bellMs: number;
  /** From a wake to the tick's first read. */
  readonly wakeMs: number;
  /** A tick reads, decides and writes within this time; wakes that come meanwhile are served by the next one. */
  readonly tickMs: number;
  /** From a change of an instance to the handler of EC2's event. */
  readonly eventMs: number;
  /** From the agent's order to the process that runs. */
  readonly taskStartMs: number;
  /** Storing a task's output before its end is reported. */
  readonly uploadMs: number;
  /** How often due pools are looked for. */
  readonly scheduleMs: number;
  readonly sweepMs: number;
  readonly weather: Weather;
  /** Of each node, paid for as long as it is; 0: none. */
  readonly rootVolumeGib: number;
  readonly control: Omit<ControlSettings, 'templateVersion'>;
}

const installation = 'backtest';

/** Nobody asks for what has ended, nor for the archive. */
const unread = { keepEndedMs: 1_800_000, archiveAfterMs: null };

/** As deployed on AWS. */
export const awsBehaviour: Behaviour = {
  launchMs: { minMs: 5_000, maxMs: 15_000 },
  bootMs: { minMs: 20_000, maxMs: 40_000 },
  startMs: { minMs: 8_000, maxMs: 16_000 },
  shutdownMs: { minMs: 5_000, maxMs: 30_000 },
  describeLagMs: { minMs: 0, maxMs: 1_000 },
  networkMs: 20,
  bellMs: 50,
  wakeMs: 150,
  tickMs: 350,
  eventMs: 1_000,
  taskStartMs: 20,
  uploadMs: 60,
  scheduleMs: 60_000,
  sweepMs: 60_000,
  weather: calm,
  rootVolumeGib: defaultRootVolumeGib,
  control: { ...awsSettings, decisions: awsDecisionSettings, installation, ...unread },
};

/** As the embedded server on a laptop, whose instances come up in seconds. */
export const localBehaviour: Behaviour = {
  ...awsBehaviour,
  launchMs: { minMs: 1_000, maxMs: 3_000 },
  bootMs: { minMs: 150, maxMs: 300 },
  startMs: { minMs: 150, maxMs: 300 },
  shutdownMs: { minMs: 1_000, maxMs: 2_000 },
  networkMs: 3,
  bellMs: 3,
  wakeMs: 1,
  tickMs: 20,
  eventMs: 50,
  scheduleMs: 500,
  rootVolumeGib: 0,
  control: {
    ...localSettings,
    decisions: { ...localDecisionSettings, listingCalmMs: 1_500 },
    installation,
    lockLeaseMs: 4_000,
    tickBudgetMs: 3_000,
    ...unread,
  },
};

const ofBoot = { launch: 0.25, spread: 0.25 };

/** Seconds: give or take a quarter, evenly between two, or lognormal around a median. */
export type BootTime =
  number | { readonly minS: number; readonly maxS: number } | { readonly medianS: number; readonly sigma: number };

/** Beyond so many times the median no boot is drawn. */
const longestBoot = 20;

/** With instances that take this long from the launch call to the agent's first call. */
export function withBoot(behaviour: Behaviour, time: BootTime): Behaviour {
  const part = (share: number): Distribution => {
    const ms = (seconds: number): number => Math.round(seconds * 1000 * share);
    if (typeof time === 'number')
      return { minMs: ms(time * (1 - ofBoot.spread)), maxMs: ms(time * (1 + ofBoot.spread)) };
    if ('minS' in time) return { minMs: ms(time.minS), maxMs: ms(time.maxS) };
    return { medianMs: ms(time.medianS), sigma: time.sigma, maxMs: longestBoot * ms(time.medianS) };
  };
  return { ...behaviour, launchMs: part(ofBoot.launch), bootMs: part(1 - ofBoot.launch) };
}

const leastStartMs = 500;

/** With stopped instances that take this long from the call that starts them to the agent's first call. */
export function withStart(behaviour: Behaviour, time: BootTime): Behaviour {
  const launchMs = middleMs(behaviour.launchMs);
  const rest = (seconds: number): number => Math.max(leastStartMs, Math.round(seconds * 1000 - launchMs));
  return { ...behaviour, startMs: startOf(time, rest) };
}

function startOf(time: BootTime, rest: (seconds: number) => number): Distribution {
  if (typeof time === 'number')
    return { minMs: rest(time * (1 - ofBoot.spread)), maxMs: rest(time * (1 + ofBoot.spread)) };
  if ('minS' in time) return { minMs: rest(time.minS), maxMs: rest(time.maxS) };
  return { medianMs: rest(time.medianS), sigma: time.sigma, maxMs: longestBoot * rest(time.medianS) };
}

function middleMs(of: Distribution): number {
  if (typeof of === 'number') return of;
  return 'minMs' in of ? (of.minMs + of.maxMs) / 2 : of.medianMs;
}
