import { execFile } from 'node:child_process'
import { type Host, HostUnreachable, type StepResult } from './host.ts'
import { type CommandLine, checkParameters, fillLines, type Stack, stepOf } from './step.ts'

/** Kept of each stream; a step's exit code proves nothing, so its words are only for people. */
const KEPT = 16_384
/** More than this in one stream ends the program: it has gone mad. */
const MOST = 64 * 1024 * 1024

/** What a shell host is made of. */
export type ShellHostOptions = {
  readonly name: string
  readonly stack: Stack
  /** Command lines of this machine, in place of the stack's. */
  readonly commands?: Readonly<Record<string, CommandLine>>
}

/**
 * Runs the steps on this machine, each program started directly: no shell reads the words, so no
 * value of a parameter can be anything but one word.
 */
export function shellHost({ name, stack, commands = {} }: ShellHostOptions): Host {
  return {
    offers: (step) => Object.hasOwn(stack, step),
    async run(step, parameters = {}, signal) {
      const found = stepOf(name, stack, step)
      checkParameters(step, found, parameters)
      const own = Object.hasOwn(commands, step) ? commands[step] : undefined
      const lines = fillLines(own ? [own] : found.lines, parameters)
      const began = performance.now()
      const patience = AbortSignal.any([AbortSignal.timeout(found.timeoutMs), ...(signal ? [signal] : [])])
      const result = { step, exitCode: 0 as number | undefined, stdout: '', stderr: '' }
      for (const [i, line] of lines.entries()) {
        const ended = await execute(step, line, patience, i === 0 ? 'nothing' : 'unknown')
        result.exitCode = ended.exitCode
        result.stdout = (result.stdout + ended.stdout).slice(-KEPT)
        result.stderr = (result.stderr + ended.stderr).slice(-KEPT)
        if (ended.exitCode !== 0) break
      }
      return { ...result, ms: Math.round(performance.now() - began) }
    },
  }
}

type Ended = Pick<StepResult, 'exitCode' | 'stdout' | 'stderr'>

/** @param ran what has run of the step if this program cannot be started. */
function execute(
  step: string,
  [program, ...words]: CommandLine,
  signal: AbortSignal,
  ran: HostUnreachable['ran'],
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { signal, maxBuffer: MOST, killSignal: 'SIGKILL', env: environment() } as const
    execFile(program, words, options, (error, stdout, stderr) => {
      // The system's own codes: there is no such program, or it may not be run. One that said too much has run.
      if (error && typeof error.code === 'string' && /^E(?!RR_)/.test(error.code)) {
        const remedy = 'Install it, or name this machine’s own command in host.commands of the configuration.'
        return reject(new HostUnreachable(step, `${program}: ${error.code}`, remedy, ran, error))
      }
      const exitCode = error ? (typeof error.code === 'number' ? error.code : undefined) : 0
      resolve({ exitCode, stdout, stderr })
    })
  })
}

/** A step needs to find programs, and nothing of what else Baton was given: its credentials least of all. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env
  return { ...(PATH && { PATH }), ...(HOME && { HOME }), ...(LANG && { LANG }) }
}
