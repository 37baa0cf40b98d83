// What an installation keeps: the one table and the bucket of outputs.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledgements.ts';

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

/** Keys, indexes and what each access path costs: docs/deploy.md. The store adapter names the same attributes. */
export const tableKeys = {
  partition: 'pk',
  sort: 'sk',
  expiry: 'ttl',
  indexes: [
    { name: 'open', partition: 'openPk', sort: 'openSk' },
    { name: 'by-time', partition: 'timePk', sort: 'timeSk' },
  ],
} as const;

/** Compact copies that ticks leave of large pools, in the bucket of outputs. */
export const copiesPrefix = 'copies/';

export class Storage extends Construct {
  readonly table: dynamodb.Table;
  readonly outputs: s3.Bucket;
  readonly streamArn: string;

  constructor(scope: Construct, id: string, props: { readonly keepData: boolean; readonly keepOutputsDays: number }) {
    super(scope, id);
    const removalPolicy = props.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.table = new dynamodb.Table(this, 'Table', {
      partitionKey: text(tableKeys.partition),
      sortKey: text(tableKeys.sort),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: tableKeys.expiry,
      // RequestAccepted is published from here: lambdas/events/accepted.ts.
      stream: dynamodb.StreamViewType.NEW_IMAGE,
      encryption: dynamodb.TableEncryption.DEFAULT,
      removalPolicy,
    });
    for (const { name, partition, sort } of tableKeys.indexes) {
      this.table.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: text(partition),
        sortKey: text(sort),
        projectionType: dynamodb.ProjectionType.KEYS_ONLY,
      });
    }
    if (this.table.tableStreamArn === undefined) throw new Error('the table has no stream');
    this.streamArn = this.table.tableStreamArn;
    this.outputs = new s3.Bucket(this, 'Outputs', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      lifecycleRules: [
        {
          id: 'outputs',
          expiration: Duration.days(props.keepOutputsDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        // Of no use after an hour (copyLifeMs); those of pools that are gone stay until then.
        { id: 'copies', prefix: copiesPrefix, expiration: Duration.days(1) },
      ],
      // Emptied by the drain step at removal: a bucket with objects cannot be deleted.
      removalPolicy,
    });
    acknowledge(this.outputs, {
      'AwsSolutions-S1':
        'Access logs would need a second bucket that outlives the first; CloudTrail data events tell the same '
        + 'where they are wanted.',
    });
  }
}
