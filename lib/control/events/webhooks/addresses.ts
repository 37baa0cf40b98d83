// Where webhooks may go. The controller calls whatever address a tenant names, so no name may lead it to what only the
// controller reaches: the metadata service, its own runtime, a private network.
import { canonicalCidr } from '../../../core/claims/networks/cidr.ts';

/** `loopback`: of a server on a laptop, whose users may reach all that it reaches but the link-local. */
export type WebhookReach = 'public' | 'loopback';

/**
 * "This network", link-local with the metadata services of clouds, multicast, reserved (RFC 6890); and addresses of
 * IPv4 in the clothes of IPv6 (RFC 4291), which no name has for a good reason.
 */
const never = ['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/96', '::ffff:0:0/96', 'fe80::/10', 'ff00::/8'];
/** Of EC2's metadata, time and name services. */
const ofEc2 = 'fd00:ec2::/32';
const loopback = ['127.0.0.0/8', '::1/128'];
/** RFC 1918, RFC 6598, RFC 4193, RFC 2544; ways of IPv6 to addresses of IPv4 (RFC 6052, RFC 3056). */
const inside = [
  ...['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.0.0.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['fc00::/7', '64:ff9b::/96', '2002::/16'],
];

function isAddress(text: string): boolean {
  return canonicalCidr(`${text}/0`) !== null;
}

function isIn(networks: readonly string[], address: string): boolean {
  return networks.some((network) => canonicalCidr(`${address}/${network.slice(network.indexOf('/') + 1)}`) === network);
}

/** Of the address that a name stands for; asked with each connection, since names change what they stand for. */
export function mayConnect(reach: WebhookReach, address: string): boolean {
  if (!isAddress(address)) return false;
  if (isIn(loopback, address)) return reach === 'loopback';
  if (isIn([...never, ofEc2], address)) return false;
  return reach === 'loopback' || !isIn(inside, address);
}

/** null: it may be delivered to, as far as the text tells. Else what is wrong with it. */
export function urlProblem(reach: WebhookReach, text: string): string | null {
  if (!URL.canParse(text)) return 'must be an address such as https://example.com/bellows';
  const { protocol, hostname, username, password } = new URL(text);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const isHere = host === 'localhost' || host.endsWith('.localhost') || isIn(loopback, host);
  if (username !== '' || password !== '') return 'must not have a user or password; deliveries are signed';
  if (isHere && reach === 'public') return 'must not be this machine itself';
  if (protocol !== 'https:' && !(protocol === 'http:' && isHere))
    return `must be https${reach === 'loopback' ? ', or http to this machine' : ''}`;
  return isAddress(host) && !mayConnect(reach, host) ? 'must not be a link-local, private or reserved address' : null;
}
