// A first day on the local cloud: what is known of it there. Preflight and doctor ask AWS, and are not seen.
import { tagInstallation } from '../../../lib/core/records/launch.ts';
import { LocalCloud } from '../../../lib/local/localcloud/localcloud.ts';
import { ApiClient } from '../../../lib/local/server/api-client.ts';
import { NotHereError } from './place.ts';
import type { Place } from './place.ts';
import { poolLimits } from './plan.ts';

const accountId = '100000000062';
const noticeMs = 2_000;

export function localPlace(pool: string): Place {
  let cloud: LocalCloud | null = null;
  const notHere = async (): Promise<string> => {
    throw new NotHereError('the local cloud has no quotas and no alarms to look at');
  };
  return {
    name: 'the local cloud',
    before: async () => null,
    preflight: notHere,
    doctor: notHere,
    deploy: async () => {
      const pools = [{ name: pool, limits: poolLimits, idleAfterSeconds: 5, maxNodeVcpu: 4 }];
      const props = { installation: 'first-day', pools, drainQuietSeconds: 2 };
      const started = await LocalCloud.start({ props, port: 0, accountId, log: { write: () => undefined } });
      cloud = started;
      return new ApiClient(started.url);
    },
    interrupt: async (instanceId) => {
      cloud?.world.cloud.interrupt(instanceId, noticeMs);
      return `the simulated EC2 gave ${instanceId} its notice`;
    },
    remove: async () => cloud?.remove(),
    left: async () => {
      if (cloud === null) return [];
      const left = cloud.world.cloud
        .instances()
        .filter((one) => one.tags[tagInstallation] !== undefined && one.state !== 'terminated')
        .map((one) => `instance ${one.id}`);
      await cloud.stop();
      return left;
    },
  };
}
