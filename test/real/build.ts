import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { go } from './go.ts'
import { MODULE, prepareModule } from './go-module.ts'
import { BIN, isReplaced, type Program } from './programs.ts'

/** The package each program is made of. */
const PACKAGES: Readonly<Record<Program, string>> = {
  'op-node': 'github.com/ethereum-optimism/optimism/op-node/cmd',
  'op-conductor': 'github.com/ethereum-optimism/optimism/op-conductor/cmd',
  'op-batcher': 'github.com/ethereum-optimism/optimism/op-batcher/cmd',
  'op-proposer': 'github.com/ethereum-optimism/optimism/op-proposer/cmd',
  'op-geth': 'github.com/ethereum/go-ethereum/cmd/geth',
}

/** What is built is a function of these files alone; a change of one builds again. */
const SOURCES = ['go.mod', 'go.sum', 'go-module.ts', 'no-chains/main.go']

/** The programs this folder builds: those that the environment does not replace. */
const ours = () => (Object.keys(PACKAGES) as Program[]).filter((program) => !isReplaced(program))
const stamp = (program: Program) => join(BIN, `${program}.built-from`)

async function source(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of SOURCES) hash.update(await readFile(join(MODULE, file)))
  return hash.digest('hex')
}

async function isFresh(program: Program): Promise<boolean> {
  if (!existsSync(join(BIN, program))) return false
  const from = await readFile(stamp(program), 'utf8').catch(() => '')
  return from.trim() === (await source())
}

/** True if every program is there and was built from the sources of now. */
export async function isBuilt(): Promise<boolean> {
  return (await Promise.all(ours().map(isFresh))).every((fresh) => fresh)
}

/** Builds the programs that are missing or old; minutes the first time, nothing after. */
export async function build(say: (line: string) => void = console.error): Promise<void> {
  if (await isBuilt()) return
  await mkdir(BIN, { recursive: true })
  const from = await source()
  say('building the OP Stack programs for the real-node tests; the first time takes some minutes')
  const module = await prepareModule(say)
  for (const program of ours()) {
    if (await isFresh(program)) continue
    const started = Date.now()
    say(`  ${program} …`)
    // No process, not even another build at the same time, meets half a binary.
    const fresh = join(BIN, `${program}.${process.pid}`)
    await go(['build', module, '-trimpath', '-o', fresh, PACKAGES[program]], say)
    await rename(fresh, join(BIN, program))
    await writeFile(stamp(program), `${from}\n`)
    say(`  ${program} built in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  }
}

if (import.meta.main) {
  await build((line) => console.log(line))
  console.log((await isBuilt()) ? `built: ${BIN}` : 'not built')
}
