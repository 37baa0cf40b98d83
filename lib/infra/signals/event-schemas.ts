// What Bellows publishes on its bus, as schemas that users' tools can read. A test compares them to lib/ports/events.
import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';

type Field = 'string' | 'number' | 'string|null' | 'string?' | 'labels?';

/** What its request has of it. */
const named = { name: 'string?', labels: 'labels?' } as const;

/** `detail` by detail-type; the source is always `bellows`. */
export const eventFields: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  RequestAccepted: {
    requestId: 'string',
    requestType: 'string',
    pool: 'string',
    tenant: 'string',
    ...named,
    count: 'number',
    atMs: 'number',
  },
  TaskEnded: {
    requestId: 'string',
    pool: 'string',
    tenant: 'string',
    ...named,
    state: 'string',
    reason: 'string|null',
    atMs: 'number',
  },
  RequestEnded: {
    requestId: 'string',
    requestType: 'string',
    pool: 'string',
    tenant: 'string',
    ...named,
    state: 'string',
    reason: 'string|null',
    atMs: 'number',
  },
  LeaseEnding: {
    requestId: 'string',
    pool: 'string',
    tenant: 'string',
    ...named,
    leaseEndsAtMs: 'number',
    atMs: 'number',
  },
  NodeLaunched: {
    nodeId: 'string',
    pool: 'string',
    instanceType: 'string',
    zone: 'string',
    capacityType: 'string',
    priceUsdPerHour: 'number',
    atMs: 'number',
  },
  NodeTerminated: { nodeId: 'string', pool: 'string', reason: 'string', atMs: 'number' },
};

const schemaOf: Readonly<Record<Field, object>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  'string|null': { type: ['string', 'null'] },
  'string?': { type: 'string' },
  'labels?': { type: 'object', additionalProperties: { type: 'string' } },
};

export class EventSchemas extends Construct {
  constructor(scope: Construct, id: string, installation: string) {
    super(scope, id);
    const registry = new CfnRegistry(this, 'Registry', {
      registryName: `bellows-${installation}`,
      description: `Events of Bellows installation ${installation}`,
    });
    for (const [type, fields] of Object.entries(eventFields)) {
      const schema = new CfnSchema(this, type, {
        registryName: registry.attrRegistryName,
        schemaName: `bellows@${type}`,
        type: 'JSONSchemaDraft4',
        content: JSON.stringify({
          $schema: 'http://json-schema.org/draft-04/schema#',
          title: type,
          type: 'object',
          required: Object.keys(fields).filter((name) => fields[name]?.endsWith('?') === false),
          properties: Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, schemaOf[kind]])),
        }),
      });
      schema.addResourceDependency(registry);
    }
  }
}
