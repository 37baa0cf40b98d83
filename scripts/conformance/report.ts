// What a run saw, for people as a table and for programs as JSON.
import { table } from '../../cli/text.ts';
import { allBehaviours } from './behaviours.ts';
import type { Options } from './options.ts';
import type { RunResult, Scene } from './run.ts';

export function report(given: Options, region: string, { observations, spentUsdMax }: RunResult): void {
  if (given.isJson) {
    const endpoint = given.ec2Endpoint ?? 'AWS';
    const all = { at: new Date().toISOString(), region, endpoint, spentUsdMax, observations };
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    return;
  }
  const behaviourOf = new Map(allBehaviours.map((one) => [one.id, one]));
  process.stdout.write(
    `${table(
      ['', 'BEHAVIOUR', ''],
      observations.flatMap((one) => [
        [one.verdict, one.id, behaviourOf.get(one.id)?.behaviour ?? ''],
        ['', '', one.evidence],
      ]),
    )}\n`,
  );
  const count = (verdict: string): string => String(observations.filter((one) => one.verdict === verdict).length);
  process.stdout.write(
    `\n${count('seen')} seen, ${count('different')} different, ${count('not seen')} not seen; at most `
      + `${spentUsdMax.toFixed(3)} USD\n`,
  );
}

/** What a run would do, in its order: scenes that would pass the cap are not played. */
export function reportPlan(scenes: readonly Scene[], usdMax: number, isJson: boolean): void {
  let usd = 0;
  const planned = scenes.map(({ name, makes, costUsd, behaviours }) => {
    const isPlayed = usd + costUsd <= usdMax;
    if (isPlayed) usd += costUsd;
    return { name, isPlayed, makes, costUsdMax: costUsd, behaviours };
  });
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ costUsdMax: usd, scenes: planned }, null, 2)}\n`);
    return;
  }
  const rows = planned.flatMap((one) => [
    [one.isPlayed ? '' : 'over --max-usd', one.name, `${one.costUsdMax.toFixed(3)} USD`, one.makes],
    ['', '', '', `looks at: ${one.behaviours.join(', ')}`],
  ]);
  process.stdout.write(`${table(['', 'SCENE', 'AT MOST', 'MAKES, AND REMOVES'], rows)}\n`);
  process.stdout.write(`\nat most ${usd.toFixed(3)} USD, were each scene to run for an hour; nothing was called\n`);
}
