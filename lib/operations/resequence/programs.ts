import { cdkErigon } from '../../host/cdk-erigon.ts'
import type { ResequenceConfig } from './config.ts'
import type { Endpoints } from './context.ts'
import { ResequenceRefused } from './errors.ts'
import type { ResequenceRequest } from './request.ts'

type HostStep = keyof typeof cdkErigon

/** The machine's step that starts cdk-erigon or its tool, by purpose and by the configured version. */
export const programs = {
  unwind: ({ sequencer }: ResequenceConfig) => (sequencer.onlySmtV2 ? 'unwind-smt-v2' : 'unwind'),
  resequence: ({ sequencer }: ResequenceConfig) =>
    sequencer.sealOnOverflow ? 'start-resequencing-sealing' : 'start-resequencing',
  recover: ({ bad }: Pick<ResequenceRequest, 'bad'>) => (bad.length > 0 ? 'start-recovery-without' : 'start-recovery'),
} as const satisfies Record<string, (of: never) => HostStep>

/** All starts of a run. */
function startsOf(config: ResequenceConfig, request: Pick<ResequenceRequest, 'from' | 'bad'>): readonly HostStep[] {
  const rebuild = request.from === 'l1' ? programs.recover(request) : programs.resequence(config)
  return ['start-halting', programs.unwind(config), 'database-end', rebuild]
}

/** A program of cdk-erigon, and the flags a step gives it. */
type Use = { readonly program: string; readonly flags: readonly string[] }

/** The program a step starts: the words after the last "--" are the program's own. */
function useOf(step: HostStep): Use {
  const words: readonly string[] = cdkErigon[step].lines.at(-1) ?? []
  const own = words.slice(words.lastIndexOf('--') + 1)
  const flags = own.flatMap((word) => /^--[^=]+/.exec(word) ?? [])
  return { program: own.filter((word) => !word.startsWith('--')).join(' '), flags }
}

/**
 * Asks the programs for their flags by their own help. A version string says nothing (it stays the same for years), and
 * a node exits at an unknown flag, when L1 may already be rolled back. Changes nothing.
 *
 * @throws ResequenceRefused naming each flag that a start of this run needs and this version lacks.
 */
export async function checkFlags(
  { host, config }: Pick<Endpoints, 'host' | 'config'>,
  request: Pick<ResequenceRequest, 'from' | 'bad'>,
): Promise<void> {
  const { stdout, stderr, exitCode } = await host.run('flags')
  const has = new Set(stdout.split('\n').map((line) => line.trim()))
  const uses = startsOf(config, request).map(useOf)
  const silent = uses.find(({ program }) => ![...has].some((line) => line.startsWith(`${program} --`)))
  if (silent) {
    const said = stderr.trim().slice(-200) || (exitCode === undefined ? 'it did not end' : `exit code ${exitCode}`)
    const remedy = 'Install it, or name this machine’s own command as "flags" in host.commands of the configuration.'
    throw new ResequenceRefused(`"${silent.program} --help" names no flag: ${said}`, remedy)
  }
  const missing = uses.flatMap(({ program, flags }) =>
    flags.filter((flag) => !has.has(`${program} ${flag}`)).map((flag) => `${program} has no ${flag}`),
  )
  if (missing.length === 0) return
  const remedy = 'Install a version that has it, or ask for what this one can do: docs/resequence.md, "Versions".'
  throw new ResequenceRefused(`this version cannot do it: ${[...new Set(missing)].join(', ')}`, remedy)
}
