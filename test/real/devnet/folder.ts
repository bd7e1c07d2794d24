import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const RUNS = join(import.meta.dirname, '..', '..', '..', '.cache', 'real', 'runs')

/** Ended runs whose logs are kept; the oldest go first. */
const KEPT = 24

/** Where everything of one devnet lies. */
export class Folder {
  readonly path: string
  readonly logs: string
  readonly jwtFile: string
  readonly genesisFile: string
  readonly rollupFile: string
  readonly l1ConfigFile: string

  constructor(path: string) {
    this.path = path
    this.logs = join(path, 'logs')
    this.jwtFile = join(path, 'jwt.hex')
    this.genesisFile = join(path, 'genesis.json')
    this.rollupFile = join(path, 'rollup.json')
    this.l1ConfigFile = join(path, 'l1-chain-config.json')
  }

  /** The data folder of one program. */
  data(program: string): string {
    return join(this.path, 'data', program)
  }

  /** Removes the chain data; the logs stay, so that a failure can still be read. */
  async clear(): Promise<void> {
    await rm(join(this.path, 'data'), { recursive: true, force: true })
  }
}

/** A new folder, under `path` if given; otherwise under the project's cache, where old runs are pruned. */
export async function createFolder(path?: string): Promise<Folder> {
  const folder = new Folder(path ?? join(RUNS, `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}`))
  await mkdir(folder.logs, { recursive: true })
  await mkdir(join(folder.path, 'data'), { recursive: true })
  await writeFile(folder.jwtFile, randomBytes(32).toString('hex'))
  if (path === undefined) {
    const ended = (await readdir(RUNS)).sort().filter((name) => !isAlive(Number(name.split('-').at(-1))))
    await Promise.all(ended.slice(0, -KEPT).map((name) => rm(join(RUNS, name), { recursive: true, force: true })))
  }
  return folder
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
