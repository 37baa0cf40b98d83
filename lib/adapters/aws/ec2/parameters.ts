// Parts of requests that several calls of EC2 share.
import type { VolumeShape } from '../../../core/records/volume.ts';

export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Without the size, whose parameter has several names. */
export function volumeParameters({ type, iops, throughputMibps }: VolumeShape) {
  return {
    VolumeType: type,
    ...(iops === null ? {} : { Iops: iops }),
    ...(throughputMibps === null ? {} : { Throughput: throughputMibps }),
  };
}
