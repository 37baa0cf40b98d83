// A bench of the resources contract over a simulated world, whoever carries the calls to it.
import type { Faults } from '../../lib/adapters/simulated/cloud/faults.ts';
import type { World } from '../../lib/adapters/simulated/ec2/world.ts';
import type { Resources } from '../../lib/ports/resources.ts';
import type { ResourcesBench } from './resources.contract.ts';

export function benchOf(
  world: World,
  faults: Faults,
  resources: Resources,
  pass: (ms: number) => void,
): ResourcesBench {
  const { cloud } = world;
  return {
    resources,
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
    effectsOf: async (token) => [...cloud.instances()].filter((one) => one.tags['bellows:launch'] === token).length,
    isEncrypted: async (id) => world.volumes.get(id)?.isEncrypted === true,
  };
}
