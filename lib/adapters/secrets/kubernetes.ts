// Secrets of a Kubernetes cluster, by its API, as a service account.
import * as z from 'zod';
import { fieldOf, placeAndKey, SecretUnreadableError, textOfBytes } from '../../ports/access/secrets.ts';
import type { ReadSecret } from '../../ports/access/secrets.ts';
import { callJson } from './json-call.ts';

export interface KubernetesOptions {
  /** Of its API, e.g. https://10.0.0.1:6443 */
  readonly address: string;
  /** Of the service account; asked for at each call, because it is renewed. `from`: the reference, for messages. */
  readonly token: (from: string) => Promise<string>;
  /** Of the cluster's own authority, in PEM. Absent: a public one, or one of NODE_EXTRA_CA_CERTS. */
  readonly ca?: string | undefined;
  readonly timeoutMs?: number;
}

const secret = z.object({ data: z.record(z.string(), z.string()).nullish() });

/** `k8s:NAMESPACE/NAME`; `#KEY` for one of its fields, else all of them as JSON. */
export function kubernetesSecrets({ address, token, ca, timeoutMs = 3_000 }: KubernetesOptions): ReadSecret {
  return async (place, from) => {
    const { place: path, key } = placeAndKey(place);
    const [namespace = '', name = '', ...rest] = path.split('/');
    if (name === '' || rest.length > 0)
      throw new SecretUnreadableError(from, 'malformed', 'it is no NAMESPACE/NAME of a cluster');
    const answer = await callJson('the cluster', from, {
      url: new URL(`/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`, address),
      method: 'GET',
      headers: { accept: 'application/json', authorization: `Bearer ${await token(from)}` },
      ca,
      timeoutMs,
    });
    const result = secret.safeParse(answer);
    if (!result.success) throw new SecretUnreadableError(from, 'unavailable', 'the answer of the cluster is not one');
    const fields = Object.fromEntries(
      Object.entries(result.data.data ?? {}).map(([own, base64]) => [own, Buffer.from(base64, 'base64')]),
    );
    if (key !== null) {
      const bytes = Object.hasOwn(fields, key) ? fields[key] : undefined;
      return bytes === undefined ? fieldOf({}, key, from) : textOfBytes(bytes, from);
    }
    return JSON.stringify(
      Object.fromEntries(Object.entries(fields).map(([own, bytes]) => [own, textOfBytes(bytes, from)])),
    );
  };
}
