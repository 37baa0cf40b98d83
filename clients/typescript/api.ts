// Made from lib/api (node scripts/enter.mjs scripts/clients/main.ts); edit the schemas there, not this file.
// Times are RFC 3339 in UTC.

/** An operation takes nothing of this kind. */
export type Nothing = Readonly<Record<never, never>>;

export type Request = TaskRequest | VirtualMachineRequest | StorageRequest | NetworkRequest;

export type TaskRequest = {
  readonly type: 'task';
  /**
   * It is quoted when it is accepted, and keeps that: GET /v1/quotes/accuracy says how such quotes came
   * true. Not in a batch.
   */
  readonly quote?: boolean;
  /** For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME. */
  readonly name?: string;
  /** At most 20, for finding and grouping, e.g. {"team": "search"}. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Unless given, the first that accepts it: the default pool, then by priority, then the oldest. */
  readonly pool?: string;
  readonly resources: Resources;
  /** How many identical tasks; above 1 it is an array. */
  readonly count?: number;
  /** Higher is served first; a lower one has turns, at least every 10 minutes. */
  readonly priority?: number;
  readonly requirements?: Requirements;
  /**
   * It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count
   * what full CPU for all the time costs, surplus credits included.
   */
  readonly bursty?: boolean;
  /** A guess helps to choose nodes that empty together. */
  readonly expectedDurationSeconds?: number;
  /** The label by which spread, affinity and antiAffinity of tasks of the tenant count it. */
  readonly group?: string;
  /** Keep the number of tasks of the group per zone or node within maxSkew of each other. */
  readonly spread?: readonly {
    readonly topology: 'zone' | 'node';
    readonly group: string;
    readonly maxSkew?: number;
  }[];
  /** Run where tasks of the group run. */
  readonly affinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
  /** Run where no task of the group runs. */
  readonly antiAffinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
  /** Wishes: honoured while they raise the price by at most maxExtraUsdPerHour per task. */
  readonly preferences?: readonly { readonly requirements: Requirements; readonly maxExtraUsdPerHour: number }[];
  /** All tasks of the array at once, or none. */
  readonly gang?: boolean;
  /** Program and arguments, each at most 131000 bytes of UTF-8. Exactly one of command and shell. */
  readonly command?: readonly string[];
  /** A script for sh -c, at most 131000 bytes of UTF-8. Exactly one of command and shell. */
  readonly shell?: string;
  /** Arguments for what the image itself starts; not beside command and shell. */
  readonly args?: readonly string[];
  /** A container image to run it in. Without command and shell the image starts what it starts by itself. */
  readonly image?: string;
  /**
   * At most 256 environment variables, each value at most 32768 bytes of UTF-8; beside
   * BELLOWS_REQUEST_ID, BELLOWS_TASK_INDEX, BELLOWS_TASK_COUNT and BELLOWS_ATTEMPT.
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of
   * both.
   */
  readonly imageCredentials?: {
    /** Where a user and a password are kept, as JSON: {"username": …, "password": …}. */
    readonly secret?: string;
    /** The ARN of a role that may fetch it from ECR. The task does not act as it. */
    readonly role?: string;
  };
  /**
   * A retry after too little memory has so many times as much, up to memoryMaxMib; it needs retries.
   * Only for a single task.
   */
  readonly memoryGrowth?: number;
  /** Up to what it grows. */
  readonly memoryMaxMib?: number;
  /**
   * The ARN of a role whose temporary credentials the task has, of those that its pool allows
   * (docs/identity.md).
   */
  readonly role?: string;
  /** Read when an attempt starts, and kept nowhere (docs/secrets.md). */
  readonly secrets?: readonly {
    /** Of the environment variable or the file. */
    readonly name: string;
    /**
     * aws-secret:NAME and ssm:NAME on AWS; env:NAME and file:PATH of the server on one machine;
     * vault:MOUNT/PATH and k8s:NAMESPACE/NAME where they are configured. #KEY for one field.
     */
    readonly from: string;
    /** A file is in the folder BELLOWS_SECRETS, in memory. */
    readonly as?: 'env' | 'file';
  }[];
  /** Fetched before each attempt starts, in their order; at most 32 (docs/files.md). */
  readonly inputs?: readonly {
    /** What was sent to an address of POST /v1/uploads, by its SHA-256. */
    readonly upload?: string;
    /**
     * An https URL, whose query, which may be a key, is never shown again; or s3://BUCKET/KEY, read by the
     * task's role.
     */
    readonly url?: string;
    /** Below the working directory; "." with unpack is that itself. */
    readonly path: string;
    /** Of what the URL answers; another content fails the attempt. */
    readonly sha256?: string;
    /** It is a tar archive, also one compressed by gzip; `path` is the folder of its files. */
    readonly unpack?: boolean;
  }[];
  /**
   * Patterns of the files that are kept when an attempt has ended, however it ended: `*` and `?` within
   * a part of a path, `**` over parts, `{a,b}` and `[a-z]` (docs/files.md).
   */
  readonly artifacts?: readonly string[];
  /**
   * What is kept of its output when an attempt has ended. Unless given, of each stream the first and the
   * last 128 KiB are.
   */
  readonly output?: {
    /** So many MiB of each stream, from its beginning; at most 256. */
    readonly keepMib: number;
  };
  /**
   * Volumes that the task has as folders while it runs, one task at a time; BELLOWS_MOUNT_0, … are their
   * paths. Only for a single task.
   */
  readonly mounts?: readonly {
    /** A storage request of yours. */
    readonly request: string;
    /** Where below the working directory; "mnt/N" unless given. */
    readonly path?: string;
  }[];
  /** A running task is stopped after this; no limit unless given. */
  readonly timeoutSeconds?: number;
  /** How often a failed task is run again. Losses of nodes do not count. */
  readonly retries?: number;
  /**
   * So many nodes may be lost under it without notice before it fails; the pool's unless given. Spot
   * interruptions, drains, announced terminations and silence do not count. After the second one a task
   * runs alone on a node.
   */
  readonly lossesMax?: number;
  /** Ends as "expired" unless ended this long after acceptance. */
  readonly deadlineSeconds?: number;
  /**
   * What it bears when its node goes by choice or for maintenance (docs/disruption.md). A stop costs no
   * retry.
   */
  readonly disruption?: {
    /**
     * `never`: it runs until it ends, at most for maxDrainSeconds. `restart`: it is stopped and queued
     * again. `checkpoint`: it is asked to save, stopped as soon as it has, and queued again.
     */
    readonly mode?: 'never' | 'restart' | 'checkpoint';
    /** Of `checkpoint`: how it is asked to save; TERM unless given. */
    readonly signal?: 'TERM' | 'INT' | 'HUP' | 'USR1' | 'USR2';
    /** What a stop of one task costs beside the work that it does again; consolidation weighs it. */
    readonly costUsd?: number;
    /** TERM to KILL when it is stopped; 10 unless given (3 on one machine), with `checkpoint` 120. */
    readonly graceSeconds?: number;
    /** Of `never`: it is stopped this long after its node began to drain; the pool decides. */
    readonly maxDrainSeconds?: number;
  };
  /**
   * Overrides the pool's for what is bought ahead of this request (docs/scaling.md). scheduled: its pool
   * must have a schedule.
   */
  readonly learningStyle?: 'reactive' | 'scheduled' | 'predictive' | 'adaptive';
};

export type Resources = {
  /** Fractions are allowed; rounded up to a thousandth. */
  readonly vcpu: number;
  readonly memoryMib: number;
  readonly gpu?: number;
};

/**
 * Lists of allowed values, least values of the whole instance, and expressions; all must be met, an
 * absent key allows all. Values are compared without case.
 */
export type Requirements = {
  readonly instanceCategory?: readonly string[];
  readonly instanceFamily?: readonly string[];
  readonly instanceType?: readonly string[];
  readonly arch?: readonly ('amd64' | 'arm64')[];
  readonly zone?: readonly string[];
  readonly capacityType?: readonly ('spot' | 'on-demand')[];
  readonly cpuManufacturer?: readonly string[];
  readonly hypervisor?: readonly string[];
  readonly gpuManufacturer?: readonly string[];
  /** In any case, with "-" or blanks: "T4", "radeon-pro-v520". */
  readonly gpuName?: readonly string[];
  /** Whether it has CPU by credits (T types). */
  readonly burstable?: boolean;
  readonly bareMetal?: boolean;
  readonly minInstanceGeneration?: number;
  /** Of each GPU. */
  readonly minGpuMemoryMib?: number;
  /** NVMe instance store; what is on it goes with the instance. */
  readonly minLocalDiskGib?: number;
  /** Baseline bandwidth, not what it may burst to. */
  readonly minNetworkGbps?: number;
  /**
   * Beside the lists: key, operator (In, NotIn, Exists, DoesNotExist, Gt, Lt) and values. Keys:
   * acceleratorCount, acceleratorManufacturer, acceleratorName, arch, bareMetal, burstable,
   * capacityType, cpuManufacturer, currentGeneration, gpuCount, gpuManufacturer, gpuMemoryMib, gpuName,
   * hypervisor, instanceCategory, instanceFamily, instanceGeneration, instanceSize, instanceType,
   * localDiskGib, memoryMib, networkMbps, vcpu, zone.
   */
  readonly matchExpressions?: readonly MatchExpression[];
};

/** As in Kubernetes' node affinity. */
export type MatchExpression = {
  readonly key:
    | 'acceleratorCount'
    | 'acceleratorManufacturer'
    | 'acceleratorName'
    | 'arch'
    | 'bareMetal'
    | 'burstable'
    | 'capacityType'
    | 'cpuManufacturer'
    | 'currentGeneration'
    | 'gpuCount'
    | 'gpuManufacturer'
    | 'gpuMemoryMib'
    | 'gpuName'
    | 'hypervisor'
    | 'instanceCategory'
    | 'instanceFamily'
    | 'instanceGeneration'
    | 'instanceSize'
    | 'instanceType'
    | 'localDiskGib'
    | 'memoryMib'
    | 'networkMbps'
    | 'vcpu'
    | 'zone';
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /** At least one for In and NotIn, one number for Gt and Lt, none for Exists and DoesNotExist. */
  readonly values?: readonly string[];
};

export type VirtualMachineRequest = {
  readonly type: 'virtual_machine';
  /** For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME. */
  readonly name?: string;
  /** At most 20, for finding and grouping, e.g. {"team": "search"}. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Unless given, the first that accepts it: the default pool, then by priority, then the oldest. */
  readonly pool?: string;
  /** Released after this, unless renewed; kept until it is released if absent. */
  readonly leaseSeconds?: number;
  /** Ends as "expired" unless granted this long after acceptance. */
  readonly deadlineSeconds?: number;
  readonly count?: number;
  /** Or needs. */
  readonly instanceType?: string;
  /** The least hardware; the cheapest instance type that has it is taken. */
  readonly needs?: {
    readonly vcpu?: number;
    readonly memoryMib?: number;
    readonly gpu?: number;
    readonly arch?: 'amd64' | 'arm64';
    /** NVMe instance store; what is on it goes with the instance. */
    readonly localDiskGib?: number;
    /** Baseline bandwidth, not what it may burst to. */
    readonly networkGbps?: number;
  };
  /** Beside needs: what else the instance type must be. */
  readonly requirements?: Requirements;
  /**
   * It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count
   * what full CPU for all the time costs, surplus credits included.
   */
  readonly bursty?: boolean;
  readonly zone?: string;
  /** Amazon Linux unless given. */
  readonly image?: string;
  /** One of the installation's; its zone is the machine's. */
  readonly subnetId?: string;
  readonly capacityType?: 'spot' | 'on-demand';
  /** Text that the machine runs at its first boot. */
  readonly userData?: string;
  readonly keyPair?: string;
  /** Instance profile, by name or ARN; none unless given. */
  readonly role?: string;
  /** New volumes, or {"request": ID} of storage requests. */
  readonly volumes?: readonly (Volume | { readonly request: string })[];
  readonly network?: NetworkRules;
  /** Ids of network requests. */
  readonly networks?: readonly string[];
};

/** A new volume of each machine; encrypted. */
export type Volume = {
  readonly sizeGib: number;
  /** Operations a second that it must sustain. */
  readonly iops?: number;
  /** MiB a second that it must sustain. */
  readonly throughputMibps?: number;
  /** The type of least price that meets the needs, unless given. */
  readonly volumeType?: 'gp3' | 'io2' | 'st1' | 'sc1';
  readonly snapshotId?: string;
  /**
   * reuse-first: a volume that this tenant kept, if one is enough. performance: the fastest of those
   * within a quarter of the least price.
   */
  readonly strategy?: 'cheapest' | 'reuse-first' | 'performance';
  /** What becomes of it when its request is released. */
  readonly onRelease?: 'delete' | 'snapshot' | 'keep';
  /** With onRelease "keep": how long it waits for its next use by the same tenant; a day unless given. */
  readonly keepSeconds?: number;
};

export type NetworkRules = {
  /** What may come in; nothing else does. */
  readonly ingress?: readonly {
    readonly protocol?: 'tcp' | 'udp' | 'icmp' | 'all';
    /** One port; or give fromPort and toPort. */
    readonly port?: number;
    readonly fromPort?: number;
    readonly toPort?: number;
    /** The network on the other side. Exactly one of cidr and request. */
    readonly cidr?: string;
    /** A network request of yours whose members are on the other side. */
    readonly request?: string;
  }[];
  /** What may go out; everything, unless given. */
  readonly egress?: readonly {
    readonly protocol?: 'tcp' | 'udp' | 'icmp' | 'all';
    /** One port; or give fromPort and toPort. */
    readonly port?: number;
    readonly fromPort?: number;
    readonly toPort?: number;
    /** The network on the other side. Exactly one of cidr and request. */
    readonly cidr?: string;
    /** A network request of yours whose members are on the other side. */
    readonly request?: string;
  }[];
  /** Identical rules of one tenant share one group. */
  readonly sharing?: 'share' | 'dedicated';
  /** Must be true for rules that let the whole internet in. */
  readonly allowPublic?: boolean;
};

export type StorageRequest = {
  readonly type: 'storage';
  /** For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME. */
  readonly name?: string;
  /** At most 20, for finding and grouping, e.g. {"team": "search"}. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Unless given, the first that accepts it: the default pool, then by priority, then the oldest. */
  readonly pool?: string;
  /** Released after this, unless renewed; kept until it is released if absent. */
  readonly leaseSeconds?: number;
  /** Ends as "expired" unless granted this long after acceptance. */
  readonly deadlineSeconds?: number;
  readonly sizeGib: number;
  /** Operations a second that it must sustain. */
  readonly iops?: number;
  /** MiB a second that it must sustain. */
  readonly throughputMibps?: number;
  /** The type of least price that meets the needs, unless given. */
  readonly volumeType?: 'gp3' | 'io2' | 'st1' | 'sc1';
  readonly snapshotId?: string;
  /**
   * reuse-first: a volume that this tenant kept, if one is enough. performance: the fastest of those
   * within a quarter of the least price.
   */
  readonly strategy?: 'cheapest' | 'reuse-first' | 'performance';
  /** What becomes of it when its request is released. */
  readonly onRelease?: 'delete' | 'snapshot' | 'keep';
  /** With onRelease "keep": how long it waits for its next use by the same tenant; a day unless given. */
  readonly keepSeconds?: number;
  /** Its machine's zone, or the pool's cheapest, unless given. */
  readonly zone?: string;
  /** A virtual machine request to whose (first) machine it is attached. */
  readonly attachTo?: string;
};

export type NetworkRequest = {
  readonly type: 'network';
  /** For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME. */
  readonly name?: string;
  /** At most 20, for finding and grouping, e.g. {"team": "search"}. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Unless given, the first that accepts it: the default pool, then by priority, then the oldest. */
  readonly pool?: string;
  /** Released after this, unless renewed; kept until it is released if absent. */
  readonly leaseSeconds?: number;
  /** Ends as "expired" unless granted this long after acceptance. */
  readonly deadlineSeconds?: number;
  /** What may come in; nothing else does. */
  readonly ingress?: readonly {
    readonly protocol?: 'tcp' | 'udp' | 'icmp' | 'all';
    /** One port; or give fromPort and toPort. */
    readonly port?: number;
    readonly fromPort?: number;
    readonly toPort?: number;
    /** The network on the other side. Exactly one of cidr and request. */
    readonly cidr?: string;
    /** A network request of yours whose members are on the other side. */
    readonly request?: string;
  }[];
  /** What may go out; everything, unless given. */
  readonly egress?: readonly {
    readonly protocol?: 'tcp' | 'udp' | 'icmp' | 'all';
    /** One port; or give fromPort and toPort. */
    readonly port?: number;
    readonly fromPort?: number;
    readonly toPort?: number;
    /** The network on the other side. Exactly one of cidr and request. */
    readonly cidr?: string;
    /** A network request of yours whose members are on the other side. */
    readonly request?: string;
  }[];
  /** Identical rules of one tenant share one group. */
  readonly sharing?: 'share' | 'dedicated';
  /** Must be true for rules that let the whole internet in. */
  readonly allowPublic?: boolean;
};

export type Batch = { readonly requests: readonly Readonly<Record<string, unknown>>[] };

export type UploadRequest = {
  readonly sha256: string;
  /** Of the whole file. */
  readonly bytes: number;
};

export type Resize = {
  readonly sizeGib?: number;
  /** Operations a second that it must sustain. */
  readonly iops?: number;
  /** MiB a second that it must sustain. */
  readonly throughputMibps?: number;
  /** The type of least price that meets the needs, unless given. */
  readonly volumeType?: 'gp3' | 'io2' | 'st1' | 'sc1';
};

export type Attach = {
  /** A virtual machine request. */
  readonly request: string;
};

export type RulesEdit = {
  /** All that may come in, in place of the present rules; they stay unless given. */
  readonly ingress?: readonly {
    readonly protocol?: 'tcp' | 'udp' | 'icmp' | 'all';
    /** One port; or give fromPort and toPort. */
    readonly port?: number;
    readonly fromPort?: number;
    readonly toPort?: number;
    /** The network on the other side. Exactly one of cidr and request. */
    readonly cidr?: string;
    /** A network request of yours whose members are on the other side. */
    readonly request?: string;
  }[];
  /** All that may go out; null: everything. It stays unless given. */
  readonly egress?:
    | readonly {
        readonly protocol?: 'tcp' | 'udp' | 'icmp' | 'all';
        /** One port; or give fromPort and toPort. */
        readonly port?: number;
        readonly fromPort?: number;
        readonly toPort?: number;
        /** The network on the other side. Exactly one of cidr and request. */
        readonly cidr?: string;
        /** A network request of yours whose members are on the other side. */
        readonly request?: string;
      }[]
    | null;
  readonly sharing?: 'share' | 'dedicated';
  /** Must be true for rules that let the whole internet in. */
  readonly allowPublic?: boolean;
};

export type WhatIf = {
  /** Of the pool: those that are given are these instead. */
  readonly limits?: {
    readonly instances?: number;
    readonly vcpu?: number;
    readonly memoryMib?: number;
    readonly usdPerHour?: number;
    /** Of the volumes of claims. */
    readonly volumeGib?: number;
    /** Of the same. */
    readonly usdPerMonth?: number;
  };
  /** Of the request: the keys that are given are these instead. */
  readonly requirements?: Requirements;
  /** Of each of its tasks: those that are given are these instead. */
  readonly resources?: {
    /** Fractions are allowed; rounded up to a thousandth. */
    readonly vcpu?: number;
    readonly memoryMib?: number;
    readonly gpu?: number;
  };
  /** As if the pool were not paused. */
  readonly paused?: false;
};

export type Pool = {
  /** For pool files; must be the name in the path. */
  readonly name?: string;
  readonly requirements?: Requirements;
  /** What the pool may have at once, launches under way counted; an absent key is no limit. */
  readonly limits?: {
    readonly instances?: number;
    readonly vcpu?: number;
    readonly memoryMib?: number;
    readonly usdPerHour?: number;
    /** Of the volumes of claims. */
    readonly volumeGib?: number;
    /** Of the same. */
    readonly usdPerMonth?: number;
  };
  /**
   * What the pool may spend. It buys no more than what is left would pay for an hour; where it is spent,
   * nothing more starts until the next day or month (UTC) begins, and what runs goes on (docs/cost.md).
   */
  readonly budget?: Budget;
  readonly tasksPerNode?: number;
  /** Largest node that may be bought. */
  readonly maxNodeVcpu?: number;
  /**
   * Who is served first. For the first that does not fit, nodes are kept after 5 minutes
   * (docs/mathematics.md).
   */
  readonly ordering?: 'fifo' | 'priority' | 'fair-share';
  /** How nodes are chosen. */
  readonly placement?: 'least-cost' | 'spread' | 'least-allocated' | 'most-allocated' | 'balanced';
  /** How headroom is kept. */
  readonly learningStyle?: 'reactive' | 'scheduled' | 'predictive' | 'adaptive';
  /** A node without work is terminated after this time. */
  readonly idleAfterSeconds?: number;
  /**
   * Requests that name no pool go here, where it accepts them. Of several such pools, or where none is:
   * by priority, then the one named "default", then the oldest.
   */
  readonly default?: boolean;
  /** Higher is asked first when a request names no pool. */
  readonly priority?: number;
  readonly accepts?: readonly ('task' | 'virtual_machine' | 'storage' | 'network')[];
  /**
   * So many nodes may be lost under a task without notice before it fails; 10 unless given. Spot
   * interruptions, drains, announced terminations and silence do not count. After the second one a task
   * runs alone on a node.
   */
  readonly lossesMax?: number;
  /**
   * What is bought and filled is weighed by what nodes cost until they are empty, or by price per hour
   * of now.
   */
  readonly objective?: 'cost-over-time' | 'cost-now';
  /**
   * So long tasks wait for room that is likely to become free before a new node could boot; half of a
   * boot unless given. With cost-over-time only.
   */
  readonly patienceSeconds?: number;
  /** Whether it learns from tasks that ended how long others will last (docs/elastic-fleet.md). */
  readonly lifetimes?: 'learned' | 'off';
  /**
   * With learningStyle predictive or adaptive: nodes are bought for what demand stays below in this
   * share of the cases (docs/scaling.md).
   */
  readonly forecastQuantile?: number;
  /**
   * So long its demand over time (docs/scaling.md) and traces of its tasks (docs/backtest.md) are kept;
   * 0: not at all.
   */
  readonly historyDays?: number;
  /** By which choices nodes go, and how many at once (docs/disruption.md). */
  readonly disruption?: {
    /** Nodes that would not be bought so any more go. */
    readonly drift?: boolean;
    /** Nodes of this age go, each up to a tenth earlier; never unless given. */
    readonly expireAfterSeconds?: number;
    /**
     * Nodes whose tasks all have the mode `restart` or `checkpoint` and fit on others go when that pays;
     * never unless given.
     */
    readonly consolidation?: {
      /** After a launch of the pool, and on a node after a task was placed there; 300. */
      readonly calmSeconds?: number;
      /** From one node to the next; 60. */
      readonly apartSeconds?: number;
    };
    /** Tasks of the mode `never` are stopped this long after their node began to drain; a day. */
    readonly maxDrainSeconds?: number;
    /** How many nodes may be on their way out at once by choice; all of them bind. */
    readonly budgets?: readonly {
      readonly nodes?: number;
      /** Of the pool's nodes, rounded up. */
      readonly percent?: number;
      /** All that are a choice unless given. */
      readonly methods?: readonly ('emptiness' | 'drift' | 'expiry' | 'consolidation')[];
      /** The budget binds from each of these times on (cron, e.g. "0 8 * * 1-5"); always unless given. */
      readonly schedule?: string;
      /** Of the schedule; UTC unless given. */
      readonly timeZone?: string;
      /** How long it binds from then on. */
      readonly durationSeconds?: number;
    }[];
  };
  /**
   * CloudWatch alarms that move the headroom floor (nodes kept without work): once for each change to
   * ALARM.
   */
  readonly alarms?: readonly {
    readonly alarmName: string;
    readonly addNodes?: number;
    readonly removeNodes?: number;
    /** After it acted it does not act again for this time; if it is still in ALARM then, it acts. */
    readonly cooldownSeconds?: number;
  }[];
  /**
   * The task that each node kept without work carries at least. Without it, one like those that the pool
   * runs or ran last.
   */
  readonly headroom?: {
    /** Fractions are allowed; rounded up to a thousandth. */
    readonly vcpu: number;
    readonly memoryMib: number;
    readonly gpu?: number;
    /** Nodes kept without work, whatever alarms say; those add to it. */
    readonly nodes?: number;
  };
  /** Move the headroom beside alarms (docs/scaling.md); the largest of what they want is kept. */
  readonly policies?: readonly (
    | { readonly kind: 'manual'; readonly name: string; readonly nodes: number }
    | {
        readonly kind: 'schedule';
        readonly name: string;
        readonly timeZone?: string;
        /** Each sets the nodes when its time comes, until the next of them. */
        readonly entries: readonly {
          /** Minute, hour, day of month, month, day of week, e.g. "0 8 * * 1-5". */
          readonly cron: string;
          readonly nodes: number;
        }[];
      }
    | {
        readonly kind: 'step';
        readonly name: string;
        /** By what CloudWatch has; unless given by the demand of the pool. */
        readonly metric?: 'cloudwatch';
        /** Which metric of CloudWatch. */
        readonly cloudwatch?: CloudWatchMetric;
        /** By demand in vCPU, waiting and running (`fromVcpu`), or by the metric (`from`). */
        readonly steps: readonly { readonly fromVcpu?: number; readonly from?: number; readonly nodes: number }[];
      }
    | {
        readonly kind: 'target';
        readonly name: string;
        /** By what CloudWatch has; unless given by the demand of the pool. */
        readonly metric?: 'cloudwatch';
        /** Which metric of CloudWatch. */
        readonly cloudwatch?: CloudWatchMetric;
        /** One node of headroom for so much demand, waiting and running. */
        readonly vcpuPerNode?: number;
        /** One node of headroom for so much of the metric. */
        readonly target?: number;
        readonly tolerance?: number;
      }
  )[];
  /** Whose requests it takes; everybody's unless given. What it has taken stays. */
  readonly tenants?: readonly string[];
  /**
   * Whose tasks may share a node: those of one tenant at a time (the default), or of any
   * (docs/identity.md).
   */
  readonly nodesServe?: 'one-tenant' | 'any-tenant';
  /**
   * The role of its tasks that name none, where `roles` grants it to their tenant; none unless given.
   * The templates of services are tasks, too, and take it when they are declared.
   */
  readonly role?: string;
  /** Which roles its tasks may have, and whose tasks; none unless given (docs/identity.md). */
  readonly roles?: readonly {
    /** Its ARN, or the beginning of some and "*". */
    readonly role: string;
    /** Whose tasks; everybody's unless given. */
    readonly tenants?: readonly string[];
  }[];
  /** Which secrets its tasks may use, and whose tasks; none unless given (docs/secrets.md). */
  readonly secrets?: readonly {
    /** A reference, or the beginning of some and "*". */
    readonly from: string;
    /** Whose tasks; everybody's unless given. */
    readonly tenants?: readonly string[];
  }[];
  /**
   * Which target groups its services may be registered with, and whose services; none unless given
   * (docs/services.md).
   */
  readonly targetGroups?: readonly {
    /** Its ARN, or the beginning of some and "*". */
    readonly arn: string;
    /** Whose services; everybody's unless given. */
    readonly tenants?: readonly string[];
  }[];
  /**
   * What the owner pays where that is not what the catalog says; of several that match the first counts.
   * All decisions, limits, quotes and costs of the pool are by these prices (docs/cost.md).
   */
  readonly prices?: readonly {
    /** An instance type, or all of a family: "c7g.*". */
    readonly instanceType: string;
    /** Every zone unless given. */
    readonly zone?: string;
    readonly capacityType?: 'spot' | 'on-demand';
    readonly usdPerHour?: number;
    /** Off the price that would be paid otherwise. */
    readonly discountPercent?: number;
  }[];
  /**
   * What is paid for whether it is used or not: it is filled before anything is bought
   * (docs/elastic-fleet.md).
   */
  readonly commitments?: readonly (
    | {
        readonly kind: 'capacity-reservation';
        /** As EC2 gave it; unique in the pool. */
        readonly id: string;
        readonly instanceType: string;
        readonly count: number;
        /** What each costs, used or not; what the type costs on demand unless given. */
        readonly usdPerHour?: number;
        readonly zone: string;
        /** When it begins, of one that has not. */
        readonly from?: string;
        /** When it ends: from then on it is ignored. */
        readonly until?: string;
      }
    | {
        readonly kind: 'capacity-block';
        /** As EC2 gave it; unique in the pool. */
        readonly id: string;
        readonly instanceType: string;
        readonly count: number;
        /** What each costs, used or not; what the type costs on demand unless given. */
        readonly usdPerHour?: number;
        readonly zone: string;
        /** When it begins. */
        readonly from: string;
        /**
         * When it ends. EC2 terminates what is in it half an hour before; nothing is launched in its last
         * hour.
         */
        readonly until: string;
      }
    | {
        readonly kind: 'reserved-instances';
        /** Unique in the pool, e.g. the id that EC2 gave it. */
        readonly name: string;
        readonly instanceType: string;
        readonly count: number;
        /** What each costs, used or not; what the type costs on demand unless given. */
        readonly usdPerHour?: number;
        /** Every zone unless given. */
        readonly zone?: string;
        /** When it ends: from then on it is ignored. */
        readonly until?: string;
      }
    | {
        readonly kind: 'savings-plan';
        /** Unique in the pool, e.g. the id that EC2 gave it. */
        readonly name: string;
        /** What is committed, after the discount. */
        readonly usdPerHour: number;
        /** Off the price that would be paid otherwise. */
        readonly discountPercent: number;
        /** Any unless given. */
        readonly instanceFamily?: string;
        /** When it ends: from then on it is ignored. */
        readonly until?: string;
      }
  )[];
  /**
   * So much of its vCPUs is on demand at least, where EC2 has it, whatever spot costs
   * (docs/elastic-fleet.md).
   */
  readonly onDemand?: OnDemandShare;
  readonly shadow?: ShadowPolicy;
  /** Machines kept ready for virtual machine requests, of 2 vCPU and 4096 MiB unless said otherwise. */
  readonly warm?: {
    /** Taken at once. */
    readonly running?: number;
    /** Started when taken; costs its disks only. */
    readonly stopped?: number;
    /** Or needs. */
    readonly instanceType?: string;
    /** The least hardware; the cheapest instance type that has it is taken. */
    readonly needs?: {
      readonly vcpu?: number;
      readonly memoryMib?: number;
      readonly gpu?: number;
      readonly arch?: 'amd64' | 'arm64';
      /** NVMe instance store; what is on it goes with the instance. */
      readonly localDiskGib?: number;
      /** Baseline bandwidth, not what it may burst to. */
      readonly networkGbps?: number;
    };
    /** Beside needs: what else the instance type must be. */
    readonly requirements?: Requirements;
    /**
     * It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count
     * what full CPU for all the time costs, surplus credits included.
     */
    readonly bursty?: boolean;
    readonly zone?: string;
    /** Amazon Linux unless given. */
    readonly image?: string;
  };
  /**
   * Nodes for tasks that are stopped when they have no work, cost their root volume then, and are
   * started before others are bought (docs/elastic-fleet.md).
   */
  readonly warmNodes?: {
    /** So many of its on-demand nodes are stopped when they have no work, in place of being terminated. */
    readonly stopped: number;
    /** So many are bought, set up and stopped before anybody asks. At most as many as stopped. */
    readonly minStopped?: number;
    /** At this age they are terminated in place of being stopped. */
    readonly expireAfterSeconds?: number;
  };
};

/** Of days and months in UTC, at list prices; an absent key is no bound. */
export type Budget = { readonly usdPerDay?: number; readonly usdPerMonth?: number };

export type CloudWatchMetric = {
  /** E.g. "AWS/SQS". */
  readonly namespace: string;
  /** E.g. "ApproximateNumberOfMessagesVisible". */
  readonly metricName: string;
  /** All that the metric has: CloudWatch finds it by exactly these. */
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly statistic?: string;
  /** It is read once for each period, when that has been over for a minute. */
  readonly periodSeconds?: 60 | 300 | 900 | 3600;
};

export type OnDemandShare = {
  /** The first vCPUs that the pool has. */
  readonly baseVcpu?: number;
  /** Of the vCPUs above that. */
  readonly percent?: number;
};

/**
 * A second policy that is decided by beside the pool, and only recorded (docs/elastic-fleet.md):
 * fields as the pool has them, each in the place of the pool's own; {} is the pool's own policy once
 * more.
 */
export type ShadowPolicy = {
  readonly tasksPerNode?: number;
  readonly maxNodeVcpu?: number;
  readonly ordering?: 'fifo' | 'priority' | 'fair-share';
  readonly placement?: 'least-cost' | 'spread' | 'least-allocated' | 'most-allocated' | 'balanced';
  readonly idleAfterSeconds?: number;
  readonly objective?: 'cost-over-time' | 'cost-now';
  readonly patienceSeconds?: number;
  readonly requirements?: Requirements;
  readonly onDemand?: OnDemandShare;
  readonly disruption?: {
    /** Nodes that would not be bought so any more go. */
    readonly drift?: boolean;
    /** Nodes of this age go, each up to a tenth earlier; never unless given. */
    readonly expireAfterSeconds?: number;
    /**
     * Nodes whose tasks all have the mode `restart` or `checkpoint` and fit on others go when that pays;
     * never unless given.
     */
    readonly consolidation?: {
      /** After a launch of the pool, and on a node after a task was placed there; 300. */
      readonly calmSeconds?: number;
      /** From one node to the next; 60. */
      readonly apartSeconds?: number;
    };
    /** Tasks of the mode `never` are stopped this long after their node began to drain; a day. */
    readonly maxDrainSeconds?: number;
    /** How many nodes may be on their way out at once by choice; all of them bind. */
    readonly budgets?: readonly {
      readonly nodes?: number;
      /** Of the pool's nodes, rounded up. */
      readonly percent?: number;
      /** All that are a choice unless given. */
      readonly methods?: readonly ('emptiness' | 'drift' | 'expiry' | 'consolidation')[];
      /** The budget binds from each of these times on (cron, e.g. "0 8 * * 1-5"); always unless given. */
      readonly schedule?: string;
      /** Of the schedule; UTC unless given. */
      readonly timeZone?: string;
      /** How long it binds from then on. */
      readonly durationSeconds?: number;
    }[];
  };
};

export type Drain = {
  /** Tasks that still run after this time are stopped; absent: they run until they end. */
  readonly deadlineSeconds?: number;
};

export type WebhookBody = {
  /**
   * https, and no link-local, private or reserved address; on a laptop also http to this machine. It is
   * answered with 422 `invalid_webhook` otherwise.
   */
  readonly url: string;
  /** Only these events; all unless given. */
  readonly types?: readonly (
    'RequestAccepted' | 'RequestEnded' | 'LeaseEnding' | 'TaskEnded' | 'NodeLaunched' | 'NodeTerminated'
  )[];
  /** Only those of this pool. */
  readonly pool?: string;
  /** Only those of requests with all of these labels, e.g. {"team": "search"}. */
  readonly labels?: Readonly<Record<string, string>>;
};

export type RotateBody = {
  /** So long the secrets before it sign as well. */
  readonly keepHours?: number;
};

export type ReplayBody = ReplaySince | ReplayDeadLetters;

export type ReplaySince = {
  /** Everything that was written from then on. */
  readonly since: string;
};

export type ReplayDeadLetters = {
  /** As many as may wait. */
  readonly deadLetters: true;
};

export type Service = {
  /** If given, the name in the path. */
  readonly name?: string;
  /** As of a request; a service that is there stays in its pool. */
  readonly pool?: string;
  /** How many of the template run, 1 unless given; with policies where they begin. */
  readonly replicas?: number;
  /**
   * The fewest replicas that policies may want; 1 unless given. 0 only with a policy that moves it from
   * there.
   */
  readonly min?: number;
  /** The most that they may want; goes with policies. */
  readonly max?: number;
  /**
   * What moves the count: the largest of what they want, and it goes in only when all agree
   * (docs/services.md).
   */
  readonly policies?: readonly (
    | { readonly kind: 'manual'; readonly name: string; readonly replicas: number }
    | {
        readonly kind: 'schedule';
        readonly name: string;
        readonly timeZone?: string;
        /** Each sets the replicas when its time comes, until the next of them. */
        readonly entries: readonly {
          /** Minute, hour, day of month, month, day of week, e.g. "0 8 * * 1-5". */
          readonly cron: string;
          readonly replicas: number;
        }[];
      }
    | {
        readonly kind: 'step';
        readonly name: string;
        /**
         * `waiting`: the tenant's tasks that wait in the pool. `cpu`, `memory`: what replicas use, in percent
         * of what the template asks for. `reported`: what PUT /v1/services/{name}/metrics/{metric} was told.
         * `cloudwatch`: what CloudWatch has.
         */
        readonly metric: 'waiting' | 'cpu' | 'memory' | 'reported' | 'cloudwatch';
        /** The name of a metric that is reported. */
        readonly reported?: string;
        /** Which metric of CloudWatch. */
        readonly cloudwatch?: CloudWatchMetric;
        /** Of a reported one or one of CloudWatch: of all replicas together (the default), or of each. */
        readonly of?: 'total' | 'average';
        /** What the last one says that the metric has reached. */
        readonly steps: readonly { readonly from: number; readonly replicas: number }[];
      }
    | {
        readonly kind: 'target';
        readonly name: string;
        /**
         * `waiting`: the tenant's tasks that wait in the pool. `cpu`, `memory`: what replicas use, in percent
         * of what the template asks for. `reported`: what PUT /v1/services/{name}/metrics/{metric} was told.
         * `cloudwatch`: what CloudWatch has.
         */
        readonly metric: 'waiting' | 'cpu' | 'memory' | 'reported' | 'cloudwatch';
        /** The name of a metric that is reported. */
        readonly reported?: string;
        /** Which metric of CloudWatch. */
        readonly cloudwatch?: CloudWatchMetric;
        /** Of a reported one or one of CloudWatch: of all replicas together (the default), or of each. */
        readonly of?: 'total' | 'average';
        readonly target: number;
        readonly tolerance?: number;
      }
    | {
        readonly kind: 'alarm';
        readonly name: string;
        readonly alarmName: string;
        readonly addReplicas?: number;
        readonly removeReplicas?: number;
        /**
         * So many instead where the metric is so far beyond the threshold, by the most of the datapoints that
         * CloudWatch names.
         */
        readonly steps?: readonly { readonly from: number; readonly replicas: number }[];
        readonly cooldownSeconds?: number;
      }
  )[];
  /**
   * reactive unless given. scheduled: one of the policies is a schedule. predictive: what they want is
   * forecast, and replicas are started before (docs/services.md).
   */
  readonly learningStyle?: 'reactive' | 'scheduled' | 'predictive';
  /** Predictive: replicas for what is wanted at most in this share of the cases; 0.9 unless given. */
  readonly forecastQuantile?: number;
  /**
   * How fast the count moves. Unless given: at once, and where a policy goes by a metric as the
   * Kubernetes Horizontal Pod Autoscaler does unless told otherwise.
   */
  readonly behaviour?: {
    readonly out?: {
      /** The most careful of what was wanted in that time counts. */
      readonly stabilizationSeconds?: number;
      /** Which of the rates binds: the one that allows the most, or the least. Or: it never moves. */
      readonly select?: 'max' | 'min' | 'disabled';
      /** By so much in so many seconds. None: nothing bounds it. */
      readonly rates?: readonly {
        readonly replicas?: number;
        readonly percent?: number;
        readonly periodSeconds: number;
      }[];
    };
    readonly in?: {
      /** The most careful of what was wanted in that time counts. */
      readonly stabilizationSeconds?: number;
      /** Which of the rates binds: the one that allows the most, or the least. Or: it never moves. */
      readonly select?: 'max' | 'min' | 'disabled';
      /** By so much in so many seconds. None: nothing bounds it. */
      readonly rates?: readonly {
        readonly replicas?: number;
        readonly percent?: number;
        readonly periodSeconds: number;
      }[];
    };
  };
  /** What each replica is: fields of a task, or a machine. */
  readonly template: {
    readonly resources?: Resources;
    /** Higher is served first; a lower one has turns, at least every 10 minutes. */
    readonly priority?: number;
    readonly requirements?: Requirements;
    /**
     * It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count
     * what full CPU for all the time costs, surplus credits included.
     */
    readonly bursty?: boolean;
    /** The label by which spread, affinity and antiAffinity of tasks of the tenant count it. */
    readonly group?: string;
    /** Keep the number of tasks of the group per zone or node within maxSkew of each other. */
    readonly spread?: readonly {
      readonly topology: 'zone' | 'node';
      readonly group: string;
      readonly maxSkew?: number;
    }[];
    /** Run where tasks of the group run. */
    readonly affinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
    /** Run where no task of the group runs. */
    readonly antiAffinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
    /** Wishes: honoured while they raise the price by at most maxExtraUsdPerHour per task. */
    readonly preferences?: readonly { readonly requirements: Requirements; readonly maxExtraUsdPerHour: number }[];
    /** Each replica is a virtual machine instead: fields of its request, and none beside it. */
    readonly machine?: MachineTemplate;
    /** Program and arguments, each at most 131000 bytes of UTF-8. Exactly one of command and shell. */
    readonly command?: readonly string[];
    /** A script for sh -c, at most 131000 bytes of UTF-8. Exactly one of command and shell. */
    readonly shell?: string;
    /** Arguments for what the image itself starts; not beside command and shell. */
    readonly args?: readonly string[];
    /** A container image to run it in. Without command and shell the image starts what it starts by itself. */
    readonly image?: string;
    /**
     * What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of
     * both.
     */
    readonly imageCredentials?: {
      /** Where a user and a password are kept, as JSON: {"username": …, "password": …}. */
      readonly secret?: string;
      /** The ARN of a role that may fetch it from ECR. The task does not act as it. */
      readonly role?: string;
    };
    /**
     * At most 256 environment variables, each value at most 32768 bytes of UTF-8; beside
     * BELLOWS_REQUEST_ID, BELLOWS_TASK_INDEX, BELLOWS_TASK_COUNT and BELLOWS_ATTEMPT.
     */
    readonly env?: Readonly<Record<string, string>>;
    /** Read when an attempt starts, and kept nowhere (docs/secrets.md). */
    readonly secrets?: readonly {
      /** Of the environment variable or the file. */
      readonly name: string;
      /**
       * aws-secret:NAME and ssm:NAME on AWS; env:NAME and file:PATH of the server on one machine;
       * vault:MOUNT/PATH and k8s:NAMESPACE/NAME where they are configured. #KEY for one field.
       */
      readonly from: string;
      /** A file is in the folder BELLOWS_SECRETS, in memory. */
      readonly as?: 'env' | 'file';
    }[];
    /**
     * So many nodes may be lost under it without notice before it fails; the pool's unless given. Spot
     * interruptions, drains, announced terminations and silence do not count. After the second one a task
     * runs alone on a node.
     */
    readonly lossesMax?: number;
    /**
     * What is kept of its output when an attempt has ended. Unless given, of each stream the first and the
     * last 128 KiB are.
     */
    readonly output?: {
      /** So many MiB of each stream, from its beginning; at most 256. */
      readonly keepMib: number;
    };
    /** What it listens on. */
    readonly ports?: readonly {
      /** The process finds it as BELLOWS_PORT_NAME. */
      readonly name: string;
      /** Of the node, where one replica can have it; a free one is chosen unless given. 963 is the agent's. */
      readonly port?: number;
      /** Inside of the container that an image runs in; the same unless given. */
      readonly container?: number;
    }[];
    /** Checked by its agent; what is unhealthy is replaced. It is ready when it runs unless given. */
    readonly health?: {
      /** GET answers 200 to 399. Exactly one of http, tcp and command. */
      readonly http?: {
        /** The name of a port. */
        readonly port: string;
        readonly path?: string;
      };
      /** A connection is taken. */
      readonly tcp?: { readonly port: string };
      /** Ends with 0. It has PATH and the variables of ports. */
      readonly command?: readonly string[];
      /** So long after the start failures do not count, until the first success. */
      readonly startPeriodSeconds?: number;
      readonly intervalSeconds?: number;
      readonly timeoutSeconds?: number;
      /** So many successes in a row. */
      readonly healthyThreshold?: number;
      /** So many failures in a row. */
      readonly unhealthyThreshold?: number;
    };
    /**
     * Run by the agent before a replica gets TERM, within graceSeconds. It has PATH and the variables of
     * ports.
     */
    readonly preStop?: { readonly command: readonly string[] };
    /** From TERM to KILL when a replica is stopped; 10 unless given. */
    readonly graceSeconds?: number;
  };
  /** How another template takes the place of the one before. */
  readonly update?: {
    /** So many fewer than wanted may be available while a template changes. */
    readonly maxUnavailable?: number;
    /** So many more than wanted may run meanwhile; 1 or more where maxUnavailable is 0. */
    readonly maxSurge?: number;
    /** "stop-first": an old one ends before a new one starts, and none is above. */
    readonly order?: 'start-first' | 'stop-first';
    /** A new one counts when it has been ready for so long. */
    readonly minHealthySeconds?: number;
    /** Without a further available replica for so long the update has failed. */
    readonly progressSeconds?: number;
    /** An update that failed makes room for the revision before it. */
    readonly rollback?: boolean;
  };
  /** From the moment that a replica is to go until it gets TERM: nothing new is sent to it. */
  readonly drainSeconds?: number;
  /**
   * Target groups of Elastic Load Balancing that each replica is registered with while it serves: by the
   * address of its node where the target type is ip, by the instance where it is instance. It is ready
   * when they say that it is healthy. On AWS only.
   */
  readonly targetGroups?: readonly {
    readonly arn: string;
    /** The name of a port of the template. */
    readonly port: string;
  }[];
};

export type MachineTemplate = {
  /** For people; need not be unique. Its tasks have it as BELLOWS_REQUEST_NAME. */
  readonly name?: string;
  /** At most 20, for finding and grouping, e.g. {"team": "search"}. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Or needs. */
  readonly instanceType?: string;
  /** The least hardware; the cheapest instance type that has it is taken. */
  readonly needs?: {
    readonly vcpu?: number;
    readonly memoryMib?: number;
    readonly gpu?: number;
    readonly arch?: 'amd64' | 'arm64';
    /** NVMe instance store; what is on it goes with the instance. */
    readonly localDiskGib?: number;
    /** Baseline bandwidth, not what it may burst to. */
    readonly networkGbps?: number;
  };
  /** Beside needs: what else the instance type must be. */
  readonly requirements?: Requirements;
  /**
   * It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count
   * what full CPU for all the time costs, surplus credits included.
   */
  readonly bursty?: boolean;
  readonly zone?: string;
  /** Amazon Linux unless given. */
  readonly image?: string;
  /** One of the installation's; its zone is the machine's. */
  readonly subnetId?: string;
  readonly capacityType?: 'spot' | 'on-demand';
  /** Text that the machine runs at its first boot. */
  readonly userData?: string;
  readonly keyPair?: string;
  /** Instance profile, by name or ARN; none unless given. */
  readonly role?: string;
  /** New volumes, or {"request": ID} of storage requests. */
  readonly volumes?: readonly (Volume | { readonly request: string })[];
  readonly network?: NetworkRules;
  /** Ids of network requests. */
  readonly networks?: readonly string[];
};

export type Scale = {
  /** How many are wanted. */
  readonly replicas: number;
};

export type Rollback = {
  /** One that is kept; the one before unless given. */
  readonly revision?: number;
};

export type MetricReport = {
  readonly value: number;
  /**
   * When it was so; now unless given. At most 60 s ahead. A number that is not newer than the last one
   * changes nothing, and after 300 s it counts as missing.
   */
  readonly at?: string;
};

export type Tenant = {
  /** In pools with fair shares, who has twice the weight has twice the share. */
  readonly weight?: number;
  /**
   * What the tenant may spend over all pools. Where it is spent nothing more of it starts until the next
   * day or month (UTC) begins; what runs goes on.
   */
  readonly budget?: Budget;
};

export type PlanQuestion = {
  /** The name of a pool, or a pool as it would be put. */
  readonly pool: string | Pool;
  readonly requests: readonly PlanRequest[];
  /** Nodes taken as running and empty. */
  readonly nodes?: readonly {
    readonly instanceType: string;
    readonly zone: string;
    readonly capacityType?: 'spot' | 'on-demand';
    readonly count?: number;
  }[];
  /**
   * Steps of the search for a cheaper plan: the same number gives the same plan. As many as a tick takes
   * unless given.
   */
  readonly iterations?: number;
};

export type PlanRequest = {
  /** Names it in the answer; its position (request-1, …) unless given. */
  readonly id?: string;
  readonly tenant?: string;
  readonly type?: 'task' | 'virtual_machine' | 'storage' | 'network';
  /** Ignored: the plan's pool counts. */
  readonly pool?: string;
  readonly resources: Resources;
  /** How many identical tasks; above 1 it is an array. */
  readonly count?: number;
  /** Higher is served first; a lower one has turns, at least every 10 minutes. */
  readonly priority?: number;
  readonly requirements?: Requirements;
  /**
   * It uses little CPU but for bursts: burstable types (T) count their list price. Otherwise they count
   * what full CPU for all the time costs, surplus credits included.
   */
  readonly bursty?: boolean;
  /** A guess helps to choose nodes that empty together. */
  readonly expectedDurationSeconds?: number;
  /** The label by which spread, affinity and antiAffinity of tasks of the tenant count it. */
  readonly group?: string;
  /** Keep the number of tasks of the group per zone or node within maxSkew of each other. */
  readonly spread?: readonly {
    readonly topology: 'zone' | 'node';
    readonly group: string;
    readonly maxSkew?: number;
  }[];
  /** Run where tasks of the group run. */
  readonly affinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
  /** Run where no task of the group runs. */
  readonly antiAffinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
  /** Wishes: honoured while they raise the price by at most maxExtraUsdPerHour per task. */
  readonly preferences?: readonly { readonly requirements: Requirements; readonly maxExtraUsdPerHour: number }[];
  /** All tasks of the array at once, or none. */
  readonly gang?: boolean;
  /** Program and arguments, each at most 131000 bytes of UTF-8. Exactly one of command and shell. */
  readonly command?: readonly string[];
  /** A script for sh -c, at most 131000 bytes of UTF-8. Exactly one of command and shell. */
  readonly shell?: string;
  /** Arguments for what the image itself starts; not beside command and shell. */
  readonly args?: readonly string[];
  /** A container image to run it in. Without command and shell the image starts what it starts by itself. */
  readonly image?: string;
  /**
   * At most 256 environment variables, each value at most 32768 bytes of UTF-8; beside
   * BELLOWS_REQUEST_ID, BELLOWS_TASK_INDEX, BELLOWS_TASK_COUNT and BELLOWS_ATTEMPT.
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What the registry of its image is shown, of what its pool allows (docs/agent.md). Exactly one of
   * both.
   */
  readonly imageCredentials?: {
    /** Where a user and a password are kept, as JSON: {"username": …, "password": …}. */
    readonly secret?: string;
    /** The ARN of a role that may fetch it from ECR. The task does not act as it. */
    readonly role?: string;
  };
  /**
   * A retry after too little memory has so many times as much, up to memoryMaxMib; it needs retries.
   * Only for a single task.
   */
  readonly memoryGrowth?: number;
  /** Up to what it grows. */
  readonly memoryMaxMib?: number;
  /**
   * The ARN of a role whose temporary credentials the task has, of those that its pool allows
   * (docs/identity.md).
   */
  readonly role?: string;
  /** Read when an attempt starts, and kept nowhere (docs/secrets.md). */
  readonly secrets?: readonly {
    /** Of the environment variable or the file. */
    readonly name: string;
    /**
     * aws-secret:NAME and ssm:NAME on AWS; env:NAME and file:PATH of the server on one machine;
     * vault:MOUNT/PATH and k8s:NAMESPACE/NAME where they are configured. #KEY for one field.
     */
    readonly from: string;
    /** A file is in the folder BELLOWS_SECRETS, in memory. */
    readonly as?: 'env' | 'file';
  }[];
  /** Fetched before each attempt starts, in their order; at most 32 (docs/files.md). */
  readonly inputs?: readonly {
    /** What was sent to an address of POST /v1/uploads, by its SHA-256. */
    readonly upload?: string;
    /**
     * An https URL, whose query, which may be a key, is never shown again; or s3://BUCKET/KEY, read by the
     * task's role.
     */
    readonly url?: string;
    /** Below the working directory; "." with unpack is that itself. */
    readonly path: string;
    /** Of what the URL answers; another content fails the attempt. */
    readonly sha256?: string;
    /** It is a tar archive, also one compressed by gzip; `path` is the folder of its files. */
    readonly unpack?: boolean;
  }[];
  /**
   * Patterns of the files that are kept when an attempt has ended, however it ended: `*` and `?` within
   * a part of a path, `**` over parts, `{a,b}` and `[a-z]` (docs/files.md).
   */
  readonly artifacts?: readonly string[];
  /**
   * What is kept of its output when an attempt has ended. Unless given, of each stream the first and the
   * last 128 KiB are.
   */
  readonly output?: {
    /** So many MiB of each stream, from its beginning; at most 256. */
    readonly keepMib: number;
  };
  /**
   * Volumes that the task has as folders while it runs, one task at a time; BELLOWS_MOUNT_0, … are their
   * paths. Only for a single task.
   */
  readonly mounts?: readonly {
    /** A storage request of yours. */
    readonly request: string;
    /** Where below the working directory; "mnt/N" unless given. */
    readonly path?: string;
  }[];
  /** A running task is stopped after this; no limit unless given. */
  readonly timeoutSeconds?: number;
  /** How often a failed task is run again. Losses of nodes do not count. */
  readonly retries?: number;
  /**
   * So many nodes may be lost under it without notice before it fails; the pool's unless given. Spot
   * interruptions, drains, announced terminations and silence do not count. After the second one a task
   * runs alone on a node.
   */
  readonly lossesMax?: number;
  /** Ends as "expired" unless ended this long after acceptance. */
  readonly deadlineSeconds?: number;
  /**
   * What it bears when its node goes by choice or for maintenance (docs/disruption.md). A stop costs no
   * retry.
   */
  readonly disruption?: {
    /**
     * `never`: it runs until it ends, at most for maxDrainSeconds. `restart`: it is stopped and queued
     * again. `checkpoint`: it is asked to save, stopped as soon as it has, and queued again.
     */
    readonly mode?: 'never' | 'restart' | 'checkpoint';
    /** Of `checkpoint`: how it is asked to save; TERM unless given. */
    readonly signal?: 'TERM' | 'INT' | 'HUP' | 'USR1' | 'USR2';
    /** What a stop of one task costs beside the work that it does again; consolidation weighs it. */
    readonly costUsd?: number;
    /** TERM to KILL when it is stopped; 10 unless given (3 on one machine), with `checkpoint` 120. */
    readonly graceSeconds?: number;
    /** Of `never`: it is stopped this long after its node began to drain; the pool decides. */
    readonly maxDrainSeconds?: number;
  };
  /**
   * Overrides the pool's for what is bought ahead of this request (docs/scaling.md). scheduled: its pool
   * must have a schedule.
   */
  readonly learningStyle?: 'reactive' | 'scheduled' | 'predictive' | 'adaptive';
};

export type RequestView = {
  readonly id: string;
  readonly type: 'task' | 'virtual_machine' | 'storage' | 'network';
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly pool: string;
  readonly tenant: string;
  readonly state:
    'pending' | 'running' | 'active' | 'releasing' | 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'released';
  readonly reason: string | null;
  /** RFC 3339, UTC */
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly count: number;
  readonly counts: {
    readonly pending: number;
    readonly running: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly cancelled: number;
  };
  /** null for arrays and for what did not exit. */
  readonly exitCode: number | null;
  /** Runs begun so far; null for arrays. */
  readonly attempts: number | null;
  /**
   * What the last attempt of the task cost: its node's price for the time that it was placed there, by
   * the largest share that it asked of the node's vCPUs, memory or GPUs. null until it has ended, for
   * arrays, and for instance types that the packaged catalog does not have.
   */
  readonly lastAttemptUsd?: number | null;
  /**
   * What all attempts cost that have ended, each counted as lastAttemptUsd is: the whole cost once the
   * state is an end, what it cost so far before that. What still runs counts when it ends; an array is
   * as of the last change of its counts. null where it is not known of one of them.
   */
  readonly usd?: number | null;
  readonly usage?: Usage;
  /** Of the image that the last attempt ran that ended: its manifest, `sha256:…`. */
  readonly imageDigest?: string;
  readonly allocation: Allocation | VolumeAllocation | GroupAllocation | null;
  /** Of a claim: every machine, volume and security group that it has. */
  readonly parts?: readonly Part[];
  readonly network?: NetworkView;
  /** RFC 3339, UTC */
  readonly leaseEndsAt?: string;
  /** Until when what its reason says lasts, or when it is tried again; absent where that is not known. */
  readonly nextTryAt?: string;
  /** Of tasks that have a node or a style of their own, while their pool is there. */
  readonly learning?: {
    /** The request's own, else that of its pool. */
    readonly style: 'reactive' | 'scheduled' | 'predictive' | 'adaptive';
    /** What comes of it as its pool is now. */
    readonly acted: 'reactive' | 'scheduled' | 'predictive' | 'adaptive';
    readonly reason: string;
  };
  /** Of a task request with tasks that wait: the last entry of its timeline, which says why. */
  readonly waitsFor?: { readonly code: string; readonly message: string };
  /** What was asked for; not in lists. */
  readonly asked?: Asked;
  /** The service that it is a replica of. */
  readonly service?: { readonly name: string; readonly slot: number; readonly revision: number };
  /** The request of which tasks are run again here. */
  readonly retryOf?: string;
  /** Its tasks are these of an array of so many, e.g. {"of": 2000, "indices": "77,92-95"}. */
  readonly subset?: { readonly of: number; readonly indices: string };
  /** What its quote said when it was accepted, where it was sent with `quote`. */
  readonly quoted?: {
    readonly endsAt: {
      /** RFC 3339, UTC */
      readonly p50: string;
      /** RFC 3339, UTC */
      readonly p90: string;
    } | null;
    readonly usd: { readonly p50: number; readonly p90: number } | null;
  };
  /**
   * Only in the answer to a submission: what slightly less, usually memory just over what a node leaves
   * for tasks, would cost by itself; absent where it would not cost much less.
   */
  readonly advice?: string;
  /**
   * Of a claim: the revision of its spec. Also the header ETag; sent as If-Match it guards the next
   * change.
   */
  readonly etag?: string;
};

/** What the last attempt that ended used; null: its machine could not tell. */
export type Usage = {
  readonly memoryPeakMib: number | null;
  readonly cpuSeconds: number | null;
  /** To disks. */
  readonly writtenBytes: number | null;
  /** Of all its GPUs together, looked at every 5 seconds. */
  readonly gpuMemoryPeakMib?: number;
  /**
   * "cgroup": counted by the kernel for all of it. "processes": sums over its processes; memory is
   * looked at twice a second, so a shorter peak is missed.
   */
  readonly by: 'cgroup' | 'processes';
};

export type Allocation = {
  readonly resourceType: 'ec2-instance';
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: 'spot' | 'on-demand';
  readonly priceUsdPerHour: number;
  /** Of a virtual machine (the first of several). */
  readonly instanceId?: string;
  readonly privateAddress?: string | null;
  readonly publicAddress?: string | null;
  /** The pool's placement policy; null once the pool is gone. */
  readonly placement: string | null;
  readonly learningStyle: 'reactive' | 'scheduled' | 'predictive' | 'adaptive' | null;
};

export type VolumeAllocation = {
  readonly resourceType: 'ebs-volume';
  readonly volumeId: string | null;
  readonly volumeType: string;
  readonly sizeGib: number;
  readonly iops: number | null;
  readonly throughputMibps: number | null;
  readonly zone: string | null;
  readonly priceUsdPerMonth: number;
  /** What a resize that is not done yet asked for. */
  readonly wanted?: {
    readonly volumeType: string;
    readonly sizeGib: number;
    readonly iops: number | null;
    readonly throughputMibps: number | null;
    readonly priceUsdPerMonth: number;
  };
  /** The virtual machine or task that uses it. */
  readonly attachedTo: string | null;
  readonly device: string | null;
};

export type GroupAllocation = { readonly resourceType: 'security-group'; readonly groupId: string };

export type Part = {
  readonly kind: 'instance' | 'volume' | 'security-group' | 'snapshot';
  /** EC2's id; null before it is known. */
  readonly id: string | null;
  readonly state: string;
  readonly zone: string | null;
  readonly device: string | null;
  readonly privateAddress: string | null;
  readonly publicAddress: string | null;
};

/** The rules in force, and those that an edit asked for: the next edit builds on these. */
export type NetworkView = {
  readonly ingress: readonly {
    readonly protocol: string;
    readonly fromPort: number | null;
    readonly toPort: number | null;
    readonly cidr: string | null;
    readonly request: string | null;
  }[];
  /** null: everything may leave. */
  readonly egress:
    | readonly {
        readonly protocol: string;
        readonly fromPort: number | null;
        readonly toPort: number | null;
        readonly cidr: string | null;
        readonly request: string | null;
      }[]
    | null;
  readonly sharing: 'share' | 'dedicated';
  readonly allowPublic: boolean;
  /** The rules of an edit that are not in force yet; null: there is none. */
  readonly wanted: {
    readonly ingress: readonly {
      readonly protocol: string;
      readonly fromPort: number | null;
      readonly toPort: number | null;
      readonly cidr: string | null;
      readonly request: string | null;
    }[];
    /** null: everything may leave. */
    readonly egress:
      | readonly {
          readonly protocol: string;
          readonly fromPort: number | null;
          readonly toPort: number | null;
          readonly cidr: string | null;
          readonly request: string | null;
        }[]
      | null;
    readonly sharing: 'share' | 'dedicated';
    readonly allowPublic: boolean;
  } | null;
};

export type Asked = {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly shell?: string;
  readonly image?: string;
  /** The names of the variables; values are not shown. */
  readonly env?: readonly string[];
  readonly resources?: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
  readonly needs?: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
  readonly capacityType?: string;
  readonly requirements?: {
    readonly instanceCategory?: readonly string[];
    readonly instanceFamily?: readonly string[];
    readonly instanceType?: readonly string[];
    readonly arch?: readonly string[];
    readonly zone?: readonly string[];
    readonly capacityType?: readonly string[];
    readonly cpuManufacturer?: readonly string[];
    readonly hypervisor?: readonly string[];
    readonly gpuManufacturer?: readonly string[];
    readonly gpuName?: readonly string[];
    readonly burstable?: boolean;
    readonly bareMetal?: boolean;
    readonly minInstanceGeneration?: number;
    readonly minGpuMemoryMib?: number;
    readonly minLocalDiskGib?: number;
    readonly minNetworkGbps?: number;
    readonly matchExpressions?: readonly {
      readonly key:
        | 'acceleratorCount'
        | 'acceleratorManufacturer'
        | 'acceleratorName'
        | 'arch'
        | 'bareMetal'
        | 'burstable'
        | 'capacityType'
        | 'cpuManufacturer'
        | 'currentGeneration'
        | 'gpuCount'
        | 'gpuManufacturer'
        | 'gpuMemoryMib'
        | 'gpuName'
        | 'hypervisor'
        | 'instanceCategory'
        | 'instanceFamily'
        | 'instanceGeneration'
        | 'instanceSize'
        | 'instanceType'
        | 'localDiskGib'
        | 'memoryMib'
        | 'networkMbps'
        | 'vcpu'
        | 'zone';
      readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
      readonly values: readonly string[];
    }[];
  };
  readonly priority?: number;
  readonly retries?: number;
  readonly lossesMax?: number;
  readonly timeoutSeconds?: number;
  readonly deadlineSeconds?: number;
  readonly leaseSeconds?: number;
  readonly expectedDurationSeconds?: number;
  readonly group?: string;
  readonly gang?: boolean;
  readonly spread?: readonly { readonly topology: 'zone' | 'node'; readonly group: string; readonly maxSkew: number }[];
  readonly affinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
  readonly antiAffinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
  readonly preferences?: readonly {
    readonly requirements: {
      readonly instanceCategory?: readonly string[];
      readonly instanceFamily?: readonly string[];
      readonly instanceType?: readonly string[];
      readonly arch?: readonly string[];
      readonly zone?: readonly string[];
      readonly capacityType?: readonly string[];
      readonly cpuManufacturer?: readonly string[];
      readonly hypervisor?: readonly string[];
      readonly gpuManufacturer?: readonly string[];
      readonly gpuName?: readonly string[];
      readonly burstable?: boolean;
      readonly bareMetal?: boolean;
      readonly minInstanceGeneration?: number;
      readonly minGpuMemoryMib?: number;
      readonly minLocalDiskGib?: number;
      readonly minNetworkGbps?: number;
      readonly matchExpressions?: readonly {
        readonly key:
          | 'acceleratorCount'
          | 'acceleratorManufacturer'
          | 'acceleratorName'
          | 'arch'
          | 'bareMetal'
          | 'burstable'
          | 'capacityType'
          | 'cpuManufacturer'
          | 'currentGeneration'
          | 'gpuCount'
          | 'gpuManufacturer'
          | 'gpuMemoryMib'
          | 'gpuName'
          | 'hypervisor'
          | 'instanceCategory'
          | 'instanceFamily'
          | 'instanceGeneration'
          | 'instanceSize'
          | 'instanceType'
          | 'localDiskGib'
          | 'memoryMib'
          | 'networkMbps'
          | 'vcpu'
          | 'zone';
        readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
        readonly values: readonly string[];
      }[];
    };
    readonly maxExtraUsdPerHour: number;
  }[];
  readonly disruption?: {
    readonly mode: 'never' | 'restart' | 'checkpoint';
    readonly signal?: string;
    readonly costUsd?: number;
    readonly graceSeconds?: number;
    readonly maxDrainSeconds?: number;
  };
  readonly ports?: readonly { readonly name: string; readonly port?: number; readonly container?: number }[];
  readonly health?: {
    readonly http?: { readonly port: string; readonly path: string };
    readonly tcp?: { readonly port: string };
    readonly command?: readonly string[];
    readonly startPeriodSeconds: number;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
  };
  readonly preStop?: { readonly command: readonly string[] };
  readonly memoryGrowth?: number;
  readonly memoryMaxMib?: number;
  readonly imageCredentials?: { readonly secret?: string; readonly role?: string };
  /** Where they are kept; values are nowhere here. */
  readonly secrets?: readonly { readonly name: string; readonly from: string; readonly as: 'env' | 'file' }[];
  readonly inputs?: readonly {
    readonly upload?: string;
    readonly url?: string;
    readonly path: string;
    readonly sha256?: string;
    readonly unpack?: true;
  }[];
  readonly artifacts?: readonly string[];
  readonly output?: { readonly keepMib: number };
  readonly mounts?: readonly { readonly request: string; readonly path?: string }[];
  readonly subnetId?: string;
  readonly keyPair?: string;
  readonly role?: string;
  readonly zone?: string;
  readonly attachTo?: string;
  readonly sizeGib?: number;
  readonly iops?: number;
  readonly throughputMibps?: number;
  readonly volumeType?: string;
  readonly snapshotId?: string;
  readonly onRelease?: string;
};

/** RFC 9457 problem details. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
};

export type RequestList = {
  readonly items: readonly RequestView[];
  readonly nextCursor: string | null;
  /** How many requests this page looked at, at most 1,100, those among them that the filter leaves out. */
  readonly examined: number;
};

export type BatchResults = {
  readonly results: readonly { readonly status: number; readonly id?: string; readonly problem?: Problem }[];
};

export type Upload = {
  readonly sha256: string;
  /**
   * Where the file is sent, by one PUT with these headers, within an hour; a path is one of this server.
   * null: it is there already.
   */
  readonly place: { readonly url: string; readonly headers: Readonly<Record<string, string>> } | null;
};

export type Artifacts = {
  /** The latest attempt that has kept its files; null: none has (yet). */
  readonly attempt: string | null;
  readonly items: readonly {
    readonly path: string;
    /** Bytes. */
    readonly bytes: number;
    readonly sha256: string;
    /** For a GET within an hour; a path is one of this server. */
    readonly url: string;
  }[];
  /** The first of those that matched and are not kept. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
  readonly leftOutCount: number;
};

export type Output = {
  /**
   * UTF-8; each byte that is none is a U+FFFD. Of a long stream the first and the last 128 KiB are kept,
   * with a line between them. With `encoding=base64` the bytes as the task wrote them, without that
   * line.
   */
  readonly stdout: string;
  /**
   * UTF-8; each byte that is none is a U+FFFD. Of a long stream the first and the last 128 KiB are kept,
   * with a line between them. With `encoding=base64` the bytes as the task wrote them, without that
   * line.
   */
  readonly stderr: string;
  /** Something of a stream is not here, because it is not kept or was not asked for (tailBytes). */
  readonly truncated: boolean;
  /** How much of each stream is not here. */
  readonly leftOutBytes: {
    /** Bytes. */
    readonly stdout: number;
    /** Bytes. */
    readonly stderr: number;
  };
  /** As `sinceBytes` it answers what comes after this; null while there is no output. */
  readonly next: string | null;
  /** The task has ended: no more will come. */
  readonly ended: boolean;
  readonly whole?: WholeOutput;
};

/** Where each stream can be fetched as the task wrote it, where the request has `output`. */
export type WholeOutput = {
  readonly stdout: {
    /** Bytes. */
    readonly bytes: number;
    readonly sha256: string;
    /** For a GET within an hour; a path is one of this server. */
    readonly url: string;
  };
  readonly stderr: {
    /** Bytes. */
    readonly bytes: number;
    readonly sha256: string;
    /** For a GET within an hour; a path is one of this server. */
    readonly url: string;
  };
  /** Behind what is kept. */
  readonly leftOutBytes: {
    /** Bytes. */
    readonly stdout: number;
    /** Bytes. */
    readonly stderr: number;
  };
};

export type Timeline = {
  readonly items: readonly {
    /** RFC 3339, UTC */
    readonly at: string;
    readonly stage: string;
    readonly code: string;
    readonly message: string;
    /** RFC 3339, UTC */
    readonly nextTryAt?: string;
    readonly excluded?: readonly { readonly constraint: string; readonly offerings: number }[];
  }[];
};

export type WhatIfAnswer = {
  readonly pool: string;
  /** What the next decision does about it as it is. */
  readonly now: {
    /** `placed`: on nodes that are there; `bought`: nodes are bought for it; `waits`: neither. */
    readonly kind: 'placed' | 'bought' | 'waits';
    /** Of a wait: as in the timeline. */
    readonly code: string;
    readonly message: string;
    /** What is bought; nodes may carry other tasks, too. */
    readonly launches: readonly {
      readonly count: number;
      readonly instanceType: string;
      readonly zone: string;
      readonly capacityType: 'spot' | 'on-demand';
      /** Of each. */
      readonly usdPerHour: number;
      /** Other offerings that EC2 may give instead. */
      readonly alternatives: number;
    }[];
  };
  /** What it would do with the difference. */
  readonly then: {
    /** `placed`: on nodes that are there; `bought`: nodes are bought for it; `waits`: neither. */
    readonly kind: 'placed' | 'bought' | 'waits';
    /** Of a wait: as in the timeline. */
    readonly code: string;
    readonly message: string;
    /** What is bought; nodes may carry other tasks, too. */
    readonly launches: readonly {
      readonly count: number;
      readonly instanceType: string;
      readonly zone: string;
      readonly capacityType: 'spot' | 'on-demand';
      /** Of each. */
      readonly usdPerHour: number;
      /** Other offerings that EC2 may give instead. */
      readonly alternatives: number;
    }[];
  };
};

export type Quote = {
  readonly pool: string;
  /** RFC 3339, UTC */
  readonly at: string;
  /** The pool has seen no node boot: one is taken to need one minute, at most two. */
  readonly bootIsGuessed: boolean;
  readonly lasts: {
    /**
     * `declared`: expectedDurationSeconds; `learned`: from tasks of the pool that ended; `prior`: too few
     * have, so as long as tasks usually last.
     */
    readonly basis: 'declared' | 'learned' | 'prior';
    /** Tasks that ended from which it was learned. */
    readonly ends: number;
    /** At most `p50` in one of two cases, `p90` in nine of ten. */
    readonly seconds: { readonly p50: number; readonly p90: number };
  };
  /** As it was asked first; then by capacity type, where it may have either. */
  readonly offers: readonly {
    /** `placed`: on nodes that are there; `bought`: nodes are bought for it; `waits`: neither. */
    readonly kind: 'placed' | 'bought' | 'waits';
    readonly message: string;
    /** What is bought; nodes may carry other tasks, too. */
    readonly launches: readonly {
      readonly count: number;
      readonly instanceType: string;
      readonly zone: string;
      readonly capacityType: 'spot' | 'on-demand';
      /** Of each. */
      readonly usdPerHour: number;
      /** Other offerings that EC2 may give instead. */
      readonly alternatives: number;
    }[];
    /** On such nodes only; null: as it was asked. */
    readonly capacityType: 'spot' | 'on-demand' | null;
    /** When its tasks start; null: nobody knows. */
    readonly startsAt: {
      /** RFC 3339, UTC */
      readonly p50: string;
      /** RFC 3339, UTC */
      readonly p90: string;
    } | null;
    /** When the last of them has ended. */
    readonly endsAt: {
      /** RFC 3339, UTC */
      readonly p50: string;
      /** RFC 3339, UTC */
      readonly p90: string;
    } | null;
    /** Its tasks' share of their nodes; boot and idle time of nodes are not in it. */
    readonly usd: { readonly p50: number; readonly p90: number } | null;
  }[];
};

export type QuoteAccuracy = {
  readonly pool: string;
  /** The caller's newest requests of the pool that were sent with `quote` and are kept, at most 200. */
  readonly quoted: number;
  /** Of these; only they are compared. */
  readonly succeeded: number;
  /** Those that have not ended. */
  readonly open: number;
  /** Whether the last task had ended by then. */
  readonly finish: {
    /** Of which the quote said a figure, and the truth is known. */
    readonly known: number;
    readonly withinP50: number;
    readonly withinP90: number;
  };
  /** Whether it cost no more. */
  readonly usd: {
    /** Of which the quote said a figure, and the truth is known. */
    readonly known: number;
    readonly withinP50: number;
    readonly withinP90: number;
  };
};

export type TaskList = {
  readonly items: readonly Task[];
  /** `from` of the next page; null on the last. */
  readonly nextFrom: number | null;
};

export type Task = {
  readonly index: number;
  /** `running`: on a node; `startedAt` is null until the node has started it. */
  readonly state: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'expired';
  /** Of the last attempt that exited. */
  readonly exitCode: number | null;
  readonly reason: string | null;
  /** Runs begun so far. */
  readonly attempts: number;
  readonly usage?: Usage;
  /** Of the image that the last attempt ran that ended: its manifest, `sha256:…`. */
  readonly imageDigest?: string;
  /** Of the last attempt. */
  readonly node: {
    readonly id: string;
    readonly instanceType: string;
    readonly zone: string;
    readonly capacityType: 'spot' | 'on-demand';
    /** Of the whole node. */
    readonly priceUsdPerHour: number;
  } | null;
  /**
   * What the last attempt of the task cost: its node's price for the time that it was placed there, by
   * the largest share that it asked of the node's vCPUs, memory or GPUs. null until it has ended, for
   * arrays, and for instance types that the packaged catalog does not have.
   */
  readonly lastAttemptUsd: number | null;
  /**
   * What all attempts cost that have ended, each counted as lastAttemptUsd is: the whole cost once the
   * state is an end, what it cost so far before that. What still runs counts when it ends; an array is
   * as of the last change of its counts. null where it is not known of one of them.
   */
  readonly usd: number | null;
  readonly placedAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Of one that waits after a failure or a loss: not before this. */
  readonly nextTryAt?: string;
};

export type PoolList = { readonly items: readonly PoolView[]; readonly nextCursor: string | null };

export type PoolView = {
  readonly name: string;
  readonly requirements: {
    readonly instanceCategory?: readonly string[];
    readonly instanceFamily?: readonly string[];
    readonly instanceType?: readonly string[];
    readonly arch?: readonly string[];
    readonly zone?: readonly string[];
    readonly capacityType?: readonly string[];
    readonly cpuManufacturer?: readonly string[];
    readonly hypervisor?: readonly string[];
    readonly gpuManufacturer?: readonly string[];
    readonly gpuName?: readonly string[];
    readonly burstable?: boolean;
    readonly bareMetal?: boolean;
    readonly minInstanceGeneration?: number;
    readonly minGpuMemoryMib?: number;
    readonly minLocalDiskGib?: number;
    readonly minNetworkGbps?: number;
    readonly matchExpressions?: readonly {
      readonly key:
        | 'acceleratorCount'
        | 'acceleratorManufacturer'
        | 'acceleratorName'
        | 'arch'
        | 'bareMetal'
        | 'burstable'
        | 'capacityType'
        | 'cpuManufacturer'
        | 'currentGeneration'
        | 'gpuCount'
        | 'gpuManufacturer'
        | 'gpuMemoryMib'
        | 'gpuName'
        | 'hypervisor'
        | 'instanceCategory'
        | 'instanceFamily'
        | 'instanceGeneration'
        | 'instanceSize'
        | 'instanceType'
        | 'localDiskGib'
        | 'memoryMib'
        | 'networkMbps'
        | 'vcpu'
        | 'zone';
      readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
      readonly values: readonly string[];
    }[];
  };
  readonly limits: {
    readonly instances?: number;
    readonly vcpu?: number;
    readonly memoryMib?: number;
    readonly usdPerHour?: number;
    readonly volumeGib?: number;
    readonly usdPerMonth?: number;
  };
  readonly budget?: { readonly usdPerDay?: number; readonly usdPerMonth?: number };
  readonly tasksPerNode: number;
  readonly maxNodeVcpu?: number;
  readonly ordering: 'fifo' | 'priority' | 'fair-share';
  readonly placement: 'least-cost' | 'spread' | 'least-allocated' | 'most-allocated' | 'balanced';
  readonly learningStyle: 'reactive' | 'scheduled' | 'predictive' | 'adaptive';
  readonly idleAfterSeconds: number;
  readonly default: boolean;
  readonly priority: number;
  readonly lossesMax?: number;
  readonly objective: 'cost-over-time' | 'cost-now';
  readonly patienceSeconds?: number;
  readonly lifetimes: 'learned' | 'off';
  readonly historyDays: number;
  readonly forecastQuantile: number;
  readonly accepts: readonly string[];
  readonly disruption?: {
    readonly drift: boolean;
    readonly expireAfterSeconds?: number;
    readonly consolidation?: { readonly calmSeconds?: number; readonly apartSeconds?: number };
    readonly maxDrainSeconds?: number;
    readonly budgets?: readonly {
      readonly nodes?: number;
      readonly percent?: number;
      readonly methods?: readonly string[];
      readonly schedule?: string;
      readonly timeZone?: string;
      readonly durationSeconds?: number;
    }[];
  };
  readonly alarms?: readonly {
    readonly alarmName: string;
    readonly addNodes?: number;
    readonly removeNodes?: number;
    readonly cooldownSeconds: number;
    /** The last that CloudWatch said; absent until it says something. */
    readonly state?: string;
    /** RFC 3339, UTC */
    readonly since?: string;
    readonly actedAt?: string | null;
  }[];
  /** As declared; and, where one pool is shown, what it keeps. */
  readonly headroom?: {
    readonly vcpu?: number;
    readonly memoryMib?: number;
    readonly gpu?: number;
    readonly nodes?: number;
    /** Nodes kept without work now: declared, and by alarms. */
    readonly floorNodes?: number;
    /** What set the floor of alarms last. */
    readonly alarmName?: string | null;
    readonly reason?: string | null;
    /** Why the floor is not reached, as of the last tick; null where it is. */
    readonly lacking?: string | null;
  };
  readonly policies?: readonly (
    | { readonly kind: 'manual'; readonly name: string; readonly nodes: number }
    | {
        readonly kind: 'schedule';
        readonly name: string;
        readonly timeZone: string;
        /** Each sets the nodes when its time comes, until the next of them. */
        readonly entries: readonly {
          /** Minute, hour, day of month, month, day of week, e.g. "0 8 * * 1-5". */
          readonly cron: string;
          readonly nodes: number;
        }[];
      }
    | {
        readonly kind: 'step';
        readonly name: string;
        /** By what CloudWatch has; unless given by the demand of the pool. */
        readonly metric?: 'cloudwatch';
        /** Which metric of CloudWatch. */
        readonly cloudwatch?: CloudWatchMetricOutput;
        /** By demand in vCPU, waiting and running (`fromVcpu`), or by the metric (`from`). */
        readonly steps: readonly { readonly fromVcpu?: number; readonly from?: number; readonly nodes: number }[];
      }
    | {
        readonly kind: 'target';
        readonly name: string;
        /** By what CloudWatch has; unless given by the demand of the pool. */
        readonly metric?: 'cloudwatch';
        /** Which metric of CloudWatch. */
        readonly cloudwatch?: CloudWatchMetricOutput;
        /** One node of headroom for so much demand, waiting and running. */
        readonly vcpuPerNode?: number;
        /** One node of headroom for so much of the metric. */
        readonly target?: number;
        readonly tolerance?: number;
      }
  )[];
  readonly tenants?: readonly string[];
  readonly nodesServe: 'one-tenant' | 'any-tenant';
  readonly role?: string;
  readonly roles?: readonly { readonly role: string; readonly tenants?: readonly string[] }[];
  readonly secrets?: readonly { readonly from: string; readonly tenants?: readonly string[] }[];
  readonly targetGroups?: readonly { readonly arn: string; readonly tenants?: readonly string[] }[];
  readonly prices?: readonly {
    readonly instanceType: string;
    readonly zone?: string;
    readonly capacityType?: 'spot' | 'on-demand';
    readonly usdPerHour?: number;
    readonly discountPercent?: number;
  }[];
  readonly commitments?: readonly (
    | {
        readonly kind: 'capacity-reservation';
        /** As EC2 gave it; unique in the pool. */
        readonly id: string;
        readonly instanceType: string;
        readonly count: number;
        /** What each costs, used or not; what the type costs on demand unless given. */
        readonly usdPerHour?: number;
        readonly zone: string;
        /** When it begins, of one that has not. */
        readonly from?: string;
        /** When it ends: from then on it is ignored. */
        readonly until?: string;
      }
    | {
        readonly kind: 'capacity-block';
        /** As EC2 gave it; unique in the pool. */
        readonly id: string;
        readonly instanceType: string;
        readonly count: number;
        /** What each costs, used or not; what the type costs on demand unless given. */
        readonly usdPerHour?: number;
        readonly zone: string;
        /** When it begins. */
        readonly from: string;
        /**
         * When it ends. EC2 terminates what is in it half an hour before; nothing is launched in its last
         * hour.
         */
        readonly until: string;
      }
    | {
        readonly kind: 'reserved-instances';
        /** Unique in the pool, e.g. the id that EC2 gave it. */
        readonly name: string;
        readonly instanceType: string;
        readonly count: number;
        /** What each costs, used or not; what the type costs on demand unless given. */
        readonly usdPerHour?: number;
        /** Every zone unless given. */
        readonly zone?: string;
        /** When it ends: from then on it is ignored. */
        readonly until?: string;
      }
    | {
        readonly kind: 'savings-plan';
        /** Unique in the pool, e.g. the id that EC2 gave it. */
        readonly name: string;
        /** What is committed, after the discount. */
        readonly usdPerHour: number;
        /** Off the price that would be paid otherwise. */
        readonly discountPercent: number;
        /** Any unless given. */
        readonly instanceFamily?: string;
        /** When it ends: from then on it is ignored. */
        readonly until?: string;
      }
  )[];
  /** Where it has commitments: how far each is used. */
  readonly commitmentUse?: readonly {
    /** Of a capacity reservation or block: its id. */
    readonly name: string;
    /** Instances, or USD per hour after the discount, as of the last tick. */
    readonly used: number;
    readonly of: number;
    /** The same, on average since midnight (UTC). */
    readonly meanToday: number;
    /** It has ended, and is ignored. */
    readonly ended: boolean;
    /** Why EC2 launches nothing into it now, and the cure. */
    readonly refused?: string;
  }[];
  readonly onDemand?: OnDemandShareOutput;
  readonly shadow?: {
    readonly requirements?: {
      readonly instanceCategory?: readonly string[];
      readonly instanceFamily?: readonly string[];
      readonly instanceType?: readonly string[];
      readonly arch?: readonly string[];
      readonly zone?: readonly string[];
      readonly capacityType?: readonly string[];
      readonly cpuManufacturer?: readonly string[];
      readonly hypervisor?: readonly string[];
      readonly gpuManufacturer?: readonly string[];
      readonly gpuName?: readonly string[];
      readonly burstable?: boolean;
      readonly bareMetal?: boolean;
      readonly minInstanceGeneration?: number;
      readonly minGpuMemoryMib?: number;
      readonly minLocalDiskGib?: number;
      readonly minNetworkGbps?: number;
      readonly matchExpressions?: readonly {
        readonly key:
          | 'acceleratorCount'
          | 'acceleratorManufacturer'
          | 'acceleratorName'
          | 'arch'
          | 'bareMetal'
          | 'burstable'
          | 'capacityType'
          | 'cpuManufacturer'
          | 'currentGeneration'
          | 'gpuCount'
          | 'gpuManufacturer'
          | 'gpuMemoryMib'
          | 'gpuName'
          | 'hypervisor'
          | 'instanceCategory'
          | 'instanceFamily'
          | 'instanceGeneration'
          | 'instanceSize'
          | 'instanceType'
          | 'localDiskGib'
          | 'memoryMib'
          | 'networkMbps'
          | 'vcpu'
          | 'zone';
        readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
        readonly values: readonly string[];
      }[];
    };
    readonly tasksPerNode?: number;
    readonly maxNodeVcpu?: number;
    readonly ordering?: 'fifo' | 'priority' | 'fair-share';
    readonly placement?: 'least-cost' | 'spread' | 'least-allocated' | 'most-allocated' | 'balanced';
    readonly idleAfterSeconds?: number;
    readonly objective?: 'cost-over-time' | 'cost-now';
    readonly patienceSeconds?: number;
    readonly onDemand?: OnDemandShareOutput;
    readonly disruption?: {
      readonly drift: boolean;
      readonly expireAfterSeconds?: number;
      readonly consolidation?: { readonly calmSeconds?: number; readonly apartSeconds?: number };
      readonly maxDrainSeconds?: number;
      readonly budgets?: readonly {
        readonly nodes?: number;
        readonly percent?: number;
        readonly methods?: readonly string[];
        readonly schedule?: string;
        readonly timeZone?: string;
        readonly durationSeconds?: number;
      }[];
    };
  };
  readonly warm?: {
    readonly running: number;
    readonly stopped: number;
    readonly instanceType?: string;
    readonly zone?: string;
    readonly image?: string;
    readonly needs?: {
      readonly vcpu?: number;
      readonly memoryMib?: number;
      readonly gpu?: number;
      readonly arch?: string;
      readonly localDiskGib?: number;
      readonly networkGbps?: number;
    };
  };
  readonly warmNodes?: {
    readonly stopped: number;
    readonly minStopped?: number;
    readonly expireAfterSeconds: number;
    /** Why fewer than minStopped are ready, as of the last tick; absent where they are, or are bought. */
    readonly lacking?: string;
  };
  /** RFC 3339, UTC */
  readonly createdAt: string;
  /** RFC 3339, UTC */
  readonly updatedAt: string;
  /** Set while the pool is being deleted. */
  readonly deletingSince: string | null;
  /** It buys nothing until it is resumed. */
  readonly paused?: {
    readonly by: string;
    /** RFC 3339, UTC */
    readonly since: string;
  };
  /** Where one pool is shown: since when it is due to tick; null: it is not. */
  readonly dueSince?: string | null;
  /**
   * Its stored record cannot be read, for this reason: it takes and does nothing until it is declared
   * anew.
   */
  readonly quarantine?: string;
};

export type NodeWhy = {
  readonly node: Node;
  readonly summary: string;
  /** When time alone may take it; null: only something that happens. */
  readonly mayGoAt: string | null;
  readonly methods: readonly {
    readonly method: string;
    /** It takes the node at the next tick. */
    readonly takes: boolean;
    readonly reason: string;
    /** When it may change its mind though nothing happens. */
    readonly at: string | null;
  }[];
};

export type Node = {
  readonly id: string;
  readonly pool: string;
  readonly state: 'launching' | 'ready' | 'stopping' | 'stopped' | 'starting' | 'draining' | 'terminating';
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: 'spot' | 'on-demand';
  readonly priceUsdPerHour: number;
  readonly launchId: string;
  readonly allocatable: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
  readonly used: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
  readonly tasks: number;
  readonly tasksMax: number;
  /** RFC 3339, UTC */
  readonly createdAt: string;
  readonly readyAt: string | null;
  readonly lastSeenAt: string | null;
  readonly drainReason: string | null;
  /** EC2 takes the node then; it takes tasks until 15 minutes before. */
  readonly announced: {
    readonly reason: string;
    /** RFC 3339, UTC */
    readonly at: string;
  } | null;
  /** It takes no new tasks, and stays. */
  readonly cordoned: {
    readonly by: string;
    /** RFC 3339, UTC */
    readonly at: string;
  } | null;
  /** It drains, and tasks that run then are stopped and queued again. */
  readonly stopsTasksAt: string | null;
  /** The tasks on it; where it is asked for. */
  readonly assigned?: readonly {
    /** null: to callers who are no operators. */
    readonly request: string | null;
    readonly index: number;
    readonly attempt: number;
    readonly vcpu: number;
    readonly memoryMib: number;
    readonly gpu: number;
    /** RFC 3339, UTC */
    readonly placedAt: string;
    readonly startedAt: string | null;
  }[];
  /** How it started: seconds since it was launched; where it is asked for. */
  readonly start?: readonly {
    readonly step: 'launched' | 'kernel' | 'user data' | 'runtime' | 'agent' | 'first sync' | 'first task';
    /** RFC 3339, UTC */
    readonly at: string;
    readonly seconds: number;
  }[];
};

export type NodeList = { readonly items: readonly Node[]; readonly nextCursor: string | null };

export type ActivityList = {
  readonly items: readonly {
    /** RFC 3339, UTC */
    readonly at: string;
    readonly code: string;
    readonly message: string;
    readonly nodeId: string | null;
    readonly launchId: string | null;
    readonly instanceType: string | null;
    readonly zone: string | null;
    readonly capacityType: string | null;
    readonly priceUsdPerHour: number | null;
    /** Who did it, where a person did. */
    readonly principal?: string;
  }[];
  readonly nextCursor: string | null;
};

export type EventList = {
  readonly items: readonly Event[];
  /** null: there is no more at present. */
  readonly nextCursor: string | null;
  /** As `cursor` it goes on from here: what happens later, too. */
  readonly position: string;
};

export type Event = {
  /** Of what happened: an event may come twice, and has the same id then. */
  readonly id: string;
  /**
   * `TaskEnded`: a request of tasks, of an array once all have ended. `RequestEnded`: a claim.
   * `LeaseEnding`: once per lease, before it ends.
   */
  readonly type: 'RequestAccepted' | 'RequestEnded' | 'LeaseEnding' | 'TaskEnded' | 'NodeLaunched' | 'NodeTerminated';
  /** When it happened; the list is in the order in which events became known. */
  readonly at: string;
  readonly pool: string;
  /** Of events of requests, as are the next two. */
  readonly requestId?: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly requestType?: 'task' | 'virtual_machine' | 'storage' | 'network';
  /** RequestAccepted: how many tasks. */
  readonly count?: number;
  /** TaskEnded, RequestEnded. */
  readonly state?:
    'pending' | 'running' | 'active' | 'releasing' | 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'released';
  readonly reason?: string | null;
  /** RFC 3339, UTC */
  readonly leaseEndsAt?: string;
  /** Of events of nodes. */
  readonly nodeId?: string;
  readonly instanceType?: string;
  readonly zone?: string;
  readonly capacityType?: string;
  readonly priceUsdPerHour?: number;
};

export type WebhookList = { readonly items: readonly Webhook[] };

export type Webhook = {
  readonly name: string;
  readonly url: string;
  readonly types?: readonly (
    'RequestAccepted' | 'RequestEnded' | 'LeaseEnding' | 'TaskEnded' | 'NodeLaunched' | 'NodeTerminated'
  )[];
  readonly pool?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** RFC 3339, UTC */
  readonly createdAt: string;
  /** RFC 3339, UTC */
  readonly updatedAt: string;
  /** Since it was declared. */
  readonly delivered: number;
  readonly lastDeliveredAt: string | null;
  /** null: the last delivery succeeded. */
  readonly failingSince: string | null;
  /** Until then an endpoint that fails is not called. */
  readonly nextTryAt: string | null;
  /** Of the last delivery. */
  readonly error: string | null;
  /**
   * What was written between these may be lost: it was older than events are kept for when its turn
   * came. Said until a replay, which sends again what is kept.
   */
  readonly missed: {
    /** RFC 3339, UTC */
    readonly from: string;
    /** RFC 3339, UTC */
    readonly until: string;
  } | null;
  /**
   * Why it is sent nothing: how far it is cannot be read. A replay says from when on it is sent what
   * happened.
   */
  readonly setAside: string | null;
  /** Of each secret that signs, the present one first: until when; null: for good. */
  readonly secretsEnd: readonly (string | null)[];
};

export type DeclaredWebhook = {
  readonly name: string;
  readonly url: string;
  readonly types?: readonly (
    'RequestAccepted' | 'RequestEnded' | 'LeaseEnding' | 'TaskEnded' | 'NodeLaunched' | 'NodeTerminated'
  )[];
  readonly pool?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** RFC 3339, UTC */
  readonly createdAt: string;
  /** RFC 3339, UTC */
  readonly updatedAt: string;
  /** Since it was declared. */
  readonly delivered: number;
  readonly lastDeliveredAt: string | null;
  /** null: the last delivery succeeded. */
  readonly failingSince: string | null;
  /** Until then an endpoint that fails is not called. */
  readonly nextTryAt: string | null;
  /** Of the last delivery. */
  readonly error: string | null;
  /**
   * What was written between these may be lost: it was older than events are kept for when its turn
   * came. Said until a replay, which sends again what is kept.
   */
  readonly missed: {
    /** RFC 3339, UTC */
    readonly from: string;
    /** RFC 3339, UTC */
    readonly until: string;
  } | null;
  /**
   * Why it is sent nothing: how far it is cannot be read. A replay says from when on it is sent what
   * happened.
   */
  readonly setAside: string | null;
  /** Of each secret that signs, the present one first: until when; null: for good. */
  readonly secretsEnd: readonly (string | null)[];
  /** Of a new one. */
  readonly secret?: string;
};

export type RotatedWebhook = {
  readonly name: string;
  readonly url: string;
  readonly types?: readonly (
    'RequestAccepted' | 'RequestEnded' | 'LeaseEnding' | 'TaskEnded' | 'NodeLaunched' | 'NodeTerminated'
  )[];
  readonly pool?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** RFC 3339, UTC */
  readonly createdAt: string;
  /** RFC 3339, UTC */
  readonly updatedAt: string;
  /** Since it was declared. */
  readonly delivered: number;
  readonly lastDeliveredAt: string | null;
  /** null: the last delivery succeeded. */
  readonly failingSince: string | null;
  /** Until then an endpoint that fails is not called. */
  readonly nextTryAt: string | null;
  /** Of the last delivery. */
  readonly error: string | null;
  /**
   * What was written between these may be lost: it was older than events are kept for when its turn
   * came. Said until a replay, which sends again what is kept.
   */
  readonly missed: {
    /** RFC 3339, UTC */
    readonly from: string;
    /** RFC 3339, UTC */
    readonly until: string;
  } | null;
  /**
   * Why it is sent nothing: how far it is cannot be read. A replay says from when on it is sent what
   * happened.
   */
  readonly setAside: string | null;
  /** Of each secret that signs, the present one first: until when; null: for good. */
  readonly secretsEnd: readonly (string | null)[];
  /** Only here and only now. Deliveries are signed with it as Standard Webhooks says: docs/events.md. */
  readonly secret: string;
};

export type DeliveryList = {
  readonly items: readonly {
    readonly eventId: string;
    /**
     * `TaskEnded`: a request of tasks, of an array once all have ended. `RequestEnded`: a claim.
     * `LeaseEnding`: once per lease, before it ends.
     */
    readonly type: 'RequestAccepted' | 'RequestEnded' | 'LeaseEnding' | 'TaskEnded' | 'NodeLaunched' | 'NodeTerminated';
    readonly requestId?: string;
    readonly nodeId?: string;
    readonly state: 'waiting' | 'dead';
    readonly tries: number;
    /** When it was tried first. */
    readonly since: string;
    readonly nextTryAt: string | null;
    readonly error: string | null;
  }[];
  readonly nextCursor: string | null;
};

export type ReplayedWebhook = {
  readonly name: string;
  readonly url: string;
  readonly types?: readonly (
    'RequestAccepted' | 'RequestEnded' | 'LeaseEnding' | 'TaskEnded' | 'NodeLaunched' | 'NodeTerminated'
  )[];
  readonly pool?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** RFC 3339, UTC */
  readonly createdAt: string;
  /** RFC 3339, UTC */
  readonly updatedAt: string;
  /** Since it was declared. */
  readonly delivered: number;
  readonly lastDeliveredAt: string | null;
  /** null: the last delivery succeeded. */
  readonly failingSince: string | null;
  /** Until then an endpoint that fails is not called. */
  readonly nextTryAt: string | null;
  /** Of the last delivery. */
  readonly error: string | null;
  /**
   * What was written between these may be lost: it was older than events are kept for when its turn
   * came. Said until a replay, which sends again what is kept.
   */
  readonly missed: {
    /** RFC 3339, UTC */
    readonly from: string;
    /** RFC 3339, UTC */
    readonly until: string;
  } | null;
  /**
   * Why it is sent nothing: how far it is cannot be read. A replay says from when on it is sent what
   * happened.
   */
  readonly setAside: string | null;
  /** Of each secret that signs, the present one first: until when; null: for good. */
  readonly secretsEnd: readonly (string | null)[];
  /** Dead letters that are delivered again. */
  readonly replayed: number;
  /** From when on all is sent again: not what is kept no longer. null: dead letters are. */
  readonly since: string | null;
};

export type ServiceList = { readonly items: readonly ServiceView[]; readonly nextCursor: string | null };

export type ServiceView = {
  readonly name: string;
  readonly pool: string;
  readonly tenant: string;
  /** How many are wanted. */
  readonly replicas: number;
  /**
   * The fewest replicas that policies may want; 1 unless given. 0 only with a policy that moves it from
   * there.
   */
  readonly min?: number;
  /** The most that they may want; goes with policies. */
  readonly max?: number;
  /**
   * What moves the count: the largest of what they want, and it goes in only when all agree
   * (docs/services.md).
   */
  readonly policies?: readonly (
    | { readonly kind: 'manual'; readonly name: string; readonly replicas: number }
    | {
        readonly kind: 'schedule';
        readonly name: string;
        readonly timeZone: string;
        /** Each sets the replicas when its time comes, until the next of them. */
        readonly entries: readonly {
          /** Minute, hour, day of month, month, day of week, e.g. "0 8 * * 1-5". */
          readonly cron: string;
          readonly replicas: number;
        }[];
      }
    | {
        readonly kind: 'step';
        readonly name: string;
        /**
         * `waiting`: the tenant's tasks that wait in the pool. `cpu`, `memory`: what replicas use, in percent
         * of what the template asks for. `reported`: what PUT /v1/services/{name}/metrics/{metric} was told.
         * `cloudwatch`: what CloudWatch has.
         */
        readonly metric: 'waiting' | 'cpu' | 'memory' | 'reported' | 'cloudwatch';
        /** The name of a metric that is reported. */
        readonly reported?: string;
        /** Which metric of CloudWatch. */
        readonly cloudwatch?: CloudWatchMetricOutput;
        /** Of a reported one or one of CloudWatch: of all replicas together (the default), or of each. */
        readonly of?: 'total' | 'average';
        /** What the last one says that the metric has reached. */
        readonly steps: readonly { readonly from: number; readonly replicas: number }[];
      }
    | {
        readonly kind: 'target';
        readonly name: string;
        /**
         * `waiting`: the tenant's tasks that wait in the pool. `cpu`, `memory`: what replicas use, in percent
         * of what the template asks for. `reported`: what PUT /v1/services/{name}/metrics/{metric} was told.
         * `cloudwatch`: what CloudWatch has.
         */
        readonly metric: 'waiting' | 'cpu' | 'memory' | 'reported' | 'cloudwatch';
        /** The name of a metric that is reported. */
        readonly reported?: string;
        /** Which metric of CloudWatch. */
        readonly cloudwatch?: CloudWatchMetricOutput;
        /** Of a reported one or one of CloudWatch: of all replicas together (the default), or of each. */
        readonly of?: 'total' | 'average';
        readonly target: number;
        readonly tolerance?: number;
      }
    | {
        readonly kind: 'alarm';
        readonly name: string;
        readonly alarmName: string;
        readonly addReplicas?: number;
        readonly removeReplicas?: number;
        /**
         * So many instead where the metric is so far beyond the threshold, by the most of the datapoints that
         * CloudWatch names.
         */
        readonly steps?: readonly { readonly from: number; readonly replicas: number }[];
        readonly cooldownSeconds: number;
      }
  )[];
  /**
   * reactive unless given. scheduled: one of the policies is a schedule. predictive: what they want is
   * forecast, and replicas are started before (docs/services.md).
   */
  readonly learningStyle?: 'reactive' | 'scheduled' | 'predictive';
  /** Predictive: replicas for what is wanted at most in this share of the cases; 0.9 unless given. */
  readonly forecastQuantile?: number;
  /**
   * How fast the count moves. Unless given: at once, and where a policy goes by a metric as the
   * Kubernetes Horizontal Pod Autoscaler does unless told otherwise.
   */
  readonly behaviour?: {
    readonly out: {
      /** The most careful of what was wanted in that time counts. */
      readonly stabilizationSeconds: number;
      /** Which of the rates binds: the one that allows the most, or the least. Or: it never moves. */
      readonly select: 'max' | 'min' | 'disabled';
      /** By so much in so many seconds. None: nothing bounds it. */
      readonly rates: readonly {
        readonly replicas?: number;
        readonly percent?: number;
        readonly periodSeconds: number;
      }[];
    };
    readonly in: {
      /** The most careful of what was wanted in that time counts. */
      readonly stabilizationSeconds: number;
      /** Which of the rates binds: the one that allows the most, or the least. Or: it never moves. */
      readonly select: 'max' | 'min' | 'disabled';
      /** By so much in so many seconds. None: nothing bounds it. */
      readonly rates: readonly {
        readonly replicas?: number;
        readonly percent?: number;
        readonly periodSeconds: number;
      }[];
    };
  };
  /** How many serve, whatever their template. */
  readonly ready: number;
  /** How many of these have the present template. */
  readonly current: number;
  /** How many wait for a node, start there, or are not healthy. */
  readonly pending: number;
  /** How many are drained or stopped. */
  readonly stopping: number;
  readonly revision: number;
  /** Oldest first. */
  readonly revisions: readonly {
    readonly number: number;
    /** RFC 3339, UTC */
    readonly createdAt: string;
  }[];
  readonly template: AskedTemplate;
  readonly update: {
    readonly maxUnavailable: number;
    readonly maxSurge: number;
    readonly order: 'start-first' | 'stop-first';
    readonly minHealthySeconds: number;
    readonly progressSeconds: number;
    readonly rollback: boolean;
  };
  /** How the present revision takes its place. */
  readonly rollout: {
    readonly state: 'running' | 'done' | 'failed' | 'rolling-back' | 'rolled-back';
    readonly revision: number;
    /** What it goes back to when it fails. */
    readonly from: number | null;
    /** RFC 3339, UTC */
    readonly startedAt: string;
    readonly failures: number;
    readonly reason: string | null;
  };
  readonly drainSeconds: number;
  readonly targetGroups?: readonly {
    readonly arn: string;
    readonly port: string;
    /** How many replicas are registered. */
    readonly registered: number;
    /** How many of them the group has as healthy, as last looked at. */
    readonly healthy: number;
    readonly lookedAt: string | null;
    /** Which calls fail, why, and what to do. */
    readonly troubles: readonly {
      readonly call: string;
      readonly code: string;
      readonly message: string;
      /** RFC 3339, UTC */
      readonly since: string;
    }[];
  }[];
  /** RFC 3339, UTC */
  readonly createdAt: string;
  /** RFC 3339, UTC */
  readonly updatedAt: string;
  readonly deletingSince: string | null;
  /** Why nothing is decided about it; null: it is looked after. */
  readonly reason: string | null;
};

export type AskedTemplate = {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly shell?: string;
  readonly image?: string;
  /** The names of the variables; values are not shown. */
  readonly env?: readonly string[];
  readonly resources?: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
  readonly needs?: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
  readonly capacityType?: string;
  readonly requirements?: {
    readonly instanceCategory?: readonly string[];
    readonly instanceFamily?: readonly string[];
    readonly instanceType?: readonly string[];
    readonly arch?: readonly string[];
    readonly zone?: readonly string[];
    readonly capacityType?: readonly string[];
    readonly cpuManufacturer?: readonly string[];
    readonly hypervisor?: readonly string[];
    readonly gpuManufacturer?: readonly string[];
    readonly gpuName?: readonly string[];
    readonly burstable?: boolean;
    readonly bareMetal?: boolean;
    readonly minInstanceGeneration?: number;
    readonly minGpuMemoryMib?: number;
    readonly minLocalDiskGib?: number;
    readonly minNetworkGbps?: number;
    readonly matchExpressions?: readonly {
      readonly key:
        | 'acceleratorCount'
        | 'acceleratorManufacturer'
        | 'acceleratorName'
        | 'arch'
        | 'bareMetal'
        | 'burstable'
        | 'capacityType'
        | 'cpuManufacturer'
        | 'currentGeneration'
        | 'gpuCount'
        | 'gpuManufacturer'
        | 'gpuMemoryMib'
        | 'gpuName'
        | 'hypervisor'
        | 'instanceCategory'
        | 'instanceFamily'
        | 'instanceGeneration'
        | 'instanceSize'
        | 'instanceType'
        | 'localDiskGib'
        | 'memoryMib'
        | 'networkMbps'
        | 'vcpu'
        | 'zone';
      readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
      readonly values: readonly string[];
    }[];
  };
  readonly priority?: number;
  readonly retries?: number;
  readonly lossesMax?: number;
  readonly timeoutSeconds?: number;
  readonly deadlineSeconds?: number;
  readonly leaseSeconds?: number;
  readonly expectedDurationSeconds?: number;
  readonly group?: string;
  readonly gang?: boolean;
  readonly spread?: readonly { readonly topology: 'zone' | 'node'; readonly group: string; readonly maxSkew: number }[];
  readonly affinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
  readonly antiAffinity?: readonly { readonly topology: 'zone' | 'node'; readonly group: string }[];
  readonly preferences?: readonly {
    readonly requirements: {
      readonly instanceCategory?: readonly string[];
      readonly instanceFamily?: readonly string[];
      readonly instanceType?: readonly string[];
      readonly arch?: readonly string[];
      readonly zone?: readonly string[];
      readonly capacityType?: readonly string[];
      readonly cpuManufacturer?: readonly string[];
      readonly hypervisor?: readonly string[];
      readonly gpuManufacturer?: readonly string[];
      readonly gpuName?: readonly string[];
      readonly burstable?: boolean;
      readonly bareMetal?: boolean;
      readonly minInstanceGeneration?: number;
      readonly minGpuMemoryMib?: number;
      readonly minLocalDiskGib?: number;
      readonly minNetworkGbps?: number;
      readonly matchExpressions?: readonly {
        readonly key:
          | 'acceleratorCount'
          | 'acceleratorManufacturer'
          | 'acceleratorName'
          | 'arch'
          | 'bareMetal'
          | 'burstable'
          | 'capacityType'
          | 'cpuManufacturer'
          | 'currentGeneration'
          | 'gpuCount'
          | 'gpuManufacturer'
          | 'gpuMemoryMib'
          | 'gpuName'
          | 'hypervisor'
          | 'instanceCategory'
          | 'instanceFamily'
          | 'instanceGeneration'
          | 'instanceSize'
          | 'instanceType'
          | 'localDiskGib'
          | 'memoryMib'
          | 'networkMbps'
          | 'vcpu'
          | 'zone';
        readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
        readonly values: readonly string[];
      }[];
    };
    readonly maxExtraUsdPerHour: number;
  }[];
  readonly disruption?: {
    readonly mode: 'never' | 'restart' | 'checkpoint';
    readonly signal?: string;
    readonly costUsd?: number;
    readonly graceSeconds?: number;
    readonly maxDrainSeconds?: number;
  };
  readonly ports?: readonly { readonly name: string; readonly port?: number; readonly container?: number }[];
  readonly health?: {
    readonly http?: { readonly port: string; readonly path: string };
    readonly tcp?: { readonly port: string };
    readonly command?: readonly string[];
    readonly startPeriodSeconds: number;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
  };
  readonly preStop?: { readonly command: readonly string[] };
  readonly memoryGrowth?: number;
  readonly memoryMaxMib?: number;
  readonly imageCredentials?: { readonly secret?: string; readonly role?: string };
  /** Where they are kept; values are nowhere here. */
  readonly secrets?: readonly { readonly name: string; readonly from: string; readonly as: 'env' | 'file' }[];
  readonly inputs?: readonly {
    readonly upload?: string;
    readonly url?: string;
    readonly path: string;
    readonly sha256?: string;
    readonly unpack?: true;
  }[];
  readonly artifacts?: readonly string[];
  readonly output?: { readonly keepMib: number };
  readonly mounts?: readonly { readonly request: string; readonly path?: string }[];
  readonly subnetId?: string;
  readonly keyPair?: string;
  readonly role?: string;
  readonly zone?: string;
  readonly attachTo?: string;
  readonly sizeGib?: number;
  readonly iops?: number;
  readonly throughputMibps?: number;
  readonly volumeType?: string;
  readonly snapshotId?: string;
  readonly onRelease?: string;
  /** Where replicas are virtual machines. */
  readonly machine?: Asked;
};

export type ServiceWhy = {
  /** How many are wanted. */
  readonly replicas: number;
  /** What the policies together want now, within min and max. */
  readonly wanted: number;
  readonly reason: string;
  readonly policies: readonly {
    readonly policy: string;
    /** null: it has no data, and does not agree to go in. */
    readonly wanted: number | null;
    /** It wants nothing, and agrees to whatever the others want. Absent: as `wanted` says. */
    readonly agrees?: true;
    readonly reason: string;
  }[];
  /** Which calls of its target groups fail, and what to do. */
  readonly troubles: readonly string[];
};

export type ServiceForecast = {
  readonly learningStyle: 'reactive' | 'scheduled' | 'predictive';
  /** It is predictive, and enough is known. */
  readonly acts: boolean;
  /** What the forecast wants, or what is missing. */
  readonly reason: string;
  /** How long a node boots and a replica starts: so far ahead is forecast. */
  readonly leadSeconds: number;
  /** `wantedReplicas` is not passed in this share of the cases. */
  readonly quantile: number;
  /** What its policies want now, before bounds and rates; null: no metric has data. */
  readonly demandReplicas: number | null;
  /** null: too little is known. */
  readonly method: string | null;
  readonly lowReplicas: number | null;
  readonly expectedReplicas: number | null;
  readonly wantedReplicas: number | null;
  /** Past accuracy by a rolling back-test, the best first. */
  readonly methods: readonly {
    readonly method: string;
    /** What no method that is acted on is worse than. */
    readonly naive: boolean;
    /** Mean absolute error one lead time ahead, the last day most. */
    readonly meanErrorReplicas: number;
    /** Of how many forecasts. */
    readonly steps: number;
  }[];
};

/** As it is known now. */
export type Metric = {
  readonly metric: string;
  readonly value: number;
  /** RFC 3339, UTC */
  readonly at: string;
};

export type ReplicaList = { readonly items: readonly Replica[]; readonly nextCursor: string | null };

export type Replica = {
  /** Its request: logs, timeline and tasks are found under it. */
  readonly request: string;
  readonly slot: number;
  readonly revision: number;
  readonly state: 'pending' | 'starting' | 'ready' | 'unhealthy' | 'stopping' | 'gone';
  /** What it waits for, or why it stops. */
  readonly reason: string | null;
  /** How often in a row what ran in its place ended by itself. */
  readonly crashes: number;
  readonly startedAt: string | null;
  readonly node: { readonly id: string; readonly instanceType: string; readonly zone: string } | null;
  /** The virtual machine that it is; null: it is a task, or EC2 has not made it yet. */
  readonly machine: {
    readonly id: string;
    readonly instanceType: string;
    readonly zone: string;
    readonly publicAddress: string | null;
  } | null;
  /** Of its node, or the private one of its machine. */
  readonly address: string | null;
  /** Open on its node. */
  readonly ports: readonly { readonly name: string; readonly port: number }[];
};

/** The last 50, newest first. */
export type ServiceEvents = {
  readonly items: readonly {
    /** RFC 3339, UTC */
    readonly at: string;
    readonly code: string;
    readonly message: string;
  }[];
};

export type TenantList = { readonly items: readonly TenantView[] };

export type TenantView = {
  readonly name: string;
  readonly weight: number;
  readonly budget?: { readonly usdPerDay?: number; readonly usdPerMonth?: number };
  /** RFC 3339, UTC */
  readonly createdAt: string;
  /** RFC 3339, UTC */
  readonly updatedAt: string;
};

export type Lifetimes = {
  readonly lifetimes: 'learned' | 'off';
  /** What is taken for true before anything has ended. */
  readonly prior: { readonly p50Seconds: number; readonly p90Seconds: number; readonly meanSeconds: number };
  /** Widest first; classes of other tenants only for operators. */
  readonly classes: readonly {
    /** null: of all tenants. */
    readonly tenant: string | null;
    /** null: of all shapes. */
    readonly shape: string | null;
    /** The tasks' name; null: of all. */
    readonly name: string | null;
    /** What it rests on; old ends count less. */
    readonly ends: number;
    /** false: too few ends, so it mostly follows the wider class. */
    readonly hasEnough: boolean;
    readonly p50Seconds: number;
    readonly p90Seconds: number;
    readonly meanSeconds: number;
  }[];
};

export type DemandHistory = {
  /** null: nothing is known yet, or `historyDays` is 0. */
  readonly knownSince: string | null;
  readonly stepSeconds: number;
  /** The mean of each step, which begins at `at`; oldest first. */
  readonly items: readonly {
    /** RFC 3339, UTC */
    readonly at: string;
    readonly vcpu: number;
    readonly memoryMib: number;
    readonly gpu: number;
  }[];
};

export type PastTasks = {
  /**
   * In order of their ends, by the hour or so. A large array comes in several items, and after a failure
   * of the controller a later page may have a task again: `id` and `index` tell.
   */
  readonly items: readonly {
    readonly id: string;
    readonly tenant: string;
    readonly state: string;
    /** RFC 3339, UTC */
    readonly createdAt: string;
    readonly resources: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly group?: string;
    readonly priority: number;
    readonly deadlineSeconds?: number;
    readonly disruption?: 'never' | 'restart' | 'checkpoint';
    readonly zone?: readonly string[];
    readonly arch?: readonly string[];
    readonly capacityType?: readonly string[];
    /** The last attempt of each that ran. */
    readonly tasks: readonly {
      readonly index: number;
      /** RFC 3339, UTC */
      readonly startedAt: string;
      /** RFC 3339, UTC */
      readonly endedAt: string;
      /** Of the last attempt. */
      readonly node: {
        readonly id: string;
        readonly instanceType: string;
        readonly zone: string;
        readonly capacityType: 'spot' | 'on-demand';
        /** Of the whole node. */
        readonly priceUsdPerHour: number;
      } | null;
      readonly usage: { readonly memoryPeakMib: number | null; readonly cpuSeconds: number | null };
    }[];
  }[];
  readonly nextCursor: string | null;
};

export type Shortages = {
  readonly items: readonly {
    /** RFC 3339, UTC */
    readonly at: string;
    /** When the pool would have asked again; it did sooner where others came. */
    readonly until: string;
    /** Type, zone and capacity type, `*` for any. */
    readonly offering: string;
    /** EC2's. */
    readonly code: string;
  }[];
  readonly nextCursor: string | null;
};

export type Forecast = {
  readonly learningStyle: 'reactive' | 'scheduled' | 'predictive' | 'adaptive';
  /** The pool buys by it: its learning style is predictive or adaptive, and enough is known. */
  readonly acts: boolean;
  /** Why it is chosen, or what is missing. */
  readonly reason: string;
  /** How long a node boots, so far ahead is forecast. */
  readonly leadSeconds: number;
  /** `wantedVcpu` is not passed in this share of the cases. */
  readonly quantile: number;
  /** Of the last sample. */
  readonly demandVcpu: number;
  /** null: too little is known. */
  readonly method: string | null;
  readonly lowVcpu: number | null;
  readonly expectedVcpu: number | null;
  readonly wantedVcpu: number | null;
  /** Past accuracy by a rolling back-test, the best first. */
  readonly methods: readonly {
    readonly method: string;
    /** What no method that is acted on is worse than. */
    readonly naive: boolean;
    /** Mean absolute error one lead time ahead, the last day most. */
    readonly meanErrorVcpu: number;
    /** Of how many forecasts. */
    readonly steps: number;
  }[];
  /** What was learned of what the pool bought, the worst first; old news count less: docs/scaling.md. */
  readonly offerings: readonly {
    /** Type, zone and capacity type. */
    readonly offering: string;
    /** It counts so many times its price when nodes are chosen. */
    readonly factor: number;
    /** The least that what was learned allows for. */
    readonly hopefulFactor: number;
    /** Launches that EC2 had no capacity for. */
    readonly refusedLaunches: number;
    /** Nodes whose agent called. */
    readonly nodes: number;
    /** Nodes whose agent did not. */
    readonly neverCalled: number;
    /** Nodes that EC2 took though nobody asked for it. */
    readonly interruptions: number;
    readonly nodeHours: number;
    /** null: none of its nodes has booted. */
    readonly bootP50Seconds: number | null;
  }[];
};

export type Shadow = {
  /** null: the pool has no shadow. */
  readonly policy: {
    readonly requirements?: {
      readonly instanceCategory?: readonly string[];
      readonly instanceFamily?: readonly string[];
      readonly instanceType?: readonly string[];
      readonly arch?: readonly string[];
      readonly zone?: readonly string[];
      readonly capacityType?: readonly string[];
      readonly cpuManufacturer?: readonly string[];
      readonly hypervisor?: readonly string[];
      readonly gpuManufacturer?: readonly string[];
      readonly gpuName?: readonly string[];
      readonly burstable?: boolean;
      readonly bareMetal?: boolean;
      readonly minInstanceGeneration?: number;
      readonly minGpuMemoryMib?: number;
      readonly minLocalDiskGib?: number;
      readonly minNetworkGbps?: number;
      readonly matchExpressions?: readonly {
        readonly key:
          | 'acceleratorCount'
          | 'acceleratorManufacturer'
          | 'acceleratorName'
          | 'arch'
          | 'bareMetal'
          | 'burstable'
          | 'capacityType'
          | 'cpuManufacturer'
          | 'currentGeneration'
          | 'gpuCount'
          | 'gpuManufacturer'
          | 'gpuMemoryMib'
          | 'gpuName'
          | 'hypervisor'
          | 'instanceCategory'
          | 'instanceFamily'
          | 'instanceGeneration'
          | 'instanceSize'
          | 'instanceType'
          | 'localDiskGib'
          | 'memoryMib'
          | 'networkMbps'
          | 'vcpu'
          | 'zone';
        readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
        readonly values: readonly string[];
      }[];
    };
    readonly tasksPerNode?: number;
    readonly maxNodeVcpu?: number;
    readonly ordering?: 'fifo' | 'priority' | 'fair-share';
    readonly placement?: 'least-cost' | 'spread' | 'least-allocated' | 'most-allocated' | 'balanced';
    readonly idleAfterSeconds?: number;
    readonly objective?: 'cost-over-time' | 'cost-now';
    readonly patienceSeconds?: number;
    readonly onDemand?: OnDemandShareOutput;
    readonly disruption?: {
      readonly drift: boolean;
      readonly expireAfterSeconds?: number;
      readonly consolidation?: { readonly calmSeconds?: number; readonly apartSeconds?: number };
      readonly maxDrainSeconds?: number;
      readonly budgets?: readonly {
        readonly nodes?: number;
        readonly percent?: number;
        readonly methods?: readonly string[];
        readonly schedule?: string;
        readonly timeZone?: string;
        readonly durationSeconds?: number;
      }[];
    };
  } | null;
  /** null: no tick has looked at it yet. */
  readonly figures: {
    /** RFC 3339, UTC */
    readonly since: string;
    /** RFC 3339, UTC */
    readonly until: string;
    /** It does not go on, and begins anew then, or as soon as it can after that. */
    readonly stopped: {
      /** For operators. */
      readonly reason: string;
      /** RFC 3339, UTC */
      readonly again: string;
    } | null;
    readonly pool: {
      /** List prices of nodes, from launch to end, since then. */
      readonly usd: number;
      /** Of these, on spot. */
      readonly spotUsd: number;
      /** Of the nodes that are there. */
      readonly usdPerHour: number;
      readonly nodes: number;
      readonly launches: number;
      /** Nodes that went. */
      readonly ends: number;
      /** Attempts that were stopped by choice, to run again elsewhere. */
      readonly moves: number;
      /** Of those that were submitted since. */
      readonly tasksStarted: number;
      readonly tasksWaiting: number;
      /**
       * From submission to the first place on a node, of tasks submitted since. p50 and p95 are rounded up
       * to half an octave. null: none has started.
       */
      readonly waitSeconds: { readonly mean: number; readonly p50: number; readonly p95: number } | null;
    };
    readonly shadow: {
      /** List prices of nodes, from launch to end, since then. */
      readonly usd: number;
      /** Of these, on spot. */
      readonly spotUsd: number;
      /** Of the nodes that are there. */
      readonly usdPerHour: number;
      readonly nodes: number;
      readonly launches: number;
      /** Nodes that went. */
      readonly ends: number;
      /** Attempts that were stopped by choice, to run again elsewhere. */
      readonly moves: number;
      /** Of those that were submitted since. */
      readonly tasksStarted: number;
      readonly tasksWaiting: number;
      /**
       * From submission to the first place on a node, of tasks submitted since. p50 and p95 are rounded up
       * to half an octave. null: none has started.
       */
      readonly waitSeconds: { readonly mean: number; readonly p50: number; readonly p95: number } | null;
    };
    /** The shadow's less the pool's. */
    readonly difference: {
      readonly usd: number;
      /** Of the pool's cost; null: that is 0. */
      readonly percent: number | null;
      readonly meanWaitSeconds: number | null;
      readonly moves: number;
    };
    /** Ticks that had no time for all that it had to decide. */
    readonly cutShort: number;
  } | null;
  /** What the figures do not know. */
  readonly notes: readonly string[];
  readonly promote: string | null;
};

export type PoolWhy = {
  /** Kept without work now, for alarms, policies and as declared. */
  readonly headroomNodes: number;
  /** What the policies together want, within the limits. */
  readonly wanted: number;
  readonly reason: string;
  readonly policies: readonly {
    readonly policy: string;
    /** null: it has no data, and does not agree to go in. */
    readonly wanted: number | null;
    /** It wants nothing, and agrees to whatever the others want. Absent: as `wanted` says. */
    readonly agrees?: true;
    readonly reason: string;
  }[];
};

export type Plan = {
  readonly placements: readonly {
    readonly nodeId: string;
    readonly tasks: readonly { readonly requestId: string; readonly count: number }[];
  }[];
  /** One entry per node that would be bought. */
  readonly launches: readonly {
    readonly instanceType: string;
    readonly zone: string;
    readonly capacityType: 'spot' | 'on-demand';
    readonly priceUsdPerHour: number;
    /** memoryMib: of each. */
    readonly gpu: {
      readonly name: string;
      readonly manufacturer: string;
      readonly count: number;
      readonly memoryMib: number | null;
    } | null;
    readonly requestIds: readonly string[];
    readonly tasks: readonly { readonly requestId: string; readonly count: number }[];
    readonly reason: string;
  }[];
  /** List prices, and creditsUsdPerHour; without what is paid for. */
  readonly costUsdPerHour: number;
  /** List prices of nodes that commitments of the pool pay for. */
  readonly paidUsdPerHour: number;
  /**
   * Surplus CPU credits that the burstable types among them bill at full load, where not all their tasks
   * are bursty.
   */
  readonly creditsUsdPerHour: number;
  readonly lowerBoundUsdPerHour: number | null;
  readonly gapPercent: number | null;
  readonly coefficients: {
    readonly vcpuUsdPerHour: number;
    readonly memoryGibUsdPerHour: number;
    readonly gpuUsdPerHour: number;
  } | null;
  /** The server was too slow for all steps of the search: with more time the plan may be cheaper. */
  readonly isCutShort: boolean;
  /**
   * Requests that would make this plan a tenth cheaper or more if they asked for slightly less, usually
   * memory that is just over what a node leaves for tasks. For plans of up to 20 requests.
   */
  readonly advice: readonly { readonly requestId: string; readonly message: string }[];
  readonly unplaceable: readonly {
    readonly requestId: string;
    readonly count: number;
    readonly kind: 'unsatisfiable' | 'shortage' | 'limits' | 'constraints';
    readonly reasons: readonly string[];
  }[];
};

export type Stats = {
  /**
   * When the oldest of the figures of what is there was taken: those of a large pool are as its last
   * tick left them, also if that is long ago because nothing has happened since.
   */
  readonly figuresOf: string;
  /** Counts by state. */
  readonly requests: Readonly<Record<string, number>>;
  /** Of open requests; of arrays in large pools as of their last ticks. */
  readonly tasks: { readonly pending: number; readonly running: number };
  /** When the oldest request that waits, and is not set aside, was accepted; null: none waits. */
  readonly oldestPendingAt: string | null;
  /** Requests left aside because planning them failed. */
  readonly quarantined: number;
  /** Counts by state. */
  readonly nodes: Readonly<Record<string, number>>;
  readonly nodesByType: Readonly<Record<string, number>>;
  readonly launchedNodes: number;
  readonly goneNodes: number;
  /** What tasks may use of ready nodes. */
  readonly allocatable: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
  /** What tasks on ready nodes asked for. */
  readonly assigned: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
  /** Assigned over allocatable of ready nodes, 0 to 1; null without nodes. */
  readonly utilisation: { readonly cpu: number | null; readonly memory: number | null; readonly gpu: number | null };
  /** What pools have and reserve. */
  readonly usage: {
    readonly instances: number;
    readonly vcpu: number;
    readonly memoryMib: number;
    readonly usdPerHour: number;
  };
  /** Nodes without work that pools keep as declared or because of alarms: the sum of their floors. */
  readonly headroomNodes: number;
  /**
   * Of what runs and what is stored, kept volumes too: stopped machines count in usage, and cost their
   * disks only.
   */
  readonly usdPerHour: number;
  readonly spentUsd: number;
  /**
   * Claims now, by type, pool and tenant (to tenants all but their own is "(others)"); volumes at their
   * hourly rate. The type kept-volume is of volumes that wait for their next request. The tenant (warm)
   * is the warm pool.
   */
  readonly claimed?: readonly {
    readonly type: string;
    readonly pool: string;
    readonly tenant: string;
    readonly requests: number;
    readonly instances: number;
    readonly stopped: number;
    readonly volumeGib: number;
    readonly usdPerHour: number;
  }[];
  /**
   * Where offerings (with spot prices) and on-demand prices come from: "ec2", "price-list", "simulated",
   * or "packaged" figures that stand in until AWS has been asked.
   */
  readonly catalog: {
    readonly offerings: {
      readonly source: string;
      readonly region: string;
      readonly asOf: string;
      readonly ageSeconds: number;
    };
    readonly onDemandPrices: {
      readonly source: string;
      readonly region: string;
      readonly asOf: string;
      readonly ageSeconds: number;
    };
  };
  /** What each pool has, by name; of more than 100 the first. */
  readonly pools: readonly {
    readonly pool: string;
    readonly tasks: { readonly pending: number; readonly running: number };
    /** In all states. */
    readonly nodes: number;
    /** Nodes and machines, as limits count them. */
    readonly instances: number;
    readonly usdPerHour: number;
  }[];
  readonly latencyMs: {
    readonly acceptedToPlaced: {
      readonly p50: number | null;
      readonly p95: number | null;
      readonly p99: number | null;
      readonly count: number;
    };
    readonly placedToRunning: {
      readonly p50: number | null;
      readonly p95: number | null;
      readonly p99: number | null;
      readonly count: number;
    };
    readonly runningToEnded: {
      readonly p50: number | null;
      readonly p95: number | null;
      readonly p99: number | null;
      readonly count: number;
    };
  };
};

export type OpenMetrics = string;

export type Regret = {
  readonly pools: readonly {
    /** null: pools that are gone. */
    readonly pool: string | null;
    /** The last that had ends, in UTC. */
    readonly days: readonly {
      readonly day: string;
      /** That ended. */
      readonly nodes: number;
      /** Of these: records or types that could not be read. In no sum. */
      readonly notPriced: number;
      readonly usd: {
        /** The parts below together. */
        readonly paid: number;
        readonly boot: number;
        /** Of nodes on which nothing ran, after their boot. */
        readonly unused: number;
        /** Ready, and the first task had not started. */
        readonly idleHead: number;
        /** The last task had ended. */
        readonly idleTail: number;
        /** A cheaper type of the pool would have carried all; at least so much. */
        readonly size: number;
        /** Two nodes, one for what ended early, were cheaper; at least so much. */
        readonly lifetime: number;
        /** EC2 bills whole seconds, and 60 at least. */
        readonly billing: number;
        /** What the best node of hindsight costs while tasks ran. */
        readonly needed: number;
      };
    }[];
    /** All earlier days. */
    readonly before: {
      /** That ended. */
      readonly nodes: number;
      /** Of these: records or types that could not be read. In no sum. */
      readonly notPriced: number;
      readonly usd: {
        /** The parts below together. */
        readonly paid: number;
        readonly boot: number;
        /** Of nodes on which nothing ran, after their boot. */
        readonly unused: number;
        /** Ready, and the first task had not started. */
        readonly idleHead: number;
        /** The last task had ended. */
        readonly idleTail: number;
        /** A cheaper type of the pool would have carried all; at least so much. */
        readonly size: number;
        /** Two nodes, one for what ended early, were cheaper; at least so much. */
        readonly lifetime: number;
        /** EC2 bills whole seconds, and 60 at least. */
        readonly billing: number;
        /** What the best node of hindsight costs while tasks ran. */
        readonly needed: number;
      };
    };
  }[];
  /** Parts that need what tasks used, which nobody measures. They are in `needed`. */
  readonly notKnown: readonly 'request'[];
};

export type Costs = {
  readonly by: string;
  readonly since: string;
  /** When it was summed up: what runs is counted until then. */
  readonly until: string;
  /** All groups of all days together. */
  readonly usd: number;
  /** Of that, what no task asked for. */
  readonly idleUsd: number;
  /** Of all days, the dearest first. */
  readonly groups: readonly {
    /**
     * A pool, a tenant, or a value of the label. (idle): nodes that booted, were kept as headroom, or had
     * room that no task asked for; (none): without this label; (others): of whom the caller may not know,
     * or beyond the first 50.
     */
    readonly name: string;
    /** USD at list prices. */
    readonly usd: number;
  }[];
  /** Days (UTC) on which something cost, the oldest first. The groups of a day are its sum. */
  readonly days: readonly {
    readonly day: string;
    /** USD at list prices. */
    readonly usd: number;
    /** USD at list prices. */
    readonly idleUsd: number;
    readonly groups: readonly {
      /**
       * A pool, a tenant, or a value of the label. (idle): nodes that booted, were kept as headroom, or had
       * room that no task asked for; (none): without this label; (others): of whom the caller may not know,
       * or beyond the first 50.
       */
      readonly name: string;
      /** USD at list prices. */
      readonly usd: number;
    }[];
  }[];
};

export type Health = { readonly status: 'ok' };

export type OpenApiDocument = { readonly openapi: string };

export type DocsPage = string;

export type CloudWatchMetricOutput = {
  /** E.g. "AWS/SQS". */
  readonly namespace: string;
  /** E.g. "ApproximateNumberOfMessagesVisible". */
  readonly metricName: string;
  /** All that the metric has: CloudWatch finds it by exactly these. */
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly statistic: string;
  /** It is read once for each period, when that has been over for a minute. */
  readonly periodSeconds: 60 | 300 | 900 | 3600;
};

export type OnDemandShareOutput = {
  /** The first vCPUs that the pool has. */
  readonly baseVcpu: number;
  /** Of the vCPUs above that. */
  readonly percent: number;
};

/** What each operation takes and answers. */
export interface Operations {
  /**
   * Ask for something to run or to claim. Recorded durably before the answer. A task may run more than
   * once after a loss of its node; its end is recorded once.
   */
  readonly submitRequest: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: { readonly 'idempotency-key'?: string };
    readonly body: Request;
    readonly answer: RequestView;
  };
  /** List requests. */
  readonly listRequests: {
    readonly params: Nothing;
    readonly query: {
      readonly state?:
        'pending' | 'running' | 'active' | 'releasing' | 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'released';
      readonly type?: 'task' | 'virtual_machine' | 'storage' | 'network';
      readonly pool?: string;
      readonly name?: string;
      readonly label?: string;
      readonly since?: string;
      readonly order?: 'newest' | 'oldest';
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: RequestList;
  };
  /**
   * Ask for up to 1,000 things at once. Each item has its own result, in order. Items take
   * idempotencyKey beside their fields; an item without one derives it from the Idempotency-Key header
   * and its position, if the header is there.
   */
  readonly submitBatch: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: { readonly 'idempotency-key'?: string };
    readonly body: Batch;
    readonly answer: BatchResults;
  };
  /**
   * Ask where a file can be uploaded. For `inputs` of tasks. Files are known by their SHA-256 and kept
   * for your tenant alone; one that is there since less than a day is not sent again. They are deleted
   * some days later, like outputs.
   */
  readonly createUpload: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: UploadRequest;
    readonly answer: Upload;
  };
  /** Files that a task has kept. */
  readonly getArtifacts: {
    readonly params: { readonly id: string };
    readonly query: { readonly index?: number };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Artifacts;
  };
  /** Output of a task. */
  readonly getOutput: {
    readonly params: { readonly id: string };
    readonly query: {
      readonly index?: number;
      readonly tailBytes?: number;
      readonly sinceBytes?: string;
      readonly encoding?: 'text' | 'base64';
    };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Output;
  };
  /** Show a request. */
  readonly getRequest: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: RequestView;
  };
  /**
   * Cancel a request. Running tasks are stopped; a claim is released. What has ended stays as it ended.
   * `not_possible`: its stored record cannot be read, so nobody knows what to stop.
   */
  readonly cancelRequest: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: RequestView;
  };
  /** Renew a lease. It runs anew, in its full length, from now. */
  readonly renewRequest: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: { readonly 'if-match'?: string };
    readonly body: Nothing;
    readonly answer: RequestView;
  };
  /**
   * Stop a virtual machine. On-demand only. Its volumes and network stay; it counts against limits
   * still.
   */
  readonly stopRequest: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: { readonly 'if-match'?: string };
    readonly body: Nothing;
    readonly answer: RequestView;
  };
  /** Start a stopped virtual machine. Waits in `pending` while EC2 has no capacity. */
  readonly startRequest: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: { readonly 'if-match'?: string };
    readonly body: Nothing;
    readonly answer: RequestView;
  };
  /**
   * Grow or retype storage. Online. What is not named stays: the type, and at least its IOPS and
   * throughput; a second resize adds to the first. A volume never shrinks. After a change EC2 may refuse
   * the next one for six hours: the reason is `waits_for_ec2` then, with `nextTryAt`.
   */
  readonly resizeRequest: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: { readonly 'if-match'?: string };
    readonly body: Resize;
    readonly answer: RequestView;
  };
  /**
   * Attach storage to a virtual machine. Of the same zone; to its first machine. The storage is pending
   * until it is attached.
   */
  readonly attachRequest: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: { readonly 'if-match'?: string };
    readonly body: Attach;
    readonly answer: RequestView;
  };
  /**
   * Detach storage without releasing it. It stays active and free, and can be attached again. Never by
   * force: while it is mounted its reason is `busy`.
   */
  readonly detachRequest: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: { readonly 'if-match'?: string };
    readonly body: Nothing;
    readonly answer: RequestView;
  };
  /**
   * Edit the rules of a network. Of a network, or of a virtual machine with rules of its own. Nobody
   * else's rules change: a shared security group is replaced by another one, which is attached to the
   * machines that use the network. Its reason is `changing_rules` until the new rules are in force, and
   * `network.wanted` has them; where EC2 refuses them, the old ones stay. With If-Match the edit is made
   * on what was read, or not at all (412). Without it, an edit that would undo what an earlier edit
   * changed is refused (409 `edit_conflict`).
   */
  readonly editRules: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: { readonly 'if-match'?: string };
    readonly body: RulesEdit;
    readonly answer: RequestView;
  };
  /** What happened to a request and why. Says what a waiting request waits for. */
  readonly getTimeline: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Timeline;
  };
  /**
   * What would become of a waiting request if something were different. The pool's own decision on what
   * is there now, once as it is and once with the difference. Nothing is changed.
   */
  readonly whatIf: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: WhatIf;
    readonly answer: WhatIfAnswer;
  };
  /**
   * What a request would cost, and when it would be done. The body of a request of tasks. The pool's own
   * decision on what is there now, as if it had just been accepted; how long tasks last is learned from
   * those that ended. Nothing is kept of it: a request that is sent with `quote` keeps its own.
   * `not_possible`: a claim costs its price for as long as it is kept.
   */
  readonly quote: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Request;
    readonly answer: Quote;
  };
  /**
   * How well past quotes came true. Of the caller's newest requests of a pool that were sent with
   * `quote`: how many were done, and cost no more, than their quote said when they were accepted.
   * Requests are kept for a week after their end.
   */
  readonly quoteAccuracy: {
    readonly params: Nothing;
    readonly query: { readonly pool: string };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: QuoteAccuracy;
  };
  /**
   * Tasks of a request. How each task of an array stands or ended, by index: `?state=failed` names those
   * that failed. A request of one task has one, of index 0; a claim has none (`not_found`).
   */
  readonly listTasks: {
    readonly params: { readonly id: string };
    readonly query: {
      readonly state?: 'pending' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'expired';
      readonly from?: number;
      readonly limit?: number;
    };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: TaskList;
  };
  /**
   * Cancel one task of an array. The others go on. Of a request of one task, index 0 is the request.
   * What has ended stays as it ended.
   */
  readonly cancelTask: {
    readonly params: { readonly id: string; readonly index: number };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Task;
  };
  /**
   * Run again what failed. A new request of the tasks of this one that failed (or are in `state`), in
   * the same pool; it asks for the same, and each task has the index and BELLOWS_TASK_COUNT that it had.
   * The first request stays as it is. Asked again for the same tasks without a key, it answers the new
   * request that there is already; while the array runs more tasks may fail, and all that have failed by
   * then are other tasks. `not_possible`: no task is in that state.
   */
  readonly retryTasks: {
    readonly params: { readonly id: string };
    readonly query: { readonly state?: 'failed' | 'cancelled' | 'expired' };
    readonly headers: { readonly 'idempotency-key'?: string };
    readonly body: Nothing;
    readonly answer: RequestView;
  };
  /** List pools. */
  readonly listPools: {
    readonly params: Nothing;
    readonly query: { readonly limit?: number; readonly cursor?: string; readonly tasks?: 'true' | 'false' };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: PoolList;
  };
  /** Declare a pool. Creates or replaces it. */
  readonly putPool: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: { readonly 'if-match'?: string };
    readonly body: Pool;
    readonly answer: PoolView;
  };
  /** Show a pool. */
  readonly getPool: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: PoolView;
  };
  /** Delete a pool. It buys nothing more, drains its nodes, and is deleted when it has none left. */
  readonly deletePool: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: PoolView;
  };
  /**
   * Pause a pool. It buys no nodes and no machines until it is resumed, also when it is declared anew
   * meanwhile. What runs goes on, nodes that are there take tasks and go when they are idle, and a
   * launch that EC2 may have taken already is asked for again. Volumes are made as ever. Requests that
   * would need more wait with the reason `pool_paused`.
   */
  readonly pausePool: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: PoolView;
  };
  /** Resume a pool. It buys again. */
  readonly resumePool: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: PoolView;
  };
  /**
   * Why a node is kept or goes. What each method by which a node may go thinks of it now, in the order
   * in which they are asked, and when one of them may take it. As the store has it: EC2 is asked by the
   * next tick, and only that knows its plan.
   */
  readonly whyNode: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: NodeWhy;
  };
  /**
   * Cordon a node. It takes no new tasks and stays, also without work: no voluntary method takes it.
   * EC2, the deletion of its pool and a drain still do.
   */
  readonly cordonNode: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Node;
  };
  /** Uncordon a node. It takes tasks again. A node that drains does not come back. */
  readonly uncordonNode: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Node;
  };
  /**
   * Drain a node. It takes no new tasks, and is terminated when its tasks have ended. With a deadline,
   * tasks that still run then are stopped and queued again, which costs them no retry. A node that
   * drains can be given another deadline.
   */
  readonly drainNode: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Drain;
    readonly answer: Node;
  };
  /**
   * Terminate a node. Its tasks are stopped (TERM, and KILL ten seconds later) and queued again, which
   * costs them no retry; then it is terminated. One whose agent is silent is terminated once its agent
   * must have stopped them.
   */
  readonly terminateNode: {
    readonly params: { readonly id: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Node;
  };
  /** Nodes of a pool. */
  readonly listNodes: {
    readonly params: { readonly name: string };
    readonly query: { readonly limit?: number; readonly cursor?: string; readonly tasks?: 'true' | 'false' };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: NodeList;
  };
  /**
   * What a pool did and why. Each launch and termination with its reason and price. To a tenant,
   * requests of others are not named.
   */
  readonly listActivity: {
    readonly params: { readonly name: string };
    readonly query: { readonly limit?: number; readonly cursor?: string };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: ActivityList;
  };
  /**
   * What happened. Events of the caller's requests, and of nodes. The `position` of an answer, given as
   * `cursor`, goes on where it ended. An event appears within seconds, at least once, and may appear
   * twice with the same id.
   */
  readonly listEvents: {
    readonly params: Nothing;
    readonly query: {
      readonly since?: string;
      readonly type?:
        'RequestAccepted' | 'RequestEnded' | 'LeaseEnding' | 'TaskEnded' | 'NodeLaunched' | 'NodeTerminated';
      readonly pool?: string;
      readonly request?: string;
      readonly label?: string;
      readonly limit?: number;
      readonly cursor?: string;
    };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: EventList;
  };
  /** List webhooks. */
  readonly listWebhooks: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: WebhookList;
  };
  /**
   * Declare a webhook. Creates or replaces it. The address is sent the events that GET /v1/events shows
   * the caller, each by a POST that is signed as Standard Webhooks says. A new one begins with what
   * happens from now on; its secret is in this answer and nowhere else.
   */
  readonly putWebhook: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: WebhookBody;
    readonly answer: DeclaredWebhook;
  };
  /** Show a webhook. */
  readonly getWebhook: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Webhook;
  };
  /** Delete a webhook. What waits for it is not delivered any more. */
  readonly deleteWebhook: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Webhook;
  };
  /**
   * Give a webhook a new secret. Both sign until the old one ends: a receiver that has either accepts.
   * At most three sign at once (`not_possible`).
   */
  readonly rotateWebhook: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: RotateBody;
    readonly answer: RotatedWebhook;
  };
  /**
   * What a webhook was not delivered. On the first page what waits to be tried again, 100 at most; then
   * dead letters: what was tried nine times in 28 hours. These are kept for 14 days.
   */
  readonly listDeliveries: {
    readonly params: { readonly name: string };
    readonly query: { readonly limit?: number; readonly cursor?: string };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: DeliveryList;
  };
  /**
   * Deliver again. Dead letters, or everything since a time; events keep their ids. An endpoint that
   * rests because it failed is called again at once. `not_possible`: as many wait already as may.
   */
  readonly replayWebhook: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: ReplayBody;
    readonly answer: ReplayedWebhook;
  };
  /** List services. */
  readonly listServices: {
    readonly params: Nothing;
    readonly query: { readonly limit?: number; readonly cursor?: string };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: ServiceList;
  };
  /**
   * Declare a service. Creates or replaces it. Another template is a new revision, which takes the place
   * of the one before little by little (docs/services.md).
   */
  readonly putService: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Service;
    readonly answer: ServiceView;
  };
  /** Show a service. */
  readonly getService: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: ServiceView;
  };
  /** Delete a service. Its replicas are drained and stopped; then it is gone. */
  readonly deleteService: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: ServiceView;
  };
  /** Change how many replicas are wanted. */
  readonly scaleService: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Scale;
    readonly answer: ServiceView;
  };
  /** Go back to an earlier revision. Its template takes the place of the present one, as in any update. */
  readonly rollBackService: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Rollback;
    readonly answer: ServiceView;
  };
  /**
   * Why so many replicas of a service are wanted. What each of its policies wants now, with what it was
   * told.
   */
  readonly whyService: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: ServiceWhy;
  };
  /**
   * What a service forecasts of what its policies want. For the time in which a replica comes, by the
   * method that was best in a rolling back-test over its own history, which only predictive services
   * keep.
   */
  readonly getServiceForecast: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: ServiceForecast;
  };
  /**
   * Report a number that policies of a service go by. Of a metric that a policy names. Doubled, late and
   * reordered reports change nothing.
   */
  readonly reportMetric: {
    readonly params: { readonly name: string; readonly metric: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: MetricReport;
    readonly answer: Metric;
  };
  /** Replicas of a service. */
  readonly listReplicas: {
    readonly params: { readonly name: string };
    readonly query: { readonly limit?: number; readonly cursor?: string };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: ReplicaList;
  };
  /** What a service did and why. */
  readonly listServiceEvents: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: ServiceEvents;
  };
  /** List tenants. */
  readonly listTenants: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: TenantList;
  };
  /**
   * Declare a tenant. Creates or replaces it. Its weight counts in pools with the ordering fair-share,
   * from their next tick on. Who is not declared has 1. A tenant is a caller by its role, or user:NAME
   * (for the tenant user/NAME); at most 1,000 are declared.
   */
  readonly putTenant: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Tenant;
    readonly answer: TenantView;
  };
  /** Show a tenant. */
  readonly getTenant: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: TenantView;
  };
  /**
   * Delete what was declared of a tenant. Its weight is the default again. Its requests stay, and it may
   * ask for more.
   */
  readonly deleteTenant: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: TenantView;
  };
  /** How long the tasks of a pool last. */
  readonly getLifetimes: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Lifetimes;
  };
  /**
   * What the tasks of a pool wanted over time. Waiting and running tasks together. By the minute for
   * three days, by five minutes for 28, by the hour for `historyDays` of the pool.
   */
  readonly getHistory: {
    readonly params: { readonly name: string };
    readonly query: { readonly since?: string; readonly until?: string; readonly stepSeconds?: number };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: DemandHistory;
  };
  /**
   * Tasks of a pool that ran, from its archive. The tenant's own, for `historyDays` of the pool, from
   * some hour after their end on: what they asked for, when they ran and where; not what was run. Also
   * of a pool that is gone.
   */
  readonly listPastTasks: {
    readonly params: { readonly name: string };
    readonly query: { readonly since?: string; readonly cursor?: string };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: PastTasks;
  };
  /**
   * What EC2 had no capacity for. Of what the pool asked for, for its `historyDays`. Also of a pool that
   * is gone.
   */
  readonly listShortages: {
    readonly params: { readonly name: string };
    readonly query: { readonly since?: string; readonly cursor?: string };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Shortages;
  };
  /**
   * What a pool forecasts of its demand. For the time in which a node boots, by the method that was best
   * in a rolling back-test over its own history; shown for pools that do not act on it, too.
   */
  readonly getForecast: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Forecast;
  };
  /**
   * What a second policy would have made of a pool. Cost, waits and moves of its `shadow` beside its
   * own, since when, and what they do not know.
   */
  readonly getShadow: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Shadow;
  };
  /**
   * Why a pool keeps the headroom that it keeps. What each of its policies wants now, with what it was
   * told.
   */
  readonly whyPool: {
    readonly params: { readonly name: string };
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: PoolWhy;
  };
  /** A dry run. What would be placed and bought for these requests. Nothing is recorded or bought. */
  readonly plan: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: PlanQuestion;
    readonly answer: Plan;
  };
  /** Figures of the installation. */
  readonly getStats: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Stats;
  };
  /**
   * Metrics for a scraper. Stored totals and the present, by pool, as OpenMetrics text: docs/metrics.md
   * lists them.
   */
  readonly getMetrics: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: string;
  };
  /**
   * What ended nodes cost that was not needed. Each node is priced again when it has ended, and summed
   * by day: docs/cost.md says how.
   */
  readonly getRegret: {
    readonly params: Nothing;
    readonly query: { readonly pool?: string };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Regret;
  };
  /**
   * What the installation cost, by day and by who pays. Each attempt pays for its share of its node, by
   * the resource of which it asked for most; what nobody asked for is idle: docs/cost.md. Who is no
   * operator sees his own costs by name.
   */
  readonly getCosts: {
    readonly params: Nothing;
    readonly query: { readonly by?: string; readonly since?: string; readonly pool?: string };
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Costs;
  };
  /** Whether the API answers. */
  readonly getHealth: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: Health;
  };
  /** This contract as OpenAPI 3.1. */
  readonly getOpenApi: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: OpenApiDocument;
  };
  /** This contract as a page for people. */
  readonly getDocs: {
    readonly params: Nothing;
    readonly query: Nothing;
    readonly headers: Nothing;
    readonly body: Nothing;
    readonly answer: string;
  };
}

/** The method and path of each operation. */
export const operations = {
  submitRequest: { method: 'POST', path: '/v1/requests' },
  listRequests: { method: 'GET', path: '/v1/requests' },
  submitBatch: { method: 'POST', path: '/v1/requests/batch' },
  createUpload: { method: 'POST', path: '/v1/uploads' },
  getArtifacts: { method: 'GET', path: '/v1/requests/{id}/artifacts' },
  getOutput: { method: 'GET', path: '/v1/requests/{id}/output' },
  getRequest: { method: 'GET', path: '/v1/requests/{id}' },
  cancelRequest: { method: 'DELETE', path: '/v1/requests/{id}' },
  renewRequest: { method: 'POST', path: '/v1/requests/{id}/renew' },
  stopRequest: { method: 'POST', path: '/v1/requests/{id}/stop' },
  startRequest: { method: 'POST', path: '/v1/requests/{id}/start' },
  resizeRequest: { method: 'POST', path: '/v1/requests/{id}/resize' },
  attachRequest: { method: 'POST', path: '/v1/requests/{id}/attach' },
  detachRequest: { method: 'POST', path: '/v1/requests/{id}/detach' },
  editRules: { method: 'POST', path: '/v1/requests/{id}/rules' },
  getTimeline: { method: 'GET', path: '/v1/requests/{id}/timeline' },
  whatIf: { method: 'POST', path: '/v1/requests/{id}/what-if' },
  quote: { method: 'POST', path: '/v1/quotes' },
  quoteAccuracy: { method: 'GET', path: '/v1/quotes/accuracy' },
  listTasks: { method: 'GET', path: '/v1/requests/{id}/tasks' },
  cancelTask: { method: 'DELETE', path: '/v1/requests/{id}/tasks/{index}' },
  retryTasks: { method: 'POST', path: '/v1/requests/{id}/retry' },
  listPools: { method: 'GET', path: '/v1/pools' },
  putPool: { method: 'PUT', path: '/v1/pools/{name}' },
  getPool: { method: 'GET', path: '/v1/pools/{name}' },
  deletePool: { method: 'DELETE', path: '/v1/pools/{name}' },
  pausePool: { method: 'POST', path: '/v1/pools/{name}/pause' },
  resumePool: { method: 'POST', path: '/v1/pools/{name}/resume' },
  whyNode: { method: 'GET', path: '/v1/nodes/{id}/why' },
  cordonNode: { method: 'POST', path: '/v1/nodes/{id}/cordon' },
  uncordonNode: { method: 'POST', path: '/v1/nodes/{id}/uncordon' },
  drainNode: { method: 'POST', path: '/v1/nodes/{id}/drain' },
  terminateNode: { method: 'POST', path: '/v1/nodes/{id}/terminate' },
  listNodes: { method: 'GET', path: '/v1/pools/{name}/nodes' },
  listActivity: { method: 'GET', path: '/v1/pools/{name}/activity' },
  listEvents: { method: 'GET', path: '/v1/events' },
  listWebhooks: { method: 'GET', path: '/v1/webhooks' },
  putWebhook: { method: 'PUT', path: '/v1/webhooks/{name}' },
  getWebhook: { method: 'GET', path: '/v1/webhooks/{name}' },
  deleteWebhook: { method: 'DELETE', path: '/v1/webhooks/{name}' },
  rotateWebhook: { method: 'POST', path: '/v1/webhooks/{name}/rotate' },
  listDeliveries: { method: 'GET', path: '/v1/webhooks/{name}/deliveries' },
  replayWebhook: { method: 'POST', path: '/v1/webhooks/{name}/replay' },
  listServices: { method: 'GET', path: '/v1/services' },
  putService: { method: 'PUT', path: '/v1/services/{name}' },
  getService: { method: 'GET', path: '/v1/services/{name}' },
  deleteService: { method: 'DELETE', path: '/v1/services/{name}' },
  scaleService: { method: 'POST', path: '/v1/services/{name}/scale' },
  rollBackService: { method: 'POST', path: '/v1/services/{name}/rollback' },
  whyService: { method: 'GET', path: '/v1/services/{name}/why' },
  getServiceForecast: { method: 'GET', path: '/v1/services/{name}/forecast' },
  reportMetric: { method: 'PUT', path: '/v1/services/{name}/metrics/{metric}' },
  listReplicas: { method: 'GET', path: '/v1/services/{name}/replicas' },
  listServiceEvents: { method: 'GET', path: '/v1/services/{name}/events' },
  listTenants: { method: 'GET', path: '/v1/tenants' },
  putTenant: { method: 'PUT', path: '/v1/tenants/{name}' },
  getTenant: { method: 'GET', path: '/v1/tenants/{name}' },
  deleteTenant: { method: 'DELETE', path: '/v1/tenants/{name}' },
  getLifetimes: { method: 'GET', path: '/v1/pools/{name}/lifetimes' },
  getHistory: { method: 'GET', path: '/v1/pools/{name}/history' },
  listPastTasks: { method: 'GET', path: '/v1/pools/{name}/past-tasks' },
  listShortages: { method: 'GET', path: '/v1/pools/{name}/shortages' },
  getForecast: { method: 'GET', path: '/v1/pools/{name}/forecast' },
  getShadow: { method: 'GET', path: '/v1/pools/{name}/shadow' },
  whyPool: { method: 'GET', path: '/v1/pools/{name}/why' },
  plan: { method: 'POST', path: '/v1/plan' },
  getStats: { method: 'GET', path: '/v1/stats' },
  getMetrics: { method: 'GET', path: '/metrics' },
  getRegret: { method: 'GET', path: '/v1/regret' },
  getCosts: { method: 'GET', path: '/v1/costs' },
  getHealth: { method: 'GET', path: '/healthz' },
  getOpenApi: { method: 'GET', path: '/openapi.json' },
  getDocs: { method: 'GET', path: '/docs' },
} as const;
