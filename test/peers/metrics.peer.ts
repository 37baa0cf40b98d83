// /metrics of the embedded server, read by the reader of Prometheus's own Python client, and scraped by Prometheus.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openMetricsType } from '../../lib/api/schemas/figures/openmetrics.ts';
import { untilAsync } from '../hang.ts';
import { startLocal } from './local-server.ts';
import type { LocalServerProcess } from './local-server.ts';
import { debianPackage, freePort, pythonBin, startServer } from './tools.ts';
import type { Peer } from './tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'bellows-metrics-'));
let local: LocalServerProcess;
let prometheus: Peer | undefined;

beforeAll(async () => {
  local = await startLocal(['--empty']);
  const body = { type: 'task', resources: { vcpu: 0.5, memoryMib: 128 }, command: ['true'], count: 4 };
  const { id } = await local.client.call('submitRequest', { body });
  await untilAsync(
    async () => ((await local.client.call('getRequest', { params: { id } })).endedAt === null ? null : true),
    'the tasks to end',
  );
}, 660_000);
afterAll(async () => {
  await prometheus?.stop();
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
});

const readIt = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
found = text_string_to_metric_families(sys.stdin.read())
print(json.dumps({f.name: [f.type, f.unit, len(f.samples)] for f in found}))`;

test("prometheus_client's strict reader accepts it", async () => {
  const answer = await fetch(`${local.url}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, openMetricsType]);
  const python = join(pythonBin('prometheus-client', ['prometheus_client==0.22.1']), 'python');
  const read = spawnSync(python, ['-c', readIt], { input: await answer.text(), encoding: 'utf8' });
  expect([read.status, read.stderr]).toEqual([0, '']);
  expect(JSON.parse(read.stdout)).toMatchObject({
    bellows_requests_ended: ['counter', '', expect.any(Number)],
    bellows_spent_usd: ['counter', 'usd', 2],
    bellows_running_to_ended_seconds: ['histogram', 'seconds', 50],
  });
});

test('Prometheus scrapes it and answers queries about it', async () => {
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  const target = new URL(local.url).host;
  writeFileSync(
    config,
    'global: {scrape_interval: 1s}\n'
      + `scrape_configs: [{job_name: bellows, static_configs: [{targets: ['${target}']}]}]\n`,
  );
  prometheus = await startServer({
    program: join(debianPackage('prometheus'), 'usr', 'bin', 'prometheus'),
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${String(port)}`,
    ],
    port,
  });
  const { endpoint } = prometheus;
  const query = async (text: string): Promise<number | null> => {
    const answer = await fetch(`${endpoint}/api/v1/query?query=${encodeURIComponent(text)}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    const [first] = data.result;
    return first === undefined ? null : Number(first.value[1]);
  };
  const found = (text: string): Promise<number> => untilAsync(() => query(text), `an answer to ${text}`);
  expect(await found('up{job="bellows"}')).toBe(1);
  expect(await found('bellows_requests_ended_total{pool="default",state="succeeded"}')).toBe(1);
  expect(await found('bellows_launches_total{pool="default",code="launched"}')).toBeGreaterThan(0);
  const p95 = 'histogram_quantile(0.95, sum by (le) (bellows_running_to_ended_seconds_bucket))';
  expect(await found(`${p95} or vector(-1)`)).not.toBeNull();
  expect(await found('bellows_ticks_total{pool="default"}')).toBeGreaterThan(0);
});
