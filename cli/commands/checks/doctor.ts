// `doctor` and `redrive`: their options. What they do is loaded when they are called.
import type { Command } from 'commander';
import type { Run } from '../../context.ts';
import type { RedriveOptions } from '../../checks/doctor/redrive.ts';

export function registerDoctor(program: Command, run: Run): void {
  run(
    program
      .command('doctor')
      .description('what stands still or is lost in a running installation, and what to do; exit 1 if something is')
      .option('--stack <name>', 'the deployed stack: its alarms, dead letters and instances are looked at, too'),
    async (context, _args, options) => {
      const { doctor } = await import('../../checks/doctor/doctor.ts');
      await doctor(context, options);
    },
  );
}

export function registerRedrive(program: Command, run: Run): void {
  run(
    program
      .command('redrive')
      .description('events that failed for good on AWS: list them, and with --yes try them again')
      .option('--stack <name>', 'the deployed stack', 'Bellows-default')
      .option('--yes', 'send each to the events function again, and remove it where that works')
      .option('--drop', 'with --yes: remove those, too, of which AWS kept nothing that could be sent again'),
    async (context, _args, options) => {
      const { redrive } = await import('../../checks/doctor/redrive.ts');
      await redrive(context, options as unknown as RedriveOptions);
    },
  );
}
