// A zip of a folder, as functions are uploaded: deflated files, nothing else that the format knows ("APPNOTE.TXT",
// PKWARE). The CDK's own way to zip needs its command line.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

const [localSignature, centralSignature, endSignature] = [0x04034b50, 0x02014b50, 0x06054b50];
const [deflated, versionNeeded] = [8, 20];
/** 1980-01-01, the earliest that the format has: equal folders give equal zips. */
const dosDate = 0x21;
const utf8Names = 0x0800;
/** A file that may be read by everybody, made on Unix. */
const madeOnUnix = (3 << 8) | versionNeeded;
const readable = 0o100644 * 0x10000;

export function zipOf(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(relative(folder, file).replaceAll('\\', '/'));
    const content = readFileSync(file);
    const data = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(versionNeeded, 0);
    common.writeUInt16LE(utf8Names, 2);
    common.writeUInt16LE(deflated, 4);
    common.writeUInt16LE(dosDate, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([uint32(localSignature), common, name, data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(readable >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(uint32(centralSignature), uint16(madeOnUnix), common, rest, name);
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, uint32(endSignature), end]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}
