// A volume attaches only within its zone. A submit that names things in different zones can never be granted, so it is
// refused at once.
import type { AnyRequest, AnyRow, ClaimSpec } from '../../core/records/claim.ts';
import { isClaim } from '../../core/records/claim.ts';
import type { TaskSpec } from '../../core/records/request.ts';
import { allowsZone, says } from '../../core/values/requirements.ts';
import { UnsatisfiableError } from '../errors.ts';
import { keys } from '../store/keys.ts';
import type { ReadingPorts } from '../ports.ts';
import { inParallel, reading } from '../store/store-retry.ts';
import { withItsParts } from './store.ts';

/** The zones that something may be in (null: only exclusions are known), and a text about it for people. */
interface Place {
  readonly zones: readonly string[] | null;
  readonly allows: (zone: string) => boolean;
  readonly words: string;
}

function inZone(zone: string, words: string): Place {
  return { zones: [zone], allows: (one) => one === zone, words };
}

/** A volume that waits for a machine that waits for a volume: further no request refers. */
const depthMax = 3;

/** @throws UnsatisfiableError when what a new request names lies in zones that exclude each other */
export async function checkZones(
  ports: ReadingPorts,
  id: string,
  tenant: string,
  spec: TaskSpec | ClaimSpec,
): Promise<void> {
  const named = namedBy(spec);
  if (named.length === 0) return;
  const [known, ...others] = await read(ports, [id, ...named]);
  // A repeat is answered with the present state, whatever has become of what it names.
  if (known) return;
  const places = [...ownPlaces(spec)];
  for (const other of others) if (other?.tenant === tenant) places.push(...(await placesOf(ports, other, depthMax)));
  const candidates = places.find((place) => place.zones !== null)?.zones ?? null;
  if (candidates === null || candidates.some((zone) => places.every((place) => place.allows(zone)))) return;
  const words = [...new Set(places.map((place) => place.words))].slice(0, 12);
  throw new UnsatisfiableError(
    `a volume attaches only within its zone, and the zones exclude each other: ${words.join('; ')}; leave the `
      + 'zone out, or name what is in one zone',
    [],
  );
}

function namedBy(spec: TaskSpec | ClaimSpec): readonly string[] {
  switch (spec.type) {
    case 'task':
      return [...new Set((spec.mounts ?? []).map((one) => one.request))];
    case 'virtual_machine':
      return [...new Set(spec.volumeRequests)];
    case 'storage':
      return spec.attachTo === null ? [] : [spec.attachTo];
    case 'network':
      return [];
  }
}

function ownPlaces({ requirements, ...spec }: TaskSpec | ClaimSpec): readonly Place[] {
  const places: Place[] = [];
  if (says(requirements, 'zone')) {
    const named = [
      requirements.zone,
      ...(requirements.matchExpressions ?? [])
        .filter((one) => one.key === 'zone' && one.operator === 'In')
        .map((one) => one.values),
    ].find((one) => one !== undefined);
    places.push({
      zones: named ?? null,
      allows: (zone) => allowsZone(requirements, zone),
      words: named ? `the request allows ${named.join(' and ')}` : 'the request excludes zones',
    });
  }
  if (spec.type === 'storage' && spec.zone !== null) places.push(inZone(spec.zone, `the request names ${spec.zone}`));
  return places;
}

/** Where a request's volume or machine is; before that, where what it says puts it. */
async function placesOf(ports: ReadingPorts, record: AnyRequest, depth: number): Promise<readonly Place[]> {
  if (!isClaim(record) || record.endedAtMs !== null) return [];
  const zone = record.volume?.zone ?? record.machines.find((part) => part.zone !== null)?.zone ?? null;
  if (zone !== null) return [inZone(zone, `${record.id} is in ${zone}`)];
  const own = ownPlaces(record.spec).map((place) => ({
    ...place,
    words: place.words.replace('the request', record.id),
  }));
  if (depth === 0) return own;
  const others = await read(ports, namedBy(record.spec));
  const further: Place[] = [];
  for (const other of others)
    if (other?.tenant === record.tenant) further.push(...(await placesOf(ports, other, depth - 1)));
  return [...own, ...further];
}

async function read(ports: ReadingPorts, ids: readonly string[]): Promise<readonly (AnyRequest | null)[]> {
  if (ids.length === 0) return [];
  const items = await reading(ports, () =>
    ports.store.getMany<AnyRow>([...new Set(ids)].map((id) => keys.request(id))),
  );
  return inParallel(items, items.length, async (item) => item && withItsParts(ports, item.data));
}
