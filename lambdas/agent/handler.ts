// The agents' side of HTTP as a Lambda handler: syncs and the output of attempts.
import { agentLimits } from '../../lib/api/limits.ts';
import { ProblemError } from '../../lib/api/problems.ts';
import { agentRoutes } from '../../lib/api/agent-routes.ts';
import type { AgentRouteId } from '../../lib/api/agent-routes.ts';
import type { AnswerOf, InputOf } from '../../lib/api/routes.ts';
import type { AgentUseCases, AttemptRole } from '../../lib/control/use-cases.ts';
import { s3PlaceOf, shownUrl } from '../../lib/core/access/files.ts';
import type { GivenInput, S3Place, TaskInput } from '../../lib/core/access/files.ts';
import type { SecretRef } from '../../lib/core/access/secrets.ts';
import type { RoleCredentials } from '../../lib/core/access/roles.ts';
import { ecrOf, registryOf } from '../../lib/core/access/images.ts';
import type { RegistryLogin } from '../../lib/core/access/images.ts';
import type { GivenSecret } from '../../lib/core/records/sync.ts';
import { nothingLeftOut } from '../../lib/core/values/output.ts';
import type { IdentifyNode } from '../../lib/ports/access/identity.ts';
import { artifactKeys, uploadKey } from '../../lib/control/store/file-keys.ts';
import type { Files } from '../../lib/ports/access/files.ts';
import type { Objects } from '../../lib/ports/access/objects.ts';
import type { Log } from '../../lib/ports/log.ts';
import { loginIn } from '../../lib/ports/access/registries.ts';
import type { Registries } from '../../lib/ports/access/registries.ts';
import { RoleUnavailableError } from '../../lib/ports/access/roles.ts';
import type { Roles } from '../../lib/ports/access/roles.ts';
import { SecretUnreadableError } from '../../lib/ports/access/secrets.ts';
import type { Secrets } from '../../lib/ports/access/secrets.ts';
import type { Outputs } from '../../lib/ports/outputs.ts';
import type { HttpHandler } from '../http/handler.ts';
import { createHttpHandler } from '../http/handler.ts';

export interface AgentOptions {
  readonly useCases: AgentUseCases;
  readonly outputs: Outputs;
  readonly files: Files;
  readonly secrets: Secrets;
  readonly roles: Roles;
  readonly registries: Registries;
  readonly objects: Objects;
  readonly identity: IdentifyNode;
  readonly log: Log;
}

interface Node {
  readonly nodeId: string;
}

type Operations = {
  readonly [Id in AgentRouteId]: (
    input: InputOf<(typeof agentRoutes)[Id]>,
    node: Node,
  ) => Promise<AnswerOf<(typeof agentRoutes)[Id]>>;
};

/** Of an object of S3 its address. */
type AddressOf = (place: S3Place) => Promise<string>;

async function addressOf(
  files: Files,
  ofObject: AddressOf,
  tenant: string,
  { upload, url, ...input }: TaskInput,
): Promise<GivenInput> {
  if (upload !== undefined) {
    const address = await files.downloadFrom(uploadKey(tenant, upload));
    return { ...input, url: address, sha256: upload, name: `the upload ${upload}` };
  }
  if (url === undefined) throw new TypeError('an input has neither a URL nor an upload');
  const place = s3PlaceOf(url);
  return { ...input, url: place === null ? url : await ofObject(place), name: shownUrl(url) };
}

/** Credentials of an attempt's role, which the pool's activity tells. */
async function grant(
  { useCases, roles }: Pick<AgentOptions, 'useCases' | 'roles'>,
  nodeId: string,
  role: AttemptRole,
  what?: string,
): Promise<RoleCredentials> {
  const { pool: _pool, ...session } = role;
  const credentials = await roles.assume(session);
  await useCases.noteGrant(nodeId, role, credentials.expiresAtMs, what);
  return credentials;
}

/** What an attempt is given when it starts, only while its node runs it. */
function givenToAttempts(options: AgentOptions): Pick<Operations, 'readSecrets' | 'readCredentials' | 'findInputs'> {
  const { useCases, files, secrets, objects, log } = options;
  const readerOf = async (
    nodeId: string,
    role: AttemptRole | null,
    inputs: readonly TaskInput[],
  ): Promise<AddressOf> => {
    if (role === null)
      return async ({ bucket, key }) => {
        throw new TypeError(`s3://${bucket}/${key} has no role that reads it`);
      };
    const [first, ...more] = inputs.flatMap(({ url = '' }) => (s3PlaceOf(url) === null ? [] : [url]));
    const what = `${first ?? ''}${more.length === 0 ? '' : ` and ${String(more.length)} more`}`;
    const credentials = await grant(options, nodeId, role, what);
    return (place) => objects.downloadFrom(place, credentials, role.role);
  };
  return {
    readSecrets: async ({ params: { attemptId } }, { nodeId }) => {
      const wanted = await useCases.secretsOfAttempt(nodeId, attemptId);
      if (wanted === null)
        throw new ProblemError('forbidden', `${nodeId} does not run ${attemptId} (any more), so it gets no secrets`);
      log.write('info', 'an attempt is given secrets', {
        node: nodeId,
        attempt: attemptId,
        secrets: wanted.map((one) => one.from),
      });
      const read = async ({ name, as, from }: SecretRef): Promise<GivenSecret> => ({
        name,
        as,
        value: await secrets.read(from),
      });
      return { secrets: await Promise.all(wanted.map(read)) };
    },
    readCredentials: async ({ params: { attemptId } }, { nodeId }) => {
      const found = await useCases.roleOfAttempt(nodeId, attemptId);
      if (found === null)
        throw new ProblemError('forbidden', `${nodeId} runs no ${attemptId} with a role (any more), so it gets none`);
      return grant(options, nodeId, found);
    },
    findInputs: async ({ params: { attemptId } }, { nodeId }) => {
      const found = await useCases.inputsOfAttempt(nodeId, attemptId);
      if (found === null)
        throw new ProblemError('forbidden', `${nodeId} does not run ${attemptId} (any more), so it gets no inputs`);
      const { tenant, inputs } = found;
      const ofObject = await readerOf(nodeId, found.role, inputs);
      return { inputs: await Promise.all(inputs.map((one) => addressOf(files, ofObject, tenant, one))) };
    },
  };
}

/** What the registry of an attempt's image is shown, only while the node runs that attempt. */
function loginsOfImages({ useCases, secrets, roles, registries, log }: AgentOptions): Pick<Operations, 'readLogin'> {
  const readSecret = async (from: string, image: string): Promise<RegistryLogin> => {
    const registry = registryOf(image);
    const login = loginIn(await secrets.read(from), registry);
    if (login !== null) return login;
    const shapes = '{"username": …, "password": …} nor {"auths": …} with that registry';
    throw new SecretUnreadableError(from, 'malformed', `for ${registry} it is neither ${shapes}`);
  };
  return {
    readLogin: async ({ params: { attemptId } }, { nodeId }) => {
      const found = await useCases.imageOfAttempt(nodeId, attemptId);
      if (found === null)
        throw new ProblemError('forbidden', `${nodeId} runs no ${attemptId} with imageCredentials (any more)`);
      const { image } = found;
      if (found.kind === 'secret') {
        log.write('info', 'an agent is given a login', { node: nodeId, attempt: attemptId, image, secret: found.from });
        return { ...(await readSecret(found.from, image)), from: `the secret ${found.from}` };
      }
      const { pool: _pool, ...session } = found.role;
      const { role } = session;
      const region = ecrOf(image)?.region;
      if (region === undefined) throw new RoleUnavailableError(role, `${image} is of no repository of ECR`, false);
      const credentials = await roles.assume(session);
      const { expiresAtMs, ...login } = await registries.login(region, credentials, role);
      await useCases.noteGrant(nodeId, found.role, expiresAtMs, image);
      return { ...login, from: `the role ${role}` };
    },
  };
}

/** What an attempt leaves behind, only from the node that runs it. */
function keptOfAttempts({
  useCases,
  outputs,
  files,
}: AgentOptions): Pick<Operations, 'putOutput' | 'offerArtifacts' | 'keepArtifacts'> {
  const assertRuns = async (nodeId: string, attemptId: string, what: string): Promise<void> => {
    if (!(await useCases.hasAttempt(nodeId, attemptId)))
      throw new ProblemError(
        'forbidden',
        `${nodeId} does not run ${attemptId} (any more), so its ${what} is not its to store`,
      );
  };
  return {
    putOutput: async ({ params, body }, node) => {
      await assertRuns(node.nodeId, params.attemptId, 'output');
      await outputs.write(params.attemptId, {
        stdout: body.stdout,
        stderr: body.stderr,
        isTruncated: body.truncated,
        leftOutBytes: body.leftOutBytes ?? nothingLeftOut,
      });
      return null;
    },
    offerArtifacts: async ({ params: { attemptId }, body }, { nodeId }) => {
      await assertRuns(nodeId, attemptId, 'artifacts');
      const keys = artifactKeys(attemptId);
      return { places: await Promise.all(body.files.map((one) => files.uploadTo(keys.of(one.sha256), one))) };
    },
    keepArtifacts: async ({ params: { attemptId }, body }, { nodeId }) => {
      await assertRuns(nodeId, attemptId, 'artifacts');
      const keys = artifactKeys(attemptId);
      await files.write(body.output === undefined ? keys.list : keys.output, JSON.stringify(body));
      return null;
    },
  };
}

export function createAgentHandler(options: AgentOptions): HttpHandler {
  const { useCases, identity, log } = options;
  const operations: Operations = {
    sync: async ({ body }, node) => {
      if (body.nodeId !== node.nodeId)
        throw new ProblemError('forbidden', `the agent of ${node.nodeId} cannot speak for ${body.nodeId}`);
      return useCases.sync(body);
    },
    ...givenToAttempts(options),
    ...loginsOfImages(options),
    ...keptOfAttempts(options),
  };
  return createHttpHandler<Node>({
    routes: agentRoutes,
    operations,
    bodyBytesMax: agentLimits.bodyBytes,
    log,
    authorize: async (_route, event) => {
      const node = await identity({ headers: event.headers, requestContext: event.requestContext });
      if (node === null)
        throw new ProblemError('unauthorized', 'the agent is not known; it must call with the identity of its node');
      return node;
    },
  });
}
