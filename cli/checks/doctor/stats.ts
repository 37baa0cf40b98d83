// What the figures of an installation tell: whether its prices are those of AWS, and what is set aside.
import type { StatsView } from '../../../lib/api/schemas/figures/stats.ts';
import { note, ok, wrong } from '../findings.ts';
import type { Finding } from '../findings.ts';
import { duration, plural } from '../../text.ts';

/** They are asked for each day. */
const oldSeconds = 2 * 86_400;

export function checkStats({ catalog, quarantined }: StatsView): readonly Finding[] {
  const prices = (['offerings', 'onDemandPrices'] as const).map((what): Finding => {
    const { source, region, ageSeconds } = catalog[what];
    const name = what === 'offerings' ? 'offerings and spot prices' : 'on-demand prices';
    const found = `from ${source}, ${region}, ${duration(ageSeconds * 1_000)} old`;
    // A simulated cloud's prices are the packaged ones; there is nobody else to ask.
    if (catalog.offerings.source === 'simulated') return ok(name, found);
    if (source === 'packaged')
      return note(name, found, "AWS could not be asked yet: the scheduler's log says why (pricing:GetProducts, ec2)");
    if (ageSeconds > oldSeconds) return wrong(name, found, "AWS was not asked since: the scheduler's log says why");
    return ok(name, found);
  });
  return [
    ...prices,
    ...(quarantined === 0
      ? []
      : [
          wrong(
            'requests set aside',
            `${plural(quarantined, 'request')} cannot be read or planned`,
            '`./bellows activity POOL` names them (code set_aside); mend the item, or cancel the request',
          ),
        ]),
  ];
}
