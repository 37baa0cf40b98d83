// The alarms that matter; each has a heading in docs/troubleshooting.md. Metrics of the namespace Bellows are sent
// only when there is something to tell, so that an idle installation pays for none of them.
import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface AlarmsProps {
  readonly installation: string;
  readonly deadLetters: sqs.IQueue;
  readonly scheduler: lambda.IFunction;
  readonly topic: sns.ITopic | undefined;
}

export class Alarms extends Construct {
  readonly all: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, { installation, deadLetters, scheduler, topic }: AlarmsProps) {
    super(scope, id);
    const period = Duration.minutes(5);
    const own = (metricName: string, statistic: 'Maximum' | 'Sum'): cloudwatch.Metric =>
      new cloudwatch.Metric({ namespace: 'Bellows', metricName, dimensionsMap: { installation }, statistic, period });
    const alarm = (
      name: string,
      alarmDescription: string,
      metric: cloudwatch.IMetric,
      threshold: number,
      evaluationPeriods = 1,
    ): cloudwatch.Alarm =>
      new cloudwatch.Alarm(this, name, {
        alarmName: `bellows-${installation}-${name}`,
        alarmDescription,
        metric,
        threshold,
        evaluationPeriods,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
    this.all = [
      alarm(
        'dead-letters',
        'Events failed for good; look at the queue and redrive it',
        deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
        1,
      ),
      alarm(
        'failing-ticks',
        'The scheduler keeps failing: nothing is placed or bought',
        scheduler.metricErrors({ period, statistic: 'Sum' }),
        3,
        2,
      ),
      alarm(
        'oldest-pending',
        'A request has been waiting for over half an hour',
        own('OldestPendingSeconds', 'Maximum'),
        1800,
      ),
      alarm(
        'limits-reached',
        'Requests wait because a limit of their pool is reached',
        own('LimitsReached', 'Maximum'),
        1,
        3,
      ),
      alarm(
        'mass-silence',
        'Many agents fell silent together: an outage of the path to the controller',
        own('MassSilence', 'Maximum'),
        1,
      ),
      alarm('orphans-reaped', 'Instances that no record knew were terminated', own('OrphansReaped', 'Sum'), 1),
    ];
    if (topic) for (const one of this.all) one.addAlarmAction(new SnsAction(topic));
  }
}
