import { execFile } from 'node:child_process'
import { signalWithin } from '../signal-within.ts'
import { type Host, HostUnreachable, type StepResult } from './host.ts'
import { type CommandLine, checkParameters, fillLines, type Stack, stepOf } from './step.ts'

/** The bytes kept of each stream: an exit code proves nothing, and the output is for people only. */
const KEPT = 16_384
/** The largest output of one stream; a program that writes more is killed as runaway. */
const MOST = 64 * 1024 * 1024

/** The options of a shell host. */
export type ShellHostOptions = {
  readonly name: string
  readonly stack: Stack
  /** This machine's own command lines, which override the stack's. */
  readonly commands?: Readonly<Record<string, CommandLine>>
}

/**
 * Runs the steps on this machine. Starts each program directly, without a shell, so that a parameter's value always
 * stays one word.
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
      const patience = signalWithin(found.timeoutMs, signal)
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

/** @param ran what has run of the step if this program cannot start. */
function execute(
  step: string,
  [program, ...words]: CommandLine,
  signal: AbortSignal,
  ran: HostUnreachable['ran'],
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const options = { signal, maxBuffer: MOST, killSignal: 'SIGKILL', env: environment() } as const
    execFile(program, words, options, (error, stdout, stderr) => {
      // System error codes: the program is missing or not executable. A program that wrote too much did run.
      if (error && typeof error.code === 'string' && /^E(?!RR_)/.test(error.code)) {
        const remedy = 'Install it, or name this machine’s own command in host.commands of the configuration.'
        return reject(new HostUnreachable(step, `${program}: ${error.code}`, remedy, ran, error))
      }
      const exitCode = error ? (typeof error.code === 'number' ? error.code : undefined) : 0
      resolve({ exitCode, stdout, stderr })
    })
  })
}

/** A step needs to find programs. It must not get the rest of Baton's environment, least of all its credentials. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG } = process.env
  return { ...(PATH && { PATH }), ...(HOME && { HOME }), ...(LANG && { LANG }) }
}
