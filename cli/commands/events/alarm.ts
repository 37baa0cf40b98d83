// `alarm`: sends a server on a laptop the event that CloudWatch would, so that pools' alarms can be tried without AWS.
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Context, Run } from '../../context.ts';
import { number } from '../../text.ts';

export function registerAlarm(program: Command, run: Run): void {
  run(
    program
      .command('alarm')
      .description('a CloudWatch alarm changes its state: for a local server only, to try the alarms of its pools')
      .argument('<name>', "the alarm's name")
      .addOption(
        new Option('--state <state>', 'its new state').choices(['ALARM', 'OK', 'INSUFFICIENT_DATA']).default('ALARM'),
      )
      .option('--beyond <number>', 'how far its metric is beyond the threshold', number('--beyond'))
      .option('--reason <text>', 'what CloudWatch gives as its reason', 'tried by hand'),
    alarm,
  );
}

async function alarm(
  context: Context,
  [alarmName = '']: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { localRoutes } = await import('../../../lib/api/local.ts');
  const state = String(options['state']);
  const { beyond } = options;
  const measured =
    beyond === undefined ? {} : { reasonData: JSON.stringify({ threshold: 0, recentDatapoints: [beyond] }) };
  const time = new Date(context.environment.nowMs()).toISOString();
  const answer = await context.client.callRoute(localRoutes.sendEvent, {
    body: {
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      time,
      detail: {
        alarmName,
        previousState: { value: state === 'ALARM' ? 'OK' : 'ALARM' },
        state: { value: state, reason: String(options['reason']), ...measured, timestamp: time },
      },
    },
  });
  context.print(answer, () => {
    if (answer.alarmed === undefined) return `${alarmName} is ${state}: passed on to the bus`;
    return answer.alarmed.length === 0
      ? `no pool or service names the alarm ${alarmName}`
      : `${alarmName} is ${state}: applied to ${answer.alarmed.join(', ')}`;
  });
}
