// Why so many replicas of a service are wanted, for people; decides nothing.
import { scaledService } from '../../core/services/scaling.ts';
import type { ControlPorts } from '../ports.ts';
import type { NodesSeen } from '../store/seen.ts';
import { isPredictive } from '../tick/scaling/service-forecasts.ts';
import { forecastNow, signalsNow } from './forecast.ts';
import { findService } from './services.ts';
import { targetsOfService } from './targets/store.ts';
import type { ServiceWhy } from './use-cases.ts';

/** null: unknown. */
export async function explainService(
  ports: ControlPorts,
  seen: NodesSeen,
  tenant: string,
  name: string,
): Promise<ServiceWhy | null> {
  const service = await findService(ports, tenant, name);
  if (service === null) return null;
  const record = service.data;
  const { replicas } = record;
  const troubles = (await targetsOfService(ports, record)).flatMap((one) =>
    Object.values(one.troubles).map(({ message }) => message),
  );
  const signals = await signalsNow(ports, seen, record);
  const ahead = isPredictive(record) ? { forecast: (await forecastNow(ports, record, signals)).known } : {};
  const last = scaledService(record, { ...signals, ...ahead });
  if (last === null)
    return { replicas, wanted: replicas, reason: 'as declared: it has no policies', wishes: [], troubles };
  const { wanted, reason } = last.combined;
  return { replicas, wanted, reason, wishes: last.wishes, troubles };
}
