// Policies that go by metrics of CloudWatch, on a server that has none.
import type { FieldError } from '../../lib/api/problems.ts';
import { cloudWatchErrors } from '../../lib/api/schemas/tasks/scaling/cloudwatch.ts';
import type { Unavailable } from './contract.ts';

/** What is wrong with them here; nothing where CloudWatch is. */
export async function withoutCloudWatch(
  policies: readonly object[] | undefined,
  unavailable: () => Promise<Unavailable>,
): Promise<readonly FieldError[]> {
  const isAsked = policies?.some((one) => 'metric' in one && one.metric === 'cloudwatch') ?? false;
  return isAsked ? cloudWatchErrors(policies, (await unavailable())['cloudwatch']) : [];
}
