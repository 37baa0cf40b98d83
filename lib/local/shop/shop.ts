// Runs the shop's day on a server: plays it, shows it, sums it up. A day that was interrupted goes on at the
// next start; its keys make sure that nothing is asked for twice.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { ApiClient } from '../server/api-client.ts';
import { auditLine, settledAudit } from '../server/audit.ts';
import { homePaths } from '../server/home.ts';
import { Player } from './player.ts';
import { Storefront, storefrontLine } from './storefront.ts';
import { clockOf, dayMs, shopDay } from './shop-day.ts';
import { objectionsTo, summaryOf, verdictOf } from './summary.ts';
import type { Verdict } from './summary.ts';
import type { LiveView } from '../server/view.ts';

const progressFile = z.object({ day: z.int().min(1), elapsedMs: z.number(), isDone: z.boolean() });
type Progress = z.output<typeof progressFile>;

const settleMs = 90_000;

export interface ShopRun {
  /** Whether every request ended as it should and the audit finds nothing; null: stopped. */
  readonly done: Promise<Verdict | null>;
  stop(): void;
}

export function runShop(home: string, url: string, view: LiveView): ShopRun {
  const paths = homePaths(home);
  const progress = resume(paths.shop);
  const client = new ApiClient(url);
  const player = new Player({
    client,
    arrivals: shopDay(progress.day, paths.ledger, true),
    fromMs: progress.elapsedMs,
    acceptedFile: paths.accepted,
    pool: 'default',
    onLook: ({ elapsedMs, ...look }) => {
      if (elapsedMs < dayMs) save(paths.shop, { ...progress, elapsedMs, isDone: false });
      view.show({ ...look, title: elapsedMs < dayMs ? `shop ${clockOf(elapsedMs)}` : 'closed' }, performance.now());
    },
  });
  return {
    stop: () => {
      player.stop();
    },
    done: play({ home, player, storefront: new Storefront(client), progress, view }),
  };
}

interface Day {
  readonly home: string;
  readonly player: Player;
  readonly storefront: Storefront;
  readonly progress: Progress;
  readonly view: LiveView;
}

async function play({ home, player, storefront, progress, view }: Day): Promise<Verdict | null> {
  if (progress.elapsedMs > 0)
    view.say(`the shop's day ${String(progress.day)} goes on at ${clockOf(progress.elapsedMs)}`);
  else
    view.say(
      `a shop's day in a minute: a storefront that scales with its visitors, the pages that they ask for, bursts of `
        + 'images, a batch of orders, a nightly report',
    );
  const [played, story] = await Promise.all([
    player.play(settleMs),
    storefront.run(
      () => player.elapsedMs,
      () => player.isStopped,
    ),
  ]);
  if (player.isStopped) return null;
  if (played.unanswered === null) save(homePaths(home).shop, { ...progress, elapsedMs: dayMs, isDone: true });
  view.clear();
  const found = await settledAudit(home);
  const { verdict, lines } = verdictOf(played, found.problems, objectionsTo(played));
  for (const line of ['', ...summaryOf(played), ...(story ? [storefrontLine(story)] : []), auditLine(found), ...lines])
    view.say(line);
  return verdict;
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
