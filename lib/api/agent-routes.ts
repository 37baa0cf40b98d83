// The routes that agents call: the other part of the route table.
import * as z from 'zod';
import type { Route } from './routes.ts';
import {
  agentPaths,
  artifactList,
  credentialsReply,
  inputsReply,
  loginReply,
  outputUpload,
  placesReply,
  secretsReply,
  syncReply,
  syncRequest,
} from './schemas/agent-protocol.ts';
import { attemptIdText } from './schemas/values.ts';

export const agentRoutes = {
  sync: {
    method: 'POST',
    path: agentPaths.sync,
    permission: 'agent',
    summary: 'An agent reports and asks what to do',
    body: syncRequest,
    answer: { status: 200, description: 'Which attempts the agent shall have.', schema: syncReply },
    problems: [],
  },
  putOutput: {
    method: 'PUT',
    path: agentPaths.output,
    permission: 'agent',
    summary: 'An agent sends the output of an attempt',
    params: z.strictObject({ attemptId: attemptIdText }),
    body: outputUpload,
    answer: { status: 204, description: 'Kept.', schema: null },
    problems: [],
  },
  readSecrets: {
    method: 'POST',
    path: agentPaths.secrets,
    permission: 'agent',
    summary: 'An agent asks for the secrets of an attempt that it starts',
    params: z.strictObject({ attemptId: attemptIdText }),
    answer: { status: 200, description: 'Their values, which are kept nowhere.', schema: secretsReply },
    problems: ['secret_unreadable'],
  },
  readCredentials: {
    method: 'POST',
    path: agentPaths.credentials,
    permission: 'agent',
    summary: 'An agent asks for credentials of the role of an attempt that it runs',
    params: z.strictObject({ attemptId: attemptIdText }),
    answer: { status: 200, description: 'They end within the hour, and are kept nowhere.', schema: credentialsReply },
    problems: ['role_refused', 'role_unavailable'],
  },
  readLogin: {
    method: 'POST',
    path: agentPaths.login,
    permission: 'agent',
    summary: 'An agent asks for a login of the registry of an image that it fetches for an attempt',
    params: z.strictObject({ attemptId: attemptIdText }),
    answer: { status: 200, description: 'User and password, which are kept nowhere.', schema: loginReply },
    problems: ['role_refused', 'role_unavailable', 'secret_refused', 'secret_unreadable'],
  },
  offerArtifacts: {
    method: 'POST',
    path: agentPaths.artifacts,
    permission: 'agent',
    summary: 'An agent asks where it sends the artifacts of an attempt, or its whole output',
    params: z.strictObject({ attemptId: attemptIdText }),
    body: artifactList,
    answer: { status: 200, description: 'An address for each file.', schema: placesReply },
    problems: [],
  },
  keepArtifacts: {
    method: 'PUT',
    path: agentPaths.artifacts,
    permission: 'agent',
    summary: 'An agent has sent the artifacts of an attempt, or its whole output',
    params: z.strictObject({ attemptId: attemptIdText }),
    body: artifactList,
    answer: { status: 204, description: 'Kept.', schema: null },
    problems: [],
  },
  findInputs: {
    method: 'POST',
    path: agentPaths.inputs,
    permission: 'agent',
    summary: 'An agent asks where the inputs of an attempt are that it starts',
    params: z.strictObject({ attemptId: attemptIdText }),
    answer: { status: 200, description: 'Their addresses, for now.', schema: inputsReply },
    problems: ['role_refused', 'role_unavailable'],
  },
} as const satisfies Record<string, Route>;

export type AgentRouteId = keyof typeof agentRoutes;
