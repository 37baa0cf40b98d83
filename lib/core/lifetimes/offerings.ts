// What a pool has learned of what it bought: by type, zone and capacity type, how often EC2 refused it or took it back,
// how many of its nodes never called, and how long the others took to boot. Counted once, when EC2 refuses a launch and
// when a node is gone; nodes that are there count when a decision is made. Old news fade.
import { bootFailure, isLostSpot } from './node-ends.ts';
import type { NodeRecord } from '../records/node.ts';
import { assert } from '../values/errors.ts';
import { offeringId } from '../values/offering.ts';

/** Sums of one offering, as they stood at `atMs`; what is older counts less. */
export interface OfferingSums {
  /** Launches that EC2 had no capacity for. */
  readonly refused: number;
  /** Nodes whose agent never called. */
  readonly failed: number;
  /** Nodes whose agent did, the seconds that took, and the logarithms of these. */
  readonly booted: number;
  readonly bootSeconds: number;
  readonly bootLogs: number;
  /** Hours that its nodes were there. */
  readonly hours: number;
  /** Nodes that EC2 took, though nobody here asked for it. */
  readonly interrupted: number;
  readonly atMs: number;
}

/** By the offering's id. */
export type LearnedOfferings = Readonly<Record<string, OfferingSums>>;

/** What was learned a day ago counts half: shortages of EC2 last for hours, seldom for days. */
export const offeringsHalfLifeMs = 86_400_000;
/** 200 entries of 160 bytes at most are a tenth of what one item of the store takes. */
export const offeringsLearnedMax = 200;
/** What has faded to less says nothing. */
const leastWeight = 0.05;
const hourMs = 3_600_000;

export const nothingLearned: OfferingSums = {
  refused: 0,
  failed: 0,
  booted: 0,
  bootSeconds: 0,
  bootLogs: 0,
  hours: 0,
  interrupted: 0,
  atMs: 0,
};

type News = Partial<Omit<OfferingSums, 'atMs'>>;

/** The sums as they count at a later time. */
export function fadedTo(sums: OfferingSums, nowMs: number): OfferingSums {
  const part = 0.5 ** (Math.max(0, nowMs - sums.atMs) / offeringsHalfLifeMs);
  const of = (amount: number): number => amount * part;
  return {
    refused: of(sums.refused),
    failed: of(sums.failed),
    booted: of(sums.booted),
    bootSeconds: of(sums.bootSeconds),
    bootLogs: of(sums.bootLogs),
    hours: of(sums.hours),
    interrupted: of(sums.interrupted),
    atMs: nowMs,
  };
}

export function withNews(before: OfferingSums, news: News, nowMs: number): OfferingSums {
  const faded = fadedTo(before, nowMs);
  const of = (key: keyof News): number => faded[key] + (news[key] ?? 0);
  return {
    refused: of('refused'),
    failed: of('failed'),
    booted: of('booted'),
    bootSeconds: of('bootSeconds'),
    bootLogs: of('bootLogs'),
    hours: of('hours'),
    interrupted: of('interrupted'),
    atMs: nowMs,
  };
}

/** What the life of one node says, ended or not. */
export function newsOfNode(node: NodeRecord, nowMs: number): News {
  const { createdAtMs, readyAtMs } = node;
  const hours = Math.max(0, nowMs - createdAtMs) / hourMs;
  const interrupted = isLostSpot(node) ? { interrupted: 1 } : {};
  if (readyAtMs === null) return { hours, ...interrupted, ...(bootFailure(node) === null ? {} : { failed: 1 }) };
  const seconds = Math.max(1, (readyAtMs - createdAtMs) / 1_000);
  return { hours, ...interrupted, booted: 1, bootSeconds: seconds, bootLogs: Math.log(seconds) };
}

/** The same object where there is nothing new, so that nothing is written. */
export function withGoneNodes(
  before: LearnedOfferings | undefined,
  gone: readonly NodeRecord[],
  nowMs: number,
): LearnedOfferings | undefined {
  return withAll(
    before,
    gone.map((node) => [idOf(node), newsOfNode(node, nowMs)] as const),
    nowMs,
  );
}

/** Each offering that EC2 refused counts once for each launch. */
export function withRefused(
  before: LearnedOfferings | undefined,
  ids: readonly string[],
  nowMs: number,
): LearnedOfferings | undefined {
  return withAll(
    before,
    ids.map((id) => [id, { refused: 1 }] as const),
    nowMs,
  );
}

function withAll(
  before: LearnedOfferings | undefined,
  news: readonly (readonly [string, News])[],
  nowMs: number,
): LearnedOfferings | undefined {
  if (news.length === 0) return before;
  const all = new Map(Object.entries(before ?? {}));
  for (const [id, one] of news) all.set(id, withNews(all.get(id) ?? nothingLearned, one, nowMs));
  return bounded(all, nowMs);
}

/** What says most is kept, in the order of the ids; figures of six digits are exact enough. */
function bounded(all: ReadonlyMap<string, OfferingSums>, nowMs: number): LearnedOfferings {
  const kept = [...all]
    .map(([id, sums]) => ({ id, sums, weight: weightOf(fadedTo(sums, nowMs)) }))
    .filter(({ weight }) => weight >= leastWeight)
    .sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1))
    .slice(0, offeringsLearnedMax)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  assert(kept.length <= offeringsLearnedMax, 'more offerings are remembered than may be');
  return Object.fromEntries(kept.map(({ id, sums }) => [id, rounded(sums)]));
}

/** How much there is to go by: bad news, boots, and days of nodes. */
export function weightOf({ refused, failed, booted, interrupted, hours }: OfferingSums): number {
  return refused + failed + booted + interrupted + hours / 24;
}

function rounded({ atMs, ...sums }: OfferingSums): OfferingSums {
  const figures = Object.entries(sums).map(([key, amount]) => [key, Number(amount.toPrecision(6))]);
  return { ...(Object.fromEntries(figures) as Omit<OfferingSums, 'atMs'>), atMs };
}

export function idOf({ instanceType, zone, capacityType }: NodeRecord): string {
  return offeringId(instanceType, zone, capacityType);
}

/** With the nodes that are there, as of now. */
export function learnedNow(
  stored: LearnedOfferings | undefined,
  nodes: readonly NodeRecord[],
  nowMs: number,
): ReadonlyMap<string, OfferingSums> {
  const all = new Map(Object.entries(stored ?? {}).map(([id, sums]) => [id, fadedTo(sums, nowMs)]));
  for (const node of nodes) {
    const id = idOf(node);
    all.set(id, withNews(all.get(id) ?? nothingLearned, newsOfNode(node, nowMs), nowMs));
  }
  return all;
}
