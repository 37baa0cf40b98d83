// One installation of Bellows, as a construct for anybody's stack.
import { CfnOutput, CustomResource, Stack } from 'aws-cdk-lib';
import type * as apigw from 'aws-cdk-lib/aws-apigatewayv2';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { Alarms } from './signals/alarms.ts';
import { Apis } from './api/api.ts';
import type { Permission } from './api/route-table.ts';
import { EventSchemas } from './signals/event-schemas.ts';
import { Duration, Program, logGroupOf } from './functions/functions.ts';
import type { ProgramProps } from './functions/functions.ts';
import { sourcesEnvironment, sourceStatements } from './functions/secret-sources.ts';
import { releaseStatements } from './claim-permissions.ts';
import { Machines } from './compute/machines.ts';
import { Network } from './compute/network.ts';
import { architectures } from './compute/node-runtime.ts';
import type { Architecture } from './compute/node-runtime.ts';
import { Nodes } from './compute/nodes.ts';
import {
  bellListingStatement,
  bellStatement,
  busStatement,
  launchStatements,
  listingStatement,
  targetGroupStatements,
  copiesStatement,
  metricsStatement,
  outputsAbsenceStatement,
  outputsStatement,
  roleStatements,
  secretStatements,
  streamStatement,
  tableStatement,
  powerStatement,
  terminateStatement,
  uploadsStatement,
} from './permissions.ts';
import { resolveProps } from './props.ts';
import type { BellowsProps } from './props.ts';
import { Bus, Signals } from './signals/signals.ts';
import { Storage, tableKeys } from './storage.ts';

/** Removal waits at most this long for the last instance; then it fails, and can be tried again. */
const drainTimeout = Duration.minutes(14);

/**
 * @example
 * const bellows = new Bellows(this, 'Bellows', {
 *   pools: [{ name: 'default', limits: { instances: 20 } }],
 * });
 * bellows.grant(role, 'read', 'request');
 */
export class Bellows extends Construct {
  readonly installation: string;
  readonly vpc: ec2.IVpc;
  /** The applications' API; its `apiEndpoint` is what clients are given. */
  readonly api: apigw.HttpApi;
  /** The bus with `TaskEnded`, `NodeLaunched` and `NodeTerminated`, for rules of your own. */
  readonly eventBus: events.IEventBus;
  /** What nodes, and so nothing else, run as. */
  readonly nodeRole: iam.IRole;
  /** Who assumes the roles of tasks: these have to trust it. */
  readonly agentRole: iam.IRole;
  readonly nodeSecurityGroup: ec2.ISecurityGroup;
  /** Managed policies, to be attached to whom you like; {@link grant} does it in code. */
  readonly permissions: Readonly<Record<Permission, iam.ManagedPolicy>>;
  readonly alarms: Alarms;
  readonly #apis: Apis;

  constructor(scope: Construct, id: string, props: BellowsProps = {}) {
    super(scope, id);
    const resolved = resolveProps(props);
    const { installation, keepLogsDays } = resolved;
    this.installation = installation;
    const network = new Network(this, 'Network', { ...props, network: resolved.network, installation });
    const { table, outputs, streamArn } = new Storage(this, 'Storage', resolved);
    const bus = new Bus(this, 'Bus', installation);
    new EventSchemas(this, 'EventSchemas', installation);

    const environment = {
      BELLOWS_INSTALLATION: installation,
      BELLOWS_TABLE: table.tableName,
      BELLOWS_EVENT_BUS: bus.bus.eventBusName,
      BELLOWS_OUTPUTS_BUCKET: outputs.bucketName,
    };
    const subnets = Stack.of(this).toJsonString(
      network.subnets.map((subnet) => ({ zone: subnet.availabilityZone, subnetId: subnet.subnetId })),
    );
    const own = busStatement(bus.bus.eventBusArn);
    const records = tableStatement(
      table.tableArn,
      tableKeys.indexes.map((index) => index.name),
      'write',
    );
    const program = (
      name: ProgramProps['name'],
      rest: Omit<ProgramProps, 'name' | 'environment' | 'keepLogsDays' | 'reserved'> & {
        readonly environment?: Readonly<Record<string, string>>;
      },
    ): Program =>
      new Program(this, `Function-${name}`, {
        keepLogsDays,
        ...rest,
        name,
        reserved: name === 'installation' ? undefined : props.reservedConcurrency?.[name],
        environment: { ...environment, ...rest.environment },
      });

    const api = program('api', {
      description: 'The HTTP API for applications',
      memoryMib: 512,
      timeout: Duration.seconds(15),
      statements: [
        records,
        own,
        outputsStatement(outputs.bucketArn, ['s3:GetObject']),
        uploadsStatement(outputs.bucketArn),
        outputsAbsenceStatement(outputs.bucketArn),
      ],
      environment: {
        BELLOWS_TENANTS: JSON.stringify(props.auth?.tenants ?? {}),
        BELLOWS_SUBNETS: subnets,
        BELLOWS_LABEL_KEYS: JSON.stringify(props.labelKeys ?? []),
      },
    });
    const agent = program('agent', {
      description: 'Syncs of node agents',
      memoryMib: 512,
      timeout: Duration.seconds(10),
      statements: [
        records,
        own,
        outputsStatement(outputs.bucketArn, ['s3:PutObject', 's3:GetObject']),
        bellStatement(this, installation, 'makes'),
        ...secretStatements(resolved),
        ...sourceStatements(props.secretSources),
        ...roleStatements(resolved),
      ],
      environment: sourcesEnvironment(this, props.secretSources),
    });
    const apis = new Apis(this, 'Apis', {
      installation,
      api: api.function,
      agent: agent.function,
      accessLogs: logGroupOf(this, 'AccessLogs', keepLogsDays),
      throttle: props.throttle ?? {},
      privateEndpoint: network.apiEndpoint,
    });
    const nodes = new Nodes(this, 'Nodes', {
      installation,
      network,
      rootVolumeGib: resolved.rootVolumeGib,
      agentApi: apis.agents,
      nodeRuntime: props.nodeRuntime,
      bakedSerial: resolved.nodeImage === 'baked' ? resolved.nodeImageSerial : null,
    });
    // The role's unique id, so that a role of the same name made later is another.
    agent.function.addEnvironment('BELLOWS_NODE_ROLE_ID', nodes.role.roleId);
    agent.function.addEnvironment('BELLOWS_NODE_ROLE_ARN', nodes.role.roleArn);
    const machines = new Machines(this, 'Machines', {
      installation,
      network,
      profiles: props.machineProfiles ?? [],
      labelKeys: props.labelKeys ?? [],
    });
    const templatesOf = (of: Nodes['templates']): object => {
      const one = (arch: Architecture): object => ({ id: of[arch].ref, version: of[arch].attrLatestVersionNumber });
      return { x86_64: one('amd64'), arm64: one('arm64') };
    };
    const scheduler = program('scheduler', {
      description: 'Ticks: decides, launches, places, releases',
      memoryMib: 1024,
      timeout: Duration.seconds(60),
      environment: {
        BELLOWS_LAUNCH_TEMPLATES: Stack.of(this).toJsonString({
          ...templatesOf(nodes.templates),
          burstable: templatesOf(nodes.burstable),
          gpu: templatesOf(nodes.gpu),
        }),
        BELLOWS_SUBNETS: subnets,
        BELLOWS_MACHINES: machines.settings,
        BELLOWS_ROOT_VOLUME_GIB: String(resolved.rootVolumeGib),
      },
      statements: [
        records,
        own,
        copiesStatement(outputs.bucketArn),
        listingStatement(),
        metricsStatement(),
        bellStatement(this, installation, 'rings'),
        bellListingStatement(),
        ...targetGroupStatements(resolved, 'registers'),
        terminateStatement(this, installation),
        powerStatement(this, installation),
        ...machines.statements,
        ...launchStatements(this, {
          installation,
          launchTemplateIds: architectures.flatMap((arch) =>
            [nodes.templates, nodes.burstable, nodes.gpu].map((one) => one[arch].ref),
          ),
          subnetIds: network.subnets.map((subnet) => subnet.subnetId),
          securityGroupId: network.securityGroup.securityGroupId,
          nodeRoleArn: nodes.role.roleArn,
        }),
      ],
    });
    const eventsProgram = program('events', {
      description: 'Applies events of instances and alarms; publishes what was accepted; delivers to webhooks',
      memoryMib: 256,
      timeout: Duration.seconds(60),
      statements: [records, own, streamStatement(streamArn)],
    });
    const signals = new Signals(this, 'Signals', {
      bus,
      streamArn,
      scheduler: scheduler.function,
      events: eventsProgram,
    });
    const installationProgram = program('installation', {
      description: 'Declares the pools at a deployment; at the removal releases everything',
      memoryMib: 512,
      timeout: drainTimeout,
      environment: { BELLOWS_SUBNETS: subnets },
      statements: [
        records,
        own,
        listingStatement(),
        bellStatement(this, installation, 'removes'),
        bellListingStatement(),
        terminateStatement(this, installation),
        ...releaseStatements(this, installation),
        ...targetGroupStatements(resolved, 'removes'),
        new iam.PolicyStatement({
          sid: 'EmptyOutputs',
          actions: ['s3:ListBucket', 's3:DeleteObject'],
          resources: [outputs.bucketArn, `${outputs.bucketArn}/*`],
        }),
      ],
    });
    const custom = (id: string, resourceType: string, properties: Readonly<Record<string, string>>): CustomResource =>
      new CustomResource(this, id, {
        serviceToken: installationProgram.function.functionArn,
        resourceType,
        serviceTimeout: Duration.minutes(15),
        properties,
      });
    const drain = custom('Drain', 'Custom::BellowsDrain', {
      Does: 'drain',
      QuietSeconds: String(resolved.drainQuietSeconds),
      KeepData: String(resolved.keepData),
    });
    const declared = custom('Pools', 'Custom::BellowsPools', {
      Does: 'declare-pools',
      Pools: JSON.stringify(resolved.pools),
    });
    // CloudFormation removes in reverse: first whatever could start another tick, then the drain, and only then what
    // the drain needs. Pools are declared last: they wake the scheduler.
    drain.node.addDependency(table, outputs, bus.bus, installationProgram, scheduler, nodes, machines, network);
    for (const rule of signals.rules) {
      rule.node.addDependency(drain);
      declared.node.addDependency(rule);
    }

    new CfnOutput(this, 'Preflight', {
      description: 'What ./bellows preflight, doctor and redrive look at',
      value: Stack.of(this).toJsonString({
        installation,
        url: apis.applications.apiEndpoint,
        schedulerRoleArn: scheduler.role.roleArn,
        nodeRoleArn: nodes.role.roleArn,
        securityGroupId: network.securityGroup.securityGroupId,
        vpcId: network.vpc.vpcId,
        nodeImage: resolved.nodeImage,
        agent: nodes.agent,
        runtimes: { x86_64: nodes.runtimes.amd64, arm64: nodes.runtimes.arm64 },
        deadLettersUrl: bus.deadLetters.queueUrl,
        eventsFunction: eventsProgram.function.functionName,
        reservedConcurrency: props.reservedConcurrency ?? {},
        templates: {
          ...templatesOf(nodes.templates),
          burstable: templatesOf(nodes.burstable),
          gpu: templatesOf(nodes.gpu),
        },
        subnets: network.subnets.map((subnet) => ({ zone: subnet.availabilityZone, subnetId: subnet.subnetId })),
      }),
    });
    this.alarms = new Alarms(this, 'Alarms', {
      installation,
      deadLetters: bus.deadLetters,
      scheduler: scheduler.function,
      topic: props.alarmTopic,
    });
    this.vpc = network.vpc;
    this.api = apis.applications;
    // CDK's own classes do not satisfy its interfaces under exactOptionalPropertyTypes.
    this.eventBus = bus.bus as events.IEventBus;
    this.nodeRole = nodes.role;
    this.agentRole = agent.role;
    this.nodeSecurityGroup = network.securityGroup;
    this.permissions = apis.permissions;
    this.#apis = apis;
  }

  /** Lets a role or user call the API: `read` looks, `request` asks and cancels, `pool-admin` declares pools. */
  grant(grantee: iam.IGrantable, ...permissions: readonly Permission[]): void {
    for (const permission of permissions) {
      iam.Grant.addToPrincipal({
        grantee,
        actions: ['execute-api:Invoke'],
        resourceArns: [...this.#apis.arnsOf(permission)],
      });
    }
  }
}
