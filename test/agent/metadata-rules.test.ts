// The rules of agent/metadata-rules.sh on a Linux host: three network namespaces stand for a node, a container behind
// its bridge, and a metadata service beyond it. Needs root (`sudo`); nothing of the host's own network is touched.
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { attemptUsers, metadataAddresses } from '../../agent/tasks/units.ts';
import { agentPort } from '../../lib/core/services/serving.ts';
import { hangMs } from '../hang.ts';

const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const run = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { env: { ...process.env, PATH: path } }).status === 0;
const isPossible =
  process.platform === 'linux'
  && process.getuid?.() === 0
  && run('unshare', '--net', 'sh', '-c', 'ip rule add uidrange 5-6 to 192.0.2.1 prohibit');

const taskUser = 'nobody';

const server = `
import { createServer } from 'node:net';
for (const host of ['169.254.169.254', 'fd00:ec2::254'])
  createServer((socket) => socket.on('error', () => undefined).end('secret')).listen(80, host);
`;

/** Says "WHO ADDRESS connected" or the error's code, for each address. */
const probe = `
import { connect } from 'node:net';
const [who, uid] = process.argv.slice(2);
process.setuid(Number(uid));
for (const host of ['169.254.169.254', 'fd00:ec2::254']) {
  const said = await new Promise((done) => {
    const socket = connect({ host, port: 80, timeout: 3000 });
    socket.on('connect', () => done('connected'));
    socket.on('error', (error) => done(error.code)).on('timeout', () => done('timeout'));
  });
  console.log(who, host, said);
}
process.exit(0);
`;

/** Listens at the address, or says "connected" or the error's code, as the user if one is given. */
const own = `
import { connect, createServer } from 'node:net';
const at = { host: '169.254.170.23', port: ${String(agentPort)} };
if (process.argv[3]) process.setuid(Number(process.argv[3]));
if (process.argv[2] === 'listen') createServer((socket) => socket.on('error', () => undefined).end()).listen(at);
else {
  const socket = connect({ ...at, timeout: 3000 });
  const say = (text) => { console.log(text); process.exit(0); };
  socket.on('connect', () => say('connected')).on('timeout', () => say('timeout'));
  socket.on('error', (error) => say(error.code));
}
`;

const script = `
set -eu
node=$1 dir=$2 rules=$3 user=$4 uid=$(id -u "$4") own=$5
unshare --net sleep 60 & service=$!
unshare --net sleep 60 & container=$!
trap 'kill $service $container 2>/dev/null; kill $serving 2>/dev/null || :' EXIT
serving=
while [ "$(readlink /proc/$service/ns/net)" = "$(readlink /proc/self/ns/net)" ] ||
  [ "$(readlink /proc/$container/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
in_service() { nsenter --net=/proc/$service/ns/net "$@"; }
in_container() { nsenter --net=/proc/$container/ns/net "$@"; }
ip link add to-service type veth peer name eth0 netns $service
ip link add to-container type veth peer name eth0 netns $container
for link in lo to-service to-container; do ip link set $link up; done
for inside in in_service in_container; do $inside ip link set lo up; $inside ip link set eth0 up; done
ip addr add 192.0.2.1/30 dev to-service; ip -6 addr add 2001:db8:1::1/64 dev to-service nodad
ip addr add 198.51.100.1/30 dev to-container; ip -6 addr add 2001:db8:2::1/64 dev to-container nodad
in_service ip addr add 192.0.2.2/30 dev eth0; in_service ip -6 addr add 2001:db8:1::2/64 dev eth0 nodad
in_service ip addr add 169.254.169.254/32 dev lo; in_service ip -6 addr add fd00:ec2::254/128 dev lo nodad
in_container ip addr add 198.51.100.2/30 dev eth0; in_container ip -6 addr add 2001:db8:2::2/64 dev eth0 nodad
in_service ip route add default via 192.0.2.1; in_service ip -6 route add default via 2001:db8:1::1
in_container ip route add default via 198.51.100.1; in_container ip -6 route add default via 2001:db8:2::1
ip route add 169.254.169.254/32 via 192.0.2.2; ip -6 route add fd00:ec2::254/128 via 2001:db8:1::2
echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
nsenter --net=/proc/$service/ns/net "$node" "$dir/server.mjs" & serving=$!
until in_service "$node" "$dir/probe.mjs" wait 0 | grep -c connected | grep -qx 2; do sleep 0.1; done
ask() {
  "$node" "$dir/probe.mjs" "$1:agent" 0
  "$node" "$dir/probe.mjs" "$1:task" "$uid"
  "$node" "$dir/probe.mjs" "$1:attempt" "$own"
  in_container "$node" "$dir/probe.mjs" "$1:container" 0
}
ask open
# Twice: a restart of the agent makes them again.
sh "$rules" "$user"; sh "$rules" "$user"
echo "rules $(ip -4 rule list | grep -c prohibit) $(ip -6 rule list | grep -c prohibit)"
ask closed
# Where the agent answers for roles of containers: an address of the node's own, which nothing is forwarded to.
ip address replace 169.254.170.23/32 dev lo
"$node" "$dir/own.mjs" listen & owning=$!
until "$node" "$dir/own.mjs" connect | grep -qx connected; do sleep 0.1; done
echo "roles:container $(in_container "$node" "$dir/own.mjs" connect)"
echo "roles:attempt $("$node" "$dir/own.mjs" connect "$own")"
ask owned
kill $owning
`;

describe('the metadata rules', () => {
  // Where it is not possible this is skipped, with its reason in allowed-skips.json.
  (isPossible ? test : test.skip)('keep tasks and containers from the metadata service, and not the agent', () => {
    const dir = mkdtempSync(join(tmpdir(), 'bellows-metadata-'));
    try {
      for (const [name, text] of Object.entries({
        'server.mjs': server,
        'probe.mjs': probe,
        'own.mjs': own,
        'script.sh': script,
      }))
        writeFileSync(join(dir, name), text);
      const { stdout, stderr, status } = spawnSync(
        'unshare',
        [
          '--net',
          'sh',
          join(dir, 'script.sh'),
          process.execPath,
          dir,
          resolve('agent/metadata-rules.sh'),
          taskUser,
          String(attemptUsers.last),
        ],
        { encoding: 'utf8', timeout: hangMs, env: { ...process.env, NODE_OPTIONS: '', PATH: path } },
      );
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      const said = (who: string): readonly string[] =>
        stdout
          .split('\n')
          .filter((line) => line.startsWith(`${who} `))
          .map((line) => line.split(' ').at(-1) ?? '');
      const both = (what: string): readonly string[] => [what, what];
      // Without the rules everybody gets through, so it is the rules that keep them out.
      for (const who of ['open:agent', 'open:task', 'open:attempt', 'open:container', 'closed:agent'])
        expect([who, said(who)]).toEqual([who, both('connected')]);
      for (const who of ['closed:task', 'closed:attempt']) expect([who, said(who)]).toEqual([who, both('EACCES')]);
      // The node tells a container that it may not: with another ICMP message for either address family.
      expect(said('closed:container')).toEqual(['EHOSTUNREACH', 'EACCES']);
      expect(stdout).toContain('rules 9 6\n');
      expect(said('roles:container')).toEqual(['connected']);
      // The kernel looks up its own addresses before these rules: units deny this one to processes, and the agent
      // answers nobody without a token.
      expect(said('roles:attempt')).toEqual(['connected']);
      for (const who of ['owned:task', 'owned:attempt']) expect([who, said(who)]).toEqual([who, both('EACCES')]);
      expect(said('owned:container')).toEqual(['EHOSTUNREACH', 'EACCES']);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test('name every address that the units deny', () => {
    const rules = readFileSync('agent/metadata-rules.sh', 'utf8');
    for (const address of metadataAddresses) expect(rules).toContain(address);
    expect(rules).toContain(`uidrange ${String(attemptUsers.first)}-${String(attemptUsers.last)} `);
    // Others are deleted by systemd-networkd.
    expect(rules.match(/ rule add .*/g)?.filter((rule) => !rule.startsWith(' rule add protocol kernel '))).toEqual([]);
  });
});
