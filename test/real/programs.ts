import { join, resolve } from 'node:path'

/** A program of the OP Stack that the real-node tests run. */
export type Program = 'op-node' | 'op-conductor' | 'op-batcher' | 'op-proposer' | 'op-geth'

/** An execution client the rig can start: each has a command line of its own. */
export type ExecutionKind = 'op-geth' | 'op-reth'

/** The folder of the programs built here. */
export const BIN = join(import.meta.dirname, '..', '..', '.cache', 'real', 'bin')

const KINDS: readonly string[] = ['op-geth', 'op-reth'] satisfies ExecutionKind[]

/** Which environment variable names another build of a program, by path. */
const REPLACED_BY: Readonly<Record<Exclude<Program, 'op-geth'>, string>> = {
  'op-node': 'OP_NODE',
  'op-conductor': 'OP_CONDUCTOR',
  'op-batcher': 'OP_BATCHER',
  'op-proposer': 'OP_PROPOSER',
}

/** Where a program is: what the environment names instead, else what was built here. */
export function binary(program: Program): string {
  return replacement(program) ?? join(BIN, program)
}

/** The execution client the environment names (`EXECUTION=op-reth:/path`), else the op-geth built here. */
export function execution(env = process.env): { readonly kind: ExecutionKind; readonly path: string } {
  const { EXECUTION: named } = env
  if (!named) return { kind: 'op-geth', path: join(BIN, 'op-geth') }
  const [kind = '', path] = named.split(/:(.*)/s)
  if (!isKind(kind) || !path) {
    throw new Error(`EXECUTION is "${named}": write op-geth:/path/to/geth or op-reth:/path/to/op-reth`)
  }
  return { kind, path: resolve(path) }
}

/** What else the execution client shall be started with (`EXECUTION_FLAGS`); its own flags of the same name give way. */
export function executionFlags(env = process.env): string[] {
  return env.EXECUTION_FLAGS?.split(/\s+/).filter((word) => word !== '') ?? []
}

/** True for a program that is not built here, since the environment names another. */
export function isReplaced(program: Program): boolean {
  return replacement(program) !== undefined
}

function replacement(program: Program): string | undefined {
  if (program === 'op-geth') return process.env.EXECUTION ? execution().path : undefined
  const path = process.env[REPLACED_BY[program]]
  return path ? resolve(path) : undefined
}

function isKind(kind: string): kind is ExecutionKind {
  return KINDS.includes(kind)
}
