// `./bellows backtest` and `./bellows trace`: a trace of the past, on the real control code, in virtual time.
import { exits, runBacktest } from './program/backtest-command.ts';
import { ReportFileError } from './program/report-file.ts';
import { VariantError, runSideBySide } from './program/side-by-side.ts';
import { runTraceCommand } from './program/trace-command.ts';
import { PoolFileError } from './program/variants.ts';
import { TraceError } from './traces/trace.ts';

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main([command, ...args]: readonly string[]): Promise<number> {
  try {
    if (command === 'trace') return traceCommand(args);
    const out = (text: string): void => void process.stdout.write(text);
    return await runBacktest(args, { out, say, run: runSideBySide });
  } catch (error) {
    if (error instanceof TraceError || error instanceof PoolFileError) {
      say(`bellows: ${error.message}`);
      return exits.usage;
    }
    if (!(error instanceof VariantError || error instanceof ReportFileError)) throw error;
    say(`bellows: ${error.message}`);
    return exits.failed;
  }
}

function traceCommand(args: readonly string[]): number {
  const { out, err, exitCode } = runTraceCommand(args);
  process.stderr.write(err);
  process.stdout.write(out);
  return exitCode;
}

// The reader has gone (`| head`): nobody reads any more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exits.ok);
});
process.exitCode = await main(process.argv.slice(2));
