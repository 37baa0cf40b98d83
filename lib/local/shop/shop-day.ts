// A shop's day in a minute: what is asked for and when, as a pure list. The commands are real ones that any
// POSIX machine with Node has; each appends to the ledger what ran, which is what the audit believes.

export interface Arrival {
  readonly atMs: number;
  /** Stable, so that a day that is played on after a restart asks for nothing twice. */
  readonly key: string;
  readonly kind: 'page' | 'image' | 'orders' | 'report' | 'held';
  readonly body: Readonly<Record<string, unknown>>;
}

export const dayMs = 60_000;
export const ledgerVariable = 'SHOP_LEDGER';
export const hourMs = dayMs / 24;

/** A script that notes its start and its end in the ledger; one short append is atomic. */
export function noted(script: string): string {
  return [
    'id="$BELLOWS_REQUEST_ID.$BELLOWS_TASK_INDEX.$BELLOWS_ATTEMPT"',
    `echo "start $id" >> "$${ledgerVariable}" || exit 99`,
    script,
    `echo "end $id" >> "$${ledgerVariable}"`,
  ].join('\n');
}

const renderPage = `
const { appendFileSync } = require('node:fs');
const { createHash } = require('node:crypto');
const { BELLOWS_REQUEST_ID, BELLOWS_TASK_INDEX, BELLOWS_ATTEMPT, ${ledgerVariable}, PAGE, WAIT_MS } = process.env;
const id = [BELLOWS_REQUEST_ID, BELLOWS_TASK_INDEX, BELLOWS_ATTEMPT].join('.');
appendFileSync(${ledgerVariable}, 'start ' + id + '\\n');
const products = Array.from({ length: 2000 }, (_, i) => '<li>Product ' + i + ' for ' + (i * 7 % 100) + '.99</li>');
const html = '<h1>Page ' + PAGE + '</h1><ul>' + products.join('') + '</ul>';
setTimeout(() => {
  const digest = createHash('sha256').update(html).digest('hex').slice(0, 12);
  console.log('page ' + PAGE + ': ' + html.length + ' bytes, ' + digest);
  appendFileSync(${ledgerVariable}, 'end ' + id + '\\n');
}, Number(WAIT_MS));`;

const convertImage = noted(
  'head -c 2000000 /dev/urandom > photo.raw\nfor size in 1 2 3; do gzip -$size -c photo.raw | wc -c; done\nsleep 1.2',
);
const addUpOrders = noted(
  'awk -v batch="$BELLOWS_TASK_INDEX" \'BEGIN { for (i = 1; i <= 20000; i++) sum += (batch * 31 + i) % 97; print '
    + '"orders of batch " batch ": " sum " USD" }\'\nsleep 0.3',
);
const writeReport = noted(
  'if [ "$BELLOWS_ATTEMPT" = 1 ]; then echo "the warehouse is still being restocked; try again" >&2; exit 1; '
    + 'fi\nsort /etc/passwd | wc -l\nsleep 0.5',
);

/** `isHolding`: with machines, storage and a network that are claimed all day, where the pool takes them. */
export function shopDay(day: number, ledger: string, hasClaims = false): readonly Arrival[] {
  const env = { [ledgerVariable]: ledger };
  const arrivals: Arrival[] = [
    ...(hasClaims ? machines(day) : []),
    {
      atMs: hourMs,
      key: `shop-${String(day)}-report`,
      kind: 'report',
      body: {
        type: 'task',
        name: 'report',
        labels: { team: 'office' },
        resources: { vcpu: 1, memoryMib: 2_048 },
        shell: writeReport,
        env,
        retries: 2,
        timeoutSeconds: 60,
        priority: 1,
      },
    },
    {
      atMs: 20 * hourMs,
      key: `shop-${String(day)}-orders`,
      kind: 'orders',
      body: {
        type: 'task',
        name: 'orders',
        labels: { team: 'office' },
        resources: { vcpu: 0.25, memoryMib: 256 },
        shell: addUpOrders,
        env,
        count: 40,
        timeoutSeconds: 60,
      },
    },
    ...bursts(day, env),
    ...pages(day, env),
  ];
  return arrivals.sort((a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1));
}

/**
 * What the shop claims all day: a database with a disk that must be quick, and a cache. Their
 * leases end with the day.
 */
function machines(day: number): Arrival[] {
  const claimed = (name: string, body: Readonly<Record<string, unknown>>): Arrival => ({
    atMs: 0,
    key: `shop-${String(day)}-${name}`,
    kind: 'held',
    body: { ...body, name, labels: { team: 'shop' }, leaseSeconds: Math.round(dayMs / 1_000) - 10 },
  });
  return [
    claimed('database', {
      type: 'virtual_machine',
      needs: { vcpu: 2, memoryMib: 4_096 },
      volumes: [{ sizeGib: 50, iops: 4_000 }],
      network: { ingress: [{ port: 5_432, cidr: '172.31.0.0/16' }] },
    }),
    claimed('cache', {
      type: 'virtual_machine',
      needs: { vcpu: 2, memoryMib: 8_192 },
      network: { ingress: [{ port: 6_379, cidr: '172.31.0.0/16' }] },
    }),
    claimed('web', { type: 'network', ingress: [{ port: 443, cidr: '0.0.0.0/0' }], allowPublic: true }),
    claimed('photos', { type: 'storage', sizeGib: 500, throughputMibps: 19 }),
  ];
}

function bursts(day: number, env: Readonly<Record<string, string>>): Arrival[] {
  return [9, 12, 15.5, 19].flatMap((hour, burst) =>
    Array.from({ length: 10 }, (_, n): Arrival => ({
      atMs: Math.round(hour * hourMs + n * 20),
      key: `shop-${String(day)}-image-${String(burst)}-${String(n)}`,
      kind: 'image',
      body: {
        type: 'task',
        name: `image-${String(burst)}-${String(n)}`,
        labels: { team: 'catalogue' },
        resources: { vcpu: 1.5, memoryMib: 1_536 },
        shell: convertImage,
        env,
        timeoutSeconds: 60,
        retries: 1,
      },
    })),
  );
}

/** Visitors come from six in the morning to ten at night, most of them at two in the afternoon. */
export function visitorsPerSecond(hour: number): number {
  return 0.2 + (hour > 6 && hour < 22 ? 3 * Math.sin((Math.PI * (hour - 6)) / 16) ** 2 : 0);
}

function pages(day: number, env: Readonly<Record<string, string>>): Arrival[] {
  const arrivals: Arrival[] = [];
  let due = 0;
  for (let atMs = 0; atMs < dayMs; atMs += 10) {
    due += visitorsPerSecond(atMs / hourMs) / 100;
    if (due < 1) continue;
    due -= 1;
    const n = arrivals.length;
    arrivals.push({
      atMs,
      key: `shop-${String(day)}-page-${String(n)}`,
      kind: 'page',
      body: {
        type: 'task',
        name: `page-${String(n)}`,
        labels: { team: 'shop' },
        resources: { vcpu: 0.5, memoryMib: 384 },
        command: ['node', '-e', renderPage],
        env: { ...env, PAGE: String(n), WAIT_MS: String(200 + ((n * 137) % 500)) },
        timeoutSeconds: 60,
        retries: 1,
        priority: 1,
      },
    });
  }
  return arrivals;
}

export function clockOf(atMs: number): string {
  const minutes = Math.floor((Math.min(atMs, dayMs) / dayMs) * 24 * 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
