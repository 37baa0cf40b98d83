// Logins of registries, for the fetch of one image: of a role where the registry is ECR, or read from a secret. They
// are handed on and kept nowhere; no error has them in its message or as its cause.
import { registryOf } from '../../core/access/images.ts';
import type { RegistryLogin } from '../../core/access/images.ts';
import type { RoleCredentials } from '../../core/access/roles.ts';

/** Of one user name or password; a token of ECR has some thousand characters. */
const loginLengthMax = 16_384;

export interface ExpiringLogin extends RegistryLogin {
  readonly expiresAtMs: number;
}

export interface Registries {
  /**
   * Of ECR in that region, as whoever has these credentials; `role`: for messages.
   * @throws RoleUnavailableError
   */
  login(region: string, credentials: RoleCredentials, role: string): Promise<ExpiringLogin>;
}

/**
 * What a secret says of a registry: `{"username", "password"}`, or `{"auths": {HOST: …}}` as docker and a Secret of
 * the type kubernetes.io/dockerconfigjson have it. null: nothing. What is wrong is not told: it could repeat the text.
 */
export function loginIn(text: string, registry: string): RegistryLogin | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const auths = fieldsOf(value)?.['auths'];
  return auths === undefined ? loginOf(value) : loginAmong(fieldsOf(auths) ?? {}, registry);
}

function loginAmong(auths: Readonly<Record<string, unknown>>, registry: string): RegistryLogin | null {
  const hostOf = (key: string): string => registryOf(`${key.replace(/^https?:\/\//, '').replace(/\/.*$/, '')}/x`);
  const entry = Object.entries(auths).find(([key]) => hostOf(key) === registry)?.[1];
  const login = loginOf(entry);
  const auth = fieldsOf(entry)?.['auth'];
  if (login !== null || typeof auth !== 'string') return login;
  const decoded = decodedText(auth);
  const at = decoded.indexOf(':');
  return at < 1 ? null : loginOf({ username: decoded.slice(0, at), password: decoded.slice(at + 1) });
}

/** A text that is no base64 decodes to nothing of use. */
function decodedText(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

function loginOf(value: unknown): RegistryLogin | null {
  const { username, password } = fieldsOf(value) ?? {};
  const isText = (one: unknown): one is string =>
    typeof one === 'string' && one !== '' && one.length <= loginLengthMax && !/[\0\r\n]/.test(one);
  return isText(username) && isText(password) && !username.includes(':') ? { username, password } : null;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
