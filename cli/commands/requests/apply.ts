// `apply`: files of Compose and manifests of Kubernetes, as services and tasks.
import type { Command } from 'commander';
import type { Context, Run } from '../../context.ts';

export function registerApply(program: Command, run: Run): void {
  run(
    program
      .command('apply')
      .description(
        'services and tasks of a Compose file or of Kubernetes manifests (docs/compose.md, docs/kubernetes.md)',
      )
      .requiredOption('-f, --file <file>', 'YAML or JSON; "-" is standard input')
      .option('--pool <name>', 'where they run; as requests without a pool unless given')
      .option('--dry-run', 'send nothing: print what would be sent, as YAML'),
    async (context: Context, _args, options) => {
      const { applyFile } = await import('../../input/shapes/apply.ts');
      await applyFile(context, options);
    },
  );
}
