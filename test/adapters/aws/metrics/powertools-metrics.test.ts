// What CloudWatch gets: one line of the embedded metric format, with the dimension that alarms look for.
import { expect, test } from '@jest/globals';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { PowertoolsMetrics } from '../../../../lib/adapters/aws/metrics/powertools-metrics.ts';

function setUp(): { readonly metrics: PowertoolsMetrics; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const logger = { debug: write, error: write, info: write, warn: write };
  const client = new Metrics({ namespace: 'Bellows', logger });
  // Powertools writes to a console of its own.
  Object.assign(client, { console: { log: write } });
  return { metrics: new PowertoolsMetrics(client, 'i'), lines };
}

test('metrics carry the installation as their one dimension, and their units', async () => {
  const { metrics, lines } = setUp();
  await metrics.publish({ OrphansReaped: 2, OldestPendingSeconds: 1_900 });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    installation: 'i',
    OrphansReaped: 2,
    OldestPendingSeconds: 1_900,
    _aws: {
      CloudWatchMetrics: [
        {
          Namespace: 'Bellows',
          Dimensions: [['installation']],
          Metrics: [
            { Name: 'OrphansReaped', Unit: 'Count' },
            { Name: 'OldestPendingSeconds', Unit: 'Seconds' },
          ],
        },
      ],
    },
  });
});

test('each publication has its own values', async () => {
  const { metrics, lines } = setUp();
  await metrics.publish({ LimitsReached: 1 });
  await metrics.publish({ MassSilence: 1 });
  expect(lines.map((line) => Object.keys(JSON.parse(line) as object).filter((key) => key !== '_aws'))).toEqual([
    ['installation', 'LimitsReached'],
    ['installation', 'MassSilence'],
  ]);
});
