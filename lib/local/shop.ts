// Runs the shop's day on a server: plays it, shows it, sums it up. A day that was interrupted goes on at the
// next start; its keys make sure that nothing is asked for twice.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { ApiClient } from './api-client.ts';
import { audit, auditLine } from './audit.ts';
import { homePaths } from './home.ts';
import { Player } from './player.ts';
import { clockOf, dayMs, shopDay } from './shop-day.ts';
import { objectionTo, summaryOf } from './summary.ts';
import type { LiveView } from './view.ts';

const progressFile = z.object({ day: z.int().min(1), elapsedMs: z.number(), isDone: z.boolean() });
type Progress = z.output<typeof progressFile>;

const patienceMs = 90_000;

export interface ShopRun {
  /** Resolves with true when every request ended as it should and the audit finds nothing. */
  readonly done: Promise<boolean>;
  stop(): void;
}

export function runShop(home: string, url: string, view: LiveView): ShopRun {
  const paths = homePaths(home);
  const progress = resume(paths.shop);
  const player = new Player({
    client: new ApiClient(url, 5_000),
    arrivals: shopDay(progress.day, paths.ledger, true),
    fromMs: progress.elapsedMs,
    acceptedFile: paths.accepted,
    pool: 'default',
    onLook: ({ elapsedMs, ...look }) => {
      if (elapsedMs < dayMs) save(paths.shop, { ...progress, elapsedMs, isDone: false });
      view.show({ ...look, title: elapsedMs < dayMs ? `shop ${clockOf(elapsedMs)}` : 'closed' }, performance.now());
    },
  });
  return { stop: () => { player.stop(); }, done: play(home, player, progress, view) };
}

async function play(home: string, player: Player, progress: Progress, view: LiveView): Promise<boolean> {
  if (progress.elapsedMs > 0) view.say(`the shop's day ${String(progress.day)} goes on at ${clockOf(progress.elapsedMs)}`);
  else view.say(`a shop's day in a minute: pages that visitors ask for, bursts of images, a batch of orders, a nightly report`);
  const played = await player.play(patienceMs);
  if (player.isStopped) return false;
  save(homePaths(home).shop, { ...progress, elapsedMs: dayMs, isDone: true });
  view.clear();
  const found = audit(home, Date.now());
  const objections = played.requests.flatMap(({ arrival, view: request }) => objectionTo(arrival, request) ?? []);
  for (const line of ['', ...summaryOf(played), auditLine(found), ...found.problems, ...objections]) view.say(line);
  return found.problems.length === 0 && objections.length === 0;
}

function resume(file: string): Progress {
  const first: Progress = { day: 1, elapsedMs: 0, isDone: false };
  if (!existsSync(file)) return first;
  const last = progressFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  return last.isDone ? { ...first, day: last.day + 1 } : last;
}

function save(file: string, progress: Progress): void {
  writeFileSync(`${file}.new`, JSON.stringify(progress));
  renameSync(`${file}.new`, file);
}
