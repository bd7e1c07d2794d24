import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The programs built from the module beside this file, and the package each is made of. */
const PACKAGES = {
  'op-node': 'github.com/ethereum-optimism/optimism/op-node/cmd',
  'op-conductor': 'github.com/ethereum-optimism/optimism/op-conductor/cmd',
  'op-batcher': 'github.com/ethereum-optimism/optimism/op-batcher/cmd',
  geth: 'github.com/ethereum/go-ethereum/cmd/geth',
} as const

/** A program of the OP Stack this folder builds. */
export type Program = keyof typeof PACKAGES

const PROGRAMS = Object.keys(PACKAGES) as Program[]
const MODULE = import.meta.dirname
const BIN = join(MODULE, '..', '..', '.cache', 'real', 'bin')
const STAMP = join(BIN, 'built-from')

/** Where the program is once it is built. */
export function binary(program: Program): string {
  return join(BIN, program)
}

/** What is built is a function of these two files alone; a change of either builds again. */
async function source(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(MODULE, file)))
  return hash.digest('hex')
}

/** True if every program is there and was built from the go.mod and go.sum of now. */
export async function isBuilt(): Promise<boolean> {
  if (!PROGRAMS.every((program) => existsSync(binary(program)))) return false
  const stamp = await readFile(STAMP, 'utf8').catch(() => '')
  return stamp.trim() === (await source())
}

/** Builds the programs that are missing or old; minutes the first time, nothing after. */
export async function build(say: (line: string) => void = console.error): Promise<void> {
  if (await isBuilt()) return
  await mkdir(BIN, { recursive: true })
  const from = await source()
  say('building the OP Stack programs for the real-node tests; the first time takes some minutes')
  for (const program of PROGRAMS) {
    const started = Date.now()
    say(`  ${program} …`)
    // Nobody, not even another build at the same time, meets half a binary.
    const fresh = `${binary(program)}.${process.pid}`
    await go(['build', '-trimpath', '-o', fresh, PACKAGES[program]], say)
    await rename(fresh, binary(program))
    say(`  ${program} built in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  }
  await writeFile(STAMP, `${from}\n`)
}

function go(args: readonly string[], say: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd: MODULE,
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const tell = (chunk: Buffer) => say(`    ${chunk.toString().trimEnd()}`)
    child.stdout.on('data', tell)
    child.stderr.on('data', tell)
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT'
      reject(
        missing
          ? new Error(
              'Go is not installed: the real-node tests build op-node and geth from source. Install Go 1.24 or newer (https://go.dev/dl), then run them again.',
              { cause },
            )
          : cause,
      )
    })
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`go ${args.join(' ')} failed with exit code ${code} in ${MODULE}`)),
    )
  })
}

if (import.meta.main) {
  await build((line) => console.log(line))
  console.log((await isBuilt()) ? `built: ${BIN}` : 'not built')
}
