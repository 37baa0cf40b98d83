// An instance in XML, as DescribeInstances shows it. It is kept while nothing about the instance changes: a fleet that
// is described every second is written once.
import type { InstanceDetails, InstanceRecord, Transition } from '../../../cloud/instances.ts';
import { toXmlText } from '../../protocol/xml.ts';
import type { ReadyPart } from '../../protocol/xml.ts';
import type { World } from '../../world.ts';
import { templatedXml } from './instance-template.ts';
import { instanceWire } from './instance-wire.ts';
import type { ShownInstance } from './instance-wire.ts';

interface Cached {
  readonly shown: Transition;
  readonly details: InstanceDetails | null;
  readonly tags: unknown;
  readonly xml: Buffer;
}

/** About 4 KB each: some 20 MB at most. */
const cachedMax = 5000;
const cache = new Map<InstanceRecord, Cached>();

/** The instance as one member of an instancesSet; `isKept`: it is likely to be asked for again. */
export function instanceXml(world: World, { instance, shown }: ShownInstance, isKept: boolean): ReadyPart {
  const known = cache.get(instance);
  if (known && known.shown === shown && known.details === instance.details && known.tags === instance.tags)
    return known.xml;
  const one = { instance, shown };
  const text = templatedXml(world, one, () => toXmlText([instanceWire(world, one)]));
  // Transitional states are listed only once or twice.
  if (!isKept || shown.state !== 'running' || !isSettled(world, instance)) return text;
  if (cache.size >= cachedMax) cache.clear();
  const xml = Buffer.from(text, 'latin1');
  cache.set(instance, { shown, details: instance.details, tags: instance.tags, xml });
  return xml;
}

/** Attachments that are still under way change what is shown without the instance changing. */
function isSettled(world: World, instance: InstanceRecord): boolean {
  const nowMs = world.nowMs();
  return (instance.details?.volumeIds ?? []).every((id) => {
    const attachment = world.volumes.get(id)?.attachments.find((one) => one.instanceId === instance.id);
    return attachment !== undefined && attachment.detachingSinceMs === null && attachment.attachedAtMs <= nowMs;
  });
}

/** More than so many in one answer are a list of all, which nobody repeats every second. */
const keptMax = 200;

/** The same of several. */
export function instancesXml(world: World, shown: readonly ShownInstance[]): readonly ReadyPart[] {
  return shown.map((one) => instanceXml(world, one, shown.length <= keptMax));
}
