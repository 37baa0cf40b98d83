// A bench of the cloud port's contract: one simulated account to be hurt, and how, whoever carries the calls.
import type { Faults } from '../../lib/adapters/simulated/cloud/faults.ts';
import type { World } from '../../lib/adapters/simulated/ec2/world.ts';
import { tagLaunch } from '../../lib/core/records/launch.ts';
import type { Cloud } from '../../lib/ports/cloud.ts';

export type FaultKind = 'throttle' | 'drop-response' | 'drop-request';

export const installation = 'contract';

/** Lags and delays are short; nothing is throttled unless asked for. */
export interface CloudBench {
  readonly cloud: Cloud;
  /** Lets at least this much of the cloud's time pass. */
  pass(ms: number): Promise<void>;
  setCapacity(offeringPattern: string, full: number | null): Promise<void>;
  setFault(action: string, kind: FaultKind, times: number): Promise<void>;
  /** EC2 refuses with this code. */
  fail(action: string, code: string, httpStatus: number): Promise<void>;
  /** On-demand vCPU of standard families at once; null: no limit. */
  limitVcpu(limit: number | null): Promise<void>;
  protect(instanceId: string): Promise<void>;
  mount(volumeId: string): Promise<void>;
  /** Distinct instances that exist or existed for the token, by the cloud's own books. */
  effectsOf(token: string): Promise<number>;
  /** Whether EC2 encrypts the volume, by the cloud's own books. */
  isEncrypted(volumeId: string): Promise<boolean>;
}

export function benchOf(world: World, faults: Faults, port: Cloud, pass: (ms: number) => void): CloudBench {
  const { cloud } = world;
  return {
    cloud: port,
    pass: async (ms) => {
      pass(ms);
    },
    setCapacity: async (pattern, full) => {
      cloud.setCapacity(pattern, full);
    },
    setFault: async (action, kind, times) => {
      faults.set({ action, effect: { kind }, times });
    },
    fail: async (action, code, httpStatus) => {
      faults.set({ action, effect: { kind: 'fail', code, message: 'as the test wants it', httpStatus }, times: 1 });
    },
    limitVcpu: async (limit) => {
      cloud.setVcpuLimit('on-demand', 'standard', limit);
    },
    protect: async (id) => {
      cloud.setTerminationProtection(id, true);
    },
    mount: async (id) => {
      const volume = world.volumes.get(id);
      if (volume)
        world.volumes.put({ ...volume, attachments: volume.attachments.map((one) => ({ ...one, isMounted: true })) });
    },
    effectsOf: async (token) => [...cloud.instances()].filter((one) => one.tags[tagLaunch] === token).length,
    isEncrypted: async (id) => world.volumes.get(id)?.isEncrypted === true,
  };
}
