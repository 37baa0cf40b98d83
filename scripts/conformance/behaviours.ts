// What the design believes of AWS: each with what relies on it and where it was read.
// docs/conformance.md is made of this.

export interface Behaviour {
  readonly id: string;
  readonly behaviour: string;
  readonly relies: string;
  readonly source: string;
}

const idempotency = 'EC2 Developer Guide, "Ensuring idempotency in Amazon EC2 API requests"';
const transactions = 'DynamoDB Developer Guide, "Amazon DynamoDB Transactions: How it works"';
const consistency = 'EC2 Developer Guide, "Eventual consistency in the Amazon EC2 API"';
const errorCodes = 'EC2 API Reference, "Error codes"';
const dynamodbApi = 'DynamoDB API Reference';

export const ec2Behaviours = [
  {
    id: 'run-token-replay',
    behaviour: 'RunInstances with a used ClientToken and the same parameters launches nothing more',
    relies: 'one launch, one effect: a lost answer is asked for again',
    source: idempotency,
  },
  {
    id: 'run-token-mismatch',
    behaviour: 'RunInstances with a used ClientToken and other parameters answers IdempotentParameterMismatch',
    relies: 'a launch is frozen; the error means that its token was used',
    source: idempotency,
  },
  {
    id: 'run-token-per-zone',
    behaviour: 'RunInstances: the same token in another zone launches again',
    relies: 'a launch names one zone only',
    source: idempotency,
  },
  {
    id: 'run-token-refused',
    behaviour: 'RunInstances: a call that the account was refused uses its token up',
    relies: 'another attempt is another launch',
    source: idempotency,
  },
  {
    id: 'run-token-terminated',
    behaviour: 'a token whose instances are terminated answers IdempotentInstanceTerminated',
    relies: 'launches settle by their tag then',
    source: 'boto3 issue 4406',
  },
  {
    id: 'fleet-token-replay',
    behaviour: 'CreateFleet (instant) with a used ClientToken and the same parameters launches nothing more',
    relies: 'one launch, one effect',
    source: idempotency,
  },
  {
    id: 'fleet-token-mismatch',
    behaviour: 'CreateFleet with a used ClientToken and other overrides answers IdempotentParameterMismatch',
    relies: 'a launch is frozen',
    source: idempotency,
  },
  {
    id: 'fleet-token-empty',
    behaviour: 'CreateFleet: a call that launched nothing uses its token up',
    relies: 'a remainder is a new launch',
    source: idempotency,
  },
  {
    id: 'fleet-hidden',
    behaviour: 'DescribeFleets shows instant fleets only when asked by id',
    relies: 'instances are found by tag, never by fleet',
    source: 'EC2 API Reference, DescribeFleets',
  },
  {
    id: 'tags-at-creation',
    behaviour: 'an instance and its volumes carry the tags of their launch from the first sighting on',
    relies: 'nothing is ever untagged, so nothing leaks',
    source: 'EC2 User Guide, "Tag your Amazon EC2 resources"',
  },
  {
    id: 'listing-lag',
    behaviour: 'a launched instance may be missing from DescribeInstances by tag at first, for less than a minute',
    relies: 'two listings 60 s apart before anything is believed absent',
    source: consistency,
  },
  {
    id: 'terminate-twice',
    behaviour: 'TerminateInstances of an instance that is going or gone succeeds',
    relies: 'terminations are repeated freely',
    source: 'EC2 API Reference, TerminateInstances',
  },
  {
    id: 'terminate-unknown',
    behaviour: 'TerminateInstances with one unknown id ends none and answers InvalidInstanceID.NotFound',
    relies: 'a failing batch is halved',
    source: 'EC2 API Reference, TerminateInstances',
  },
  {
    id: 'terminated-visible',
    behaviour: 'a terminated instance stays visible as terminated',
    relies: 'a reservation ends by the word terminated',
    source: 'EC2 User Guide, "Terminate Amazon EC2 instances"',
  },
  {
    id: 'dry-run',
    behaviour: 'DryRun launches nothing and answers DryRunOperation',
    relies: './bellows preflight',
    source: errorCodes,
  },
  {
    id: 'spot-stop',
    behaviour: 'a one-time spot instance cannot be stopped',
    relies: 'stop and start answer 422 for spot',
    source: 'EC2 User Guide, "Stop a Spot Instance"',
  },
  {
    id: 'volume-token',
    behaviour: 'CreateVolume with a used ClientToken makes no second volume',
    relies: 'storage is granted once',
    source: idempotency,
  },
  {
    id: 'volume-with-launch',
    behaviour: 'a volume of a launch is tagged, and outlives its instance where DeleteOnTermination is false',
    relies: 'machines are granted with their volumes in one call',
    source: 'EC2 User Guide, "Block device mappings"',
  },
  {
    id: 'root-encrypted',
    behaviour: 'RunInstances encrypts the root disk of an unencrypted image where its block device mapping says so',
    relies: 'all volumes of machines are encrypted',
    source: 'EBS User Guide, "Amazon EBS encryption"',
  },
  {
    id: 'volume-in-use',
    behaviour: 'DeleteVolume of an attached volume answers VolumeInUse',
    relies: 'release waits for available',
    source: errorCodes,
  },
  {
    id: 'attach-twice',
    behaviour: 'AttachVolume of an attached volume answers VolumeInUse',
    relies: 'an attach without a token is repeated and looked up',
    source: errorCodes,
  },
  {
    id: 'detach-running',
    behaviour:
      'DetachVolume from a running instance, where nothing is mounted, makes the volume available; '
      + 'a second one is refused',
    relies: 'a volume goes from task to task',
    source: 'EBS User Guide, "Detach a volume"',
  },
  {
    id: 'modify-shrink',
    behaviour: 'ModifyVolume refuses a smaller size',
    relies: 'resize answers 422 before EC2 is asked',
    source: 'EBS User Guide, "Limitations for EBS volume modifications"',
  },
  {
    id: 'modify-twice',
    behaviour: 'a second ModifyVolume right after the first is refused',
    relies: 'one change in six hours',
    source: 'EBS User Guide, "Limitations for EBS volume modifications"',
  },
  {
    id: 'group-duplicate',
    behaviour: 'CreateSecurityGroup with a used name in a VPC answers InvalidGroup.Duplicate',
    relies: 'a group is looked up by name after a lost answer',
    source: errorCodes,
  },
  {
    id: 'rule-duplicate',
    behaviour: 'AuthorizeSecurityGroupIngress of a rule that is there answers InvalidPermission.Duplicate',
    relies: 'rules are authorized again freely',
    source: errorCodes,
  },
  {
    id: 'rule-canonical',
    behaviour: 'a rule for 10.1.2.3/8 is kept as 10.0.0.0/8',
    relies: 'rules are compared in the form that EC2 gives them',
    source: 'EC2 API Reference, AuthorizeSecurityGroupIngress',
  },
  {
    id: 'group-reference',
    behaviour: 'DeleteSecurityGroup of a group that another names answers DependencyViolation until it is revoked',
    relies: 'references are revoked first',
    source: errorCodes,
  },
  {
    id: 'group-attached',
    behaviour: 'DeleteSecurityGroup of a group that is attached to an instance answers DependencyViolation',
    relies: 'groups go after instances',
    source: errorCodes,
  },
  {
    id: 'group-swap',
    behaviour:
      'ModifyInstanceAttribute with groups attaches exactly these to a running instance; '
      + 'the group that it had can be deleted',
    relies: 'an edit of rules moves machines to another group',
    source: 'EC2 API Reference, ModifyInstanceAttribute',
  },
  {
    id: 'group-gone',
    behaviour: 'DeleteSecurityGroup of a deleted group answers InvalidGroup.NotFound',
    relies: 'deletions are repeated freely',
    source: errorCodes,
  },
] as const satisfies readonly Behaviour[];

export const dynamodbBehaviours = [
  {
    id: 'put-condition',
    behaviour: 'a put whose condition fails changes nothing and answers ConditionalCheckFailedException',
    relies: 'every write is conditional',
    source: dynamodbApi,
  },
  {
    id: 'put-all-old',
    behaviour: 'ReturnValuesOnConditionCheckFailure ALL_OLD returns the item that was in the way',
    relies: 'own write ids are found in conflicts',
    source: dynamodbApi,
  },
  {
    id: 'transaction-token',
    behaviour: 'a transaction repeated with its ClientRequestToken is applied once',
    relies: 'transactions are repeated after a lost answer',
    source: transactions,
  },
  {
    id: 'transaction-token-mismatch',
    behaviour: 'the token with another transaction answers IdempotentParameterMismatchException',
    relies: 'a token is never used twice by mistake',
    source: transactions,
  },
  {
    id: 'transaction-reasons',
    behaviour: 'a cancelled transaction names the reason and the present item of each write',
    relies: 'the loser knows which write lost',
    source: transactions,
  },
  {
    id: 'transaction-conflict',
    behaviour: 'transactions that meet in an item cancel each other with TransactionConflict',
    relies: 'conflicts are retried with jitter',
    source: transactions,
  },
  {
    id: 'transaction-100',
    behaviour: 'a transaction takes 100 writes and refuses 101',
    relies: 'plans are split',
    source: transactions,
  },
  {
    id: 'transaction-units',
    behaviour: 'a transactional write costs twice the units of a plain one',
    relies: 'docs/cost.md',
    source: transactions,
  },
  {
    id: 'query-pages',
    behaviour: 'a query answers at most 1 MB and says where to go on',
    relies: 'every query is paged',
    source: dynamodbApi,
  },
  {
    id: 'index-lag',
    behaviour: 'an index shows a write late, but within a minute',
    relies: 'an index may delay a decision, never justify one',
    source: 'DynamoDB Developer Guide, "Global secondary indexes"',
  },
  {
    id: 'index-consistent',
    behaviour: 'an index refuses consistent reads',
    relies: 'decisions read the base table',
    source: 'DynamoDB Developer Guide, "Global secondary indexes"',
  },
  {
    id: 'index-units',
    behaviour: 'changing an index key costs two writes of the index',
    relies: 'docs/cost.md',
    source: 'DynamoDB Developer Guide, "Global secondary indexes"',
  },
  {
    id: 'ttl-late',
    behaviour: 'an item past its time to live is still read for a while',
    relies: 'expiry is filtered on read',
    source: 'DynamoDB Developer Guide, "Time to live"',
  },
  {
    id: 'item-400-kb',
    behaviour: 'an item over 400 KB is refused',
    relies: 'records are bounded',
    source: 'DynamoDB Developer Guide, "Quotas"',
  },
] as const satisfies readonly Behaviour[];

export type BehaviourId = (typeof ec2Behaviours)[number]['id'] | (typeof dynamodbBehaviours)[number]['id'];
export const allBehaviours: readonly Behaviour[] = [...ec2Behaviours, ...dynamodbBehaviours];
