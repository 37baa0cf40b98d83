// Runs scenes against AWS (or something like it) and collects what was seen of each behaviour. A scene that breaks off
// leaves the rest of its behaviours unseen, with its error as the reason; whatever it made is removed at the end.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { BehaviourId } from './behaviours.ts';

export type Verdict = 'seen' | 'different' | 'not seen';

export interface Observation {
  readonly id: BehaviourId;
  readonly verdict: Verdict;
  readonly evidence: string;
}

/** Says what was seen of a behaviour: that it is as expected, or what happened instead. */
export type See = (id: BehaviourId, isAsExpected: boolean, evidence: string) => void;

export interface Conditions {
  readonly ec2: EC2Client;
  readonly dynamodb: DynamoDBClient;
  /** Of everything that this run makes: the tag's value and a part of every name. */
  readonly runId: string;
  readonly region: string;
  readonly pollMs: number;
  /** Longest wait for something to change. */
  readonly waitMsMax: number;
  /** Applied quota in vCPU; null: not known. */
  readonly quota: (code: string) => Promise<number | null>;
  /** Throws once it was asked to stop: called between calls. */
  readonly goOn: () => void;
}

export interface Scene {
  readonly name: string;
  readonly behaviours: readonly BehaviourId[];
  /** What is in the account while it is played. */
  readonly makes: string;
  /** At most, were it to run for an hour. */
  readonly costUsd: number;
  readonly play: (conditions: Conditions, see: See) => Promise<void>;
}

export class InterruptedError extends Error {}

export interface RunResult {
  readonly observations: readonly Observation[];
  readonly spentUsdMax: number;
}

/** Scenes that would pass the cap are not played. */
export async function playScenes(
  scenes: readonly Scene[],
  conditions: Conditions,
  usdMax: number,
  say: (line: string) => void,
): Promise<RunResult> {
  const observations: Observation[] = [];
  let spentUsdMax = 0;
  for (const scene of scenes) {
    const seen = new Set<BehaviourId>();
    const unseen = (why: string): void => {
      for (const id of scene.behaviours)
        if (!seen.has(id)) observations.push({ id, verdict: 'not seen', evidence: why });
    };
    if (spentUsdMax + scene.costUsd > usdMax) {
      unseen(
        `over --max-usd: it may cost ${String(scene.costUsd)} USD, and ${(usdMax - spentUsdMax).toFixed(3)} are left`,
      );
      continue;
    }
    spentUsdMax += scene.costUsd;
    say(`${scene.name} …`);
    try {
      conditions.goOn();
      await scene.play(conditions, (id, isAsExpected, evidence) => {
        if (seen.has(id)) throw new Error(`${id} was judged twice`);
        seen.add(id);
        observations.push({ id, verdict: isAsExpected ? 'seen' : 'different', evidence });
      });
      unseen('the scene did not get to it');
    } catch (error) {
      unseen(error instanceof InterruptedError ? 'interrupted' : `the scene broke off: ${textOf(error)}`);
      if (error instanceof InterruptedError) throw new InterruptedRun({ observations, spentUsdMax });
    }
  }
  return { observations, spentUsdMax };
}

/** Carries what was seen until then. */
export class InterruptedRun extends Error {
  readonly result: RunResult;
  constructor(result: RunResult) {
    super('interrupted');
    this.result = result;
  }
}

export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  return code === 'Error' ? error.message : `${code}: ${error.message}`;
}

/** AWS's own code of an error. */
export function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}

/** Instead of a code. */
export const accepted = 'without an error';

/** The code of the error that a call ends with, or {@link accepted}. */
export async function refusal(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return accepted;
  } catch (error) {
    if (error instanceof TypeError || error instanceof InterruptedError) throw error;
    return codeOf(error);
  }
}

/** Asks until the answer is one; null: it never was, within the longest wait. */
export async function until<T>(
  conditions: Conditions,
  ask: () => Promise<T | null>,
): Promise<{ readonly value: T; readonly afterMs: number } | null> {
  const fromMs = performance.now();
  for (;;) {
    conditions.goOn();
    const value = await ask();
    const afterMs = Math.round(performance.now() - fromMs);
    if (value !== null) return { value, afterMs };
    if (afterMs > conditions.waitMsMax) return null;
    await sleep(conditions.pollMs);
  }
}
