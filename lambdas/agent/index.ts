// The agents' function: syncs of nodes, known by their role session, and output that comes without a presigned URL.
import { identifyIamNode } from '../../lib/adapters/aws/iam-identity.ts';
import { noAllocation, noCatalog, noCloud } from '../../lib/adapters/aws/not-here.ts';
import { S3Files } from '../../lib/adapters/aws/s3/files.ts';
import { S3Objects } from '../../lib/adapters/aws/s3/objects.ts';
import { S3Outputs } from '../../lib/adapters/aws/s3/outputs.ts';
import { SqsBells } from '../../lib/adapters/aws/messaging/sqs-bells.ts';
import { EcrRegistries } from '../../lib/adapters/aws/access/ecr.ts';
import { StsRoles } from '../../lib/adapters/aws/access/sts-roles.ts';
import { keptToken, secretsManager, ssmParameters } from '../../lib/adapters/aws/access/aws-secrets.ts';
import { awsLogin } from '../../lib/adapters/aws/access/vault-login.ts';
import { kubernetesSecrets } from '../../lib/adapters/secrets/kubernetes.ts';
import { vaultSecrets } from '../../lib/adapters/secrets/vault.ts';
import { createAgents } from '../../lib/control/index.ts';
import { secretsFrom } from '../../lib/ports/access/secrets.ts';
import { base } from '../base.ts';
import { agentConfig, endpointOf } from '../config.ts';
import type { HttpHandler } from '../http/handler.ts';
import { createAgentHandler } from './handler.ts';
import { asHttpEvent } from './rest-event.ts';

const { config, logger, aws, ports, settings } = base(agentConfig);
const bucket = { ...aws, bucket: config.BELLOWS_OUTPUTS_BUCKET, endpoint: endpointOf(config, 'S3') };
const outputs = new S3Outputs(bucket);
const { vault, kubernetes } = config.BELLOWS_SECRET_SOURCES;
const keptSecrets = { ...aws, endpoint: endpointOf(config, 'SECRETS_MANAGER') };
const own = kubernetes === undefined ? [] : [kubernetes.tokenSecret];
const { credentials, clock } = aws;
const nowMs = (): number => clock.nowMs();
const bells = new SqsBells({
  ...aws,
  endpoint: endpointOf(config, 'SQS'),
  installation: config.BELLOWS_INSTALLATION,
  nodes: { roleArn: config.BELLOWS_NODE_ROLE_ARN, roleId: config.BELLOWS_NODE_ROLE_ID },
});
const useCases = createAgents(
  { ...ports, outputs, bells, cloud: noCloud, catalog: noCatalog, allocate: noAllocation },
  settings,
);
const serve = createAgentHandler({
  useCases,
  outputs,
  files: new S3Files(bucket),
  objects: new S3Objects({ ...aws, endpoint: endpointOf(config, 'S3') }),
  roles: new StsRoles({ ...aws, endpoint: endpointOf(config, 'STS') }),
  registries: new EcrRegistries({ ...aws, endpoint: endpointOf(config, 'ECR') }),
  secrets: secretsFrom({
    'aws-secret': secretsManager(keptSecrets, own),
    ssm: ssmParameters({ ...aws, endpoint: endpointOf(config, 'SSM') }, own),
    // STS's region is the one that Vault asks, not ours.
    ...(vault && { vault: vaultSecrets({ ...vault, login: awsLogin({ ...vault, credentials, clock }), nowMs }) }),
    ...(kubernetes && {
      k8s: kubernetesSecrets({
        address: kubernetes.url,
        token: keptToken(keptSecrets, kubernetes.tokenSecret, 'the token of the cluster'),
        ca: kubernetes.ca,
      }),
    }),
  }),
  identity: identifyIamNode(config.BELLOWS_NODE_ROLE_ID),
  log: ports.log,
});

export const handler: HttpHandler = async (event, context) => {
  logger.addContext(context);
  return serve(asHttpEvent(event), context);
};
