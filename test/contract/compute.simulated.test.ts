// The compute contract on the simulated cloud, in virtual time.
import { SimulatedCloud } from '../../lib/adapters/simulated/cloud/cloud.ts';
import { SimulatedCompute } from '../../lib/adapters/simulated/compute.ts';
import { computeContract } from './compute.contract.ts';

computeContract('simulated cloud', async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
  const cloud = new SimulatedCloud({ clock, options: { seed: 'contract', throttles: {} } });
  return {
    compute: new SimulatedCompute(cloud, clock),
    pass: async (ms) => void (nowMs += ms),
    setCapacity: async (pattern, full) => cloud.setCapacity(pattern, full),
    setFault: async (action, kind, times) => cloud.faults.set({ action, effect: { kind }, times }),
    limitVcpu: async (limit) => cloud.setVcpuLimit('on-demand', 'standard', limit),
    protect: async (id) => cloud.setTerminationProtection(id, true),
    effectsOf: async (token) => cloud.launchEffects().get(token)?.length ?? 0,
  };
});
