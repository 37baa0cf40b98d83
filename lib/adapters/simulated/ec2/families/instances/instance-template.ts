// Instances of one launch differ by little: their ids, their addresses, their disks' ids. What the rest looks like in
// XML is written once, with holes for these.
import type { InstanceRecord } from '../../../cloud/instances.ts';
import { formatAddress } from '../../addresses.ts';
import type { LaunchSpec } from '../../records.ts';
import type { World } from '../../world.ts';
import { attachmentStatus, macAddress, publicAddress, spotRequestId } from './instance-wire.ts';
import type { ShownInstance } from './instance-wire.ts';

/** What distinguishes instances that share a template, each a text that its XML contains as it is. */
type Own = readonly string[];

interface Template {
  /** Everything else that the XML depends on; see {@link shapeOf}. */
  readonly shape: readonly unknown[];
  /** Between the holes; null: it was wrong for another instance, and is not used. */
  parts: readonly string[] | null;
  /** Which of the own texts stands in each hole. */
  readonly holes: readonly number[];
  isProven: boolean;
}

/** Of each launch: zones, times of starts, states that its disks go through. */
const templatesPerLaunch = 12;
const templates = new WeakMap<LaunchSpec, Template[]>();

/**
 * The same XML as `write` answers. A template is compared with it for the first instance that is not the one of which
 * it was made.
 */
export function templatedXml(world: World, one: ShownInstance, write: () => string): string {
  const spec = world.specOf(one.instance);
  const shape = spec && shapeOf(world, one, spec);
  if (!spec || !shape) return write();
  const known = templates.get(spec) ?? [];
  const own = ownTexts(one.instance, spec, one);
  const template = known.find((each) => each.shape.every((part, at) => part === shape[at]));
  if (template?.parts && template.isProven) return filled(template.parts, template.holes, own);
  const xml = write();
  if (!template) {
    if (known.length >= templatesPerLaunch) known.shift();
    known.push({ shape, ...cut(xml, own), isProven: false });
    templates.set(spec, known);
  } else if (template.parts) {
    if (filled(template.parts, template.holes, own) === xml) template.isProven = true;
    else template.parts = null;
  }
  return xml;
}

/** null: what it shows may be its own. */
function shapeOf(world: World, { instance, shown }: ShownInstance, spec: LaunchSpec): readonly unknown[] | null {
  const { details } = instance;
  const [volumeId, ...more] = details?.volumeIds ?? [];
  if (shown.state !== 'running' && shown.state !== 'pending') return null;
  if (!details || details.privateIp === null || details.changed || details.elastic || shown.reason) return null;
  if (volumeId === undefined || more.length > 0 || world.capacityReservations.size > 0) return null;
  const [attachment, ...others] = world.volumes.get(volumeId)?.attachments ?? [];
  if (!attachment || others.length > 0) return null;
  return [
    shown.state,
    instance.instanceType,
    instance.zone,
    instance.capacityType,
    instance.launchedAtMs,
    instance.token,
    instance.tags,
    details.subnetId,
    details.securityGroupIds.join(),
    details.spotRequestId !== undefined,
    publicAddress(instance, spec, shown.state) !== null,
    attachment.device,
    attachment.attachedAtMs,
    attachment.deleteOnTermination,
    attachmentStatus(attachment, world.nowMs()),
    instance.launchIndex < 10,
  ];
}

/** Longer ones before those that may be within them. */
function ownTexts(instance: InstanceRecord, spec: LaunchSpec, { shown }: ShownInstance): Own {
  const privateIp = formatAddress(instance.details?.privateIp ?? 0);
  const address = publicAddress(instance, spec, shown.state);
  const publicIp = address === null ? null : formatAddress(address);
  return [
    instance.details?.volumeIds[0] ?? '',
    instance.id.slice('i-'.length),
    spotRequestId(instance),
    macAddress(instance),
    `<amiLaunchIndex>${String(instance.launchIndex)}<`,
    ...(publicIp === null ? [] : [`ec2-${publicIp.replaceAll('.', '-')}.`, `>${publicIp}<`]),
    `ip-${privateIp.replaceAll('.', '-')}.`,
    `>${privateIp}<`,
  ];
}

function cut(xml: string, own: Own): { readonly parts: readonly string[]; readonly holes: readonly number[] } {
  const pattern = new RegExp(own.map((text) => text.replace(/[.\\-]/g, '\\$&')).join('|'), 'g');
  const [parts, holes]: [string[], number[]] = [[], []];
  let from = 0;
  for (const found of xml.matchAll(pattern)) {
    parts.push(xml.slice(from, found.index));
    holes.push(own.indexOf(found[0]));
    from = found.index + found[0].length;
  }
  parts.push(xml.slice(from));
  return { parts, holes };
}

function filled(parts: readonly string[], holes: readonly number[], own: Own): string {
  // Joined, not added up: what is added up is copied piece by piece when it is sent.
  const pieces = [parts[0] ?? ''];
  for (const [at, hole] of holes.entries()) pieces.push(own[hole] ?? '', parts[at + 1] ?? '');
  return pieces.join('');
}
