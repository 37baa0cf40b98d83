// How fast one account may call one action: EC2's documented numbers, ten times those, or no limit.
import type { ThrottleOptions } from '../../cloud/options.ts';

export const throttlingNames = ['off', 'gentle', 'aws'] as const;
export type ThrottlingName = (typeof throttlingNames)[number];

const requests = (capacity: number, refillPerSecond: number): ThrottleOptions => ({
  requests: { capacity, refillPerSecond },
});

/** "Request throttling for the Amazon EC2 API", by category and for actions with numbers of their own. */
const byRate: Readonly<Record<string, ThrottleOptions>> = {
  'non-mutating': requests(100, 20),
  unfiltered: requests(50, 10),
  mutating: requests(50, 5),
  'resource-intensive': requests(50, 5),
};

/** Of "uncategorized actions", with the resource buckets of the four that have one. */
const byAction: Readonly<Record<string, ThrottleOptions>> = {
  RunInstances: { requests: { capacity: 5, refillPerSecond: 2 }, resources: { capacity: 1000, refillPerSecond: 2 } },
  StartInstances: { requests: { capacity: 5, refillPerSecond: 2 }, resources: { capacity: 1000, refillPerSecond: 2 } },
  StopInstances: { requests: { capacity: 50, refillPerSecond: 5 }, resources: { capacity: 1000, refillPerSecond: 20 } },
  TerminateInstances: {
    requests: { capacity: 100, refillPerSecond: 5 },
    resources: { capacity: 1000, refillPerSecond: 20 },
  },
  AssociateIamInstanceProfile: requests(100, 5),
  CopyImage: requests(100, 1),
  CreateLaunchTemplateVersion: requests(100, 5),
  CreateNetworkInterface: requests(100, 5),
  CreateSnapshot: requests(100, 5),
  CreateSnapshots: requests(100, 5),
  CreateTags: requests(100, 10),
  CreateVolume: requests(100, 5),
  DeleteNetworkInterface: requests(100, 5),
  DeleteSnapshot: requests(100, 5),
  DeleteTags: requests(100, 10),
  DeleteVolume: requests(100, 5),
  DeregisterImage: requests(100, 5),
  DisassociateIamInstanceProfile: requests(100, 5),
  ModifyInstanceMetadataOptions: requests(100, 5),
  ModifyLaunchTemplate: requests(100, 5),
};

function times(options: ThrottleOptions, factor: number): ThrottleOptions {
  const larger = (bucket: ThrottleOptions['requests']) => ({
    capacity: bucket.capacity * factor,
    refillPerSecond: bucket.refillPerSecond * factor,
  });
  return options.resources
    ? {
        requests: larger(options.requests),
        resources: {
          capacity: options.resources.capacity * 100 * factor,
          refillPerSecond: options.resources.refillPerSecond * 100 * factor,
        },
      }
    : { requests: larger(options.requests) };
}

type Preset = (action: string, rate: string) => ThrottleOptions | null;

const aws: Preset = (action, rate) => byAction[action] ?? byRate[rate] ?? null;

export const throttlingPresets: Readonly<Record<ThrottlingName, Preset>> = {
  off: () => null,
  /** Loops that run wild are met; reading, and honest tests, are not. */
  gentle(action, rate) {
    if (rate === 'non-mutating' || rate === 'unfiltered') return null;
    const options = aws(action, rate);
    return options && times(options, 10);
  },
  aws,
};
