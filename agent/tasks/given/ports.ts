// Ports of attempts that serve: free ones are found by asking the kernel, and noted in the attempt's folder, so that a
// restarted agent knows them.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod';
import type { OpenPort, PortSpec } from '../../../lib/core/services/serving.ts';
import { readLast } from '../task-files.ts';

const noted = z.array(z.object({ name: z.string(), port: z.int().min(1).max(65_535) })).max(16);
const notedBytesMax = 4_096;

/**
 * In their order. Until the process itself listens another one may take its port: then it ends, and says so.
 */
export async function choosePorts(wanted: readonly PortSpec[], dir: string): Promise<readonly OpenPort[]> {
  // All are kept open until each is chosen: none is chosen twice.
  const servers = wanted.map(() => createServer());
  try {
    const ports: OpenPort[] = [];
    for (const [n, { name, port }] of wanted.entries())
      ports.push({ name, port: port ?? (await listening(servers[n] ?? createServer())) });
    writeFileSync(join(dir, 'ports'), JSON.stringify(ports));
    return ports;
  } finally {
    for (const server of servers) server.close();
  }
}

function listening(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '0.0.0.0' }, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the kernel gave no port'));
    });
  });
}

/** Those that an earlier start of the agent chose; none where the note is gone, or is no note. */
export function notedPorts(dir: string): readonly OpenPort[] {
  const text = readLast(join(dir, 'ports'), notedBytesMax)?.toString('utf8') ?? '[]';
  try {
    return noted.safeParse(JSON.parse(text)).data ?? [];
  } catch (error) {
    if (error instanceof SyntaxError) return []; // a task has written it where it may
    throw error;
  }
}
