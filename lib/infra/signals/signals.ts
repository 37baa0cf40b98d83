// What wakes the controller: its own bus, the minute, and what EC2, Health and CloudWatch say. Wakes are hints,
// so they get no retries and no dead letters; what AWS says is delivered again and then kept for a look.
import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as destinations from 'aws-cdk-lib/aws-lambda-destinations';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements.ts';
import type { Program } from '../functions/functions.ts';

/** A wake that is older than this is worth less than the next schedule event. */
export const wakeAgeMax = Duration.seconds(60);

export class Bus extends Construct {
  readonly bus: events.EventBus;
  /** What failed for good and is worth a look; emptied by the redrive of docs/troubleshooting.md. */
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, installation: string) {
    super(scope, id);
    this.bus = new events.EventBus(this, 'Bus', {
      eventBusName: `bellows-${installation}`,
      description: `Wakes and events of Bellows installation ${installation}`,
    });
    this.deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const isLast = 'It is the dead-letter queue, of functions and rules rather than of a queue.';
    acknowledge(this.deadLetters, { 'AwsSolutions-SQS3': isLast, 'Serverless-SQSRedrivePolicy': isLast });
  }
}

/** What lambdas/events/messages.ts reads. Instances and alarms of others come along: patterns cannot know ours. */
const awsRules: Readonly<
  Record<
    string,
    { readonly source: string; readonly detailType: string; readonly detail?: Readonly<Record<string, string[]>> }
  >
> = {
  StateChange: { source: 'aws.ec2', detailType: 'EC2 Instance State-change Notification' },
  Interruption: { source: 'aws.ec2', detailType: 'EC2 Spot Instance Interruption Warning' },
  Rebalance: { source: 'aws.ec2', detailType: 'EC2 Instance Rebalance Recommendation' },
  ScheduledChange: {
    source: 'aws.health',
    detailType: 'AWS Health Event',
    detail: { service: ['EC2'], eventTypeCategory: ['scheduledChange'] },
  },
  Alarms: { source: 'aws.cloudwatch', detailType: 'CloudWatch Alarm State Change' },
};

export class Signals extends Construct {
  readonly rules: readonly events.Rule[];

  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly bus: Bus;
      readonly streamArn: string;
      readonly scheduler: lambda.Function;
      readonly events: Program;
    },
  ) {
    super(scope, id);
    const { bus, deadLetters } = props.bus;
    const hears = props.events.function;
    props.scheduler.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: wakeAgeMax });
    acknowledge(props.scheduler, {
      'Serverless-LambdaAsyncFailureDestination':
        'Wakes and minutes are hints: what is due is in the table, and the next minute replaces a lost one.',
    });
    hears.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
      onFailure: new destinations.SqsDestination(deadLetters),
    });
    const wakes = new events.Rule(this, 'Wakes', {
      eventBus: bus,
      description: 'A pool should tick now',
      eventPattern: { source: ['bellows'], detailType: ['Wake'] },
      targets: [hint(props.scheduler)],
    });
    const minute = new events.Rule(this, 'Minute', {
      description: 'Wakes the pools that are due',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      targets: [hint(props.scheduler)],
    });
    const deliveries = new events.Rule(this, 'Deliveries', {
      eventBus: bus,
      description: 'There is something for webhooks',
      eventPattern: { source: ['bellows'], detailType: ['Deliver'] },
      targets: [hint(hears)],
    });
    for (const rule of [wakes, minute, deliveries]) {
      acknowledge(rule, {
        'Serverless-EventBusDLQ':
          'Wakes and minutes are hints: what is due is in the table, and the next minute replaces a lost one.',
      });
    }
    // EventBridge delivers its events at least once for up to a day; late ones are worth nothing here.
    const toEvents = (): targets.LambdaFunction =>
      new targets.LambdaFunction(hears, {
        deadLetterQueue: deadLetters,
        maxEventAge: Duration.hours(1),
        retryAttempts: 3,
      });
    const ofAws = Object.entries(awsRules).map(
      ([name, { source, detailType, detail }]) =>
        new events.Rule(this, name, {
          description: detailType,
          eventPattern: { source: [source], detailType: [detailType], ...(detail === undefined ? {} : { detail }) },
          targets: [toEvents()],
        }),
    );
    this.rules = [wakes, minute, deliveries, ...ofAws];
    const accepted = new lambda.EventSourceMapping(this, 'Accepted', {
      target: hears,
      eventSourceArn: props.streamArn,
      startingPosition: lambda.StartingPosition.TRIM_HORIZON,
      // Rows of requests as their submission wrote them; nothing else wakes the function, or is paid for.
      filters: [
        {
          pattern: JSON.stringify({
            dynamodb: {
              Keys: { pk: { S: [{ prefix: 'REQUEST#' }] }, sk: { S: ['ROW'] } },
              NewImage: { version: { N: ['1'] } },
            },
          }),
        },
      ],
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(1),
      // A record that cannot be published is found by halving the batch; it must not block the others for ever.
      bisectBatchOnError: true,
      maxRecordAge: Duration.hours(6),
      onFailure: new SqsDlq(deadLetters),
    });
    // Lambda looks at the role when the mapping is made.
    accepted.node.addDependency(props.events.role);
  }
}

function hint(to: lambda.Function): targets.LambdaFunction {
  return new targets.LambdaFunction(to, { retryAttempts: 0, maxEventAge: wakeAgeMax });
}
