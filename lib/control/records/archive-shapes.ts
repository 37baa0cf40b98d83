// What records of the archive and of what is to go there must have; see shapes.ts.
import { list, mapOf, number, object, optional, orNull, text } from './checks.ts';
import type { Check } from './checks.ts';
import type { ArchivePart, PastRequest } from '../../core/forecast/archive.ts';
import type { ShortageHour } from '../../core/forecast/shortages.ts';
import type { EndedRecord } from '../store/ended.ts';

type Fields<T> = Readonly<Partial<Record<keyof T, Check>>>;

export const ended: Check = object({ ended: list(text) } satisfies Fields<EndedRecord>);

const pastRequest = object({
  id: text,
  tenant: text,
  createdAtMs: number,
  state: text,
  resources: object({ cpuMilli: number, memoryMib: number, gpu: number }),
  labels: optional(mapOf(text)),
  priority: number,
  deadlineMs: optional(number),
  zone: optional(list(text)),
  arch: optional(list(text)),
  capacityType: optional(list(text)),
  tasks: list(list(orNull(number))),
} satisfies Fields<PastRequest>);

export const shortageHour: Check = object({
  shortages: list(list((value) => fact(value))),
} satisfies Fields<ShortageHour>);

const fact: Check = (value) => (typeof value === 'number' ? number(value) : text(value));
export const archivePart: Check = object({
  nodes: list(list(fact)),
  requests: list(pastRequest),
  upTo: optional(text),
} satisfies Fields<ArchivePart>);
