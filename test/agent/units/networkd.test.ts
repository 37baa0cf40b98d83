// systemd-networkd deletes routing rules that are not its own, but not those of agent/metadata-rules.sh. In namespaces
// of its own. Needs root (`sudo`), systemd-networkd and dbus-daemon.
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { hangMs } from '../../hang.ts';

const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const env = { ...process.env, PATH: path };
const networkd = '/lib/systemd/systemd-networkd';
const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const isPossible =
  process.platform === 'linux'
  && process.getuid?.() === 0
  && existsSync(networkd)
  && spawnSync('sh', ['-c', 'command -v dbus-daemon networkctl'], { env }).status === 0
  && spawnSync('unshare', [...namespaces, 'sh', '-c', 'mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys'], {
    env,
  }).status === 0;

/** A rule of nobody's (pref 99) shows that networkd has been at work, and that it does delete what it does not know. */
const script = `
set -eu
mount --make-rprivate /; mount -t tmpfs tmpfs /run; mount -t sysfs sysfs /sys
mkdir -p /run/systemd/network /run/dbus /run/udev/data
printf '[Match]\\nName=ens*\\n[Network]\\nAddress=192.0.2.10/24\\nLinkLocalAddressing=no\\nIPv6AcceptRA=no\\n' \
  > /run/systemd/network/80-ec2.network
ip link set lo up; ip link add ens5 type veth peer name p5; ip link set p5 up
for link in lo ens5 p5; do printf 'I:1\\n' > /run/udev/data/n$(cat /sys/class/net/$link/ifindex); done
touch /run/udev/control
dbus-daemon --system --nofork --nopidfile 2> /dev/null & bus=$!
networking=
trap 'kill $networking $bus 2>/dev/null || :' EXIT
until [ -S /run/dbus/system_bus_socket ]; do sleep 0.05; done
start() { ${networkd} 2> /dev/null & networking=$!; }
has_foreign() { ip -4 rule list | grep -q '^99:'; }
say() { echo "$1 $(ip -4 rule list | grep -c prohibit) $(ip -6 rule list | grep -c prohibit)"; }
start
until ip -4 address show ens5 | grep -q 192.0.2.10; do sleep 0.05; done
sh "$1" nobody
say before
ip rule add pref 99 to 192.0.2.99 prohibit
# What amazon-ec2-net-utils does at the first start.
ln -s /run/systemd/network/80-ec2.network /run/systemd/network/70-ens5.network
mkdir /run/systemd/network/70-ens5.network.d
printf '[DHCPv4]\\nRouteMetric=512\\n' > /run/systemd/network/70-ens5.network.d/eni.conf
networkctl reload
while has_foreign; do sleep 0.05; done
say reloaded
kill $networking; wait $networking || :
ip rule add pref 99 to 192.0.2.99 prohibit
start
while has_foreign; do sleep 0.05; done
say restarted
`;

// Where it is not possible this is skipped, with its reason in allowed-skips.json.
(isPossible ? test : test.skip)('the metadata rules outlive a reload and a restart of systemd-networkd', () => {
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    [...namespaces, 'sh', '-c', script, 'script', resolve('agent/metadata-rules.sh')],
    { encoding: 'utf8', timeout: hangMs, killSignal: 'SIGKILL', env },
  );
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.trim().split('\n')).toEqual(['before 9 6', 'reloaded 9 6', 'restarted 9 6']);
});
