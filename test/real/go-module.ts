import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { go } from './go.ts'

/** The Go module beside this file: what the real-node tests run, by version. */
export const MODULE = import.meta.dirname

const CACHE = join(MODULE, '..', '..', '.cache', 'real')
const OPTIMISM = 'github.com/ethereum-optimism/optimism'

/**
 * Since v1.19 op-node embeds a file that its module lacks, and Go refuses to overlay its own module cache: the
 * programs are built from a copy that has it. Only this go.mod, made from the one beside this file, names the copy.
 *
 * @returns the option for `go build` and `go run`.
 */
export async function prepareModule(say: (line: string) => void): Promise<string> {
  const { Dir: source, Version: version } = JSON.parse(await go(['mod', 'download', '-json', OPTIMISM], say)) as {
    readonly Dir: string
    readonly Version: string
  }
  const copy = join(CACHE, `optimism-${version}`)
  const modFile = join(CACHE, 'go.mod')
  await mkdir(CACHE, { recursive: true })
  if (!(await readdir(copy).catch(() => undefined))) {
    const fresh = `${copy}.${process.pid}`
    await copyFiles(source, fresh)
    await go(['run', './no-chains', join(fresh, 'op-core', 'superchain')], say)
    await rename(fresh, copy).catch(() => rm(fresh, { recursive: true }))
  }
  const own = await readFile(join(MODULE, 'go.mod'), 'utf8')
  await place(join(CACHE, 'go.sum'), await readFile(join(MODULE, 'go.sum'), 'utf8'))
  await place(modFile, `${own}\nreplace ${OPTIMISM} => ${JSON.stringify(copy)}\n`)
  return `-modfile=${modFile}`
}

/** Writes a file at once: another Go may be reading it. */
async function place(path: string, text: string): Promise<void> {
  await writeFile(`${path}.${process.pid}`, text)
  await rename(`${path}.${process.pid}`, path)
}

/** A copy that may be written to: all of a module cache is read-only. */
async function copyFiles(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name).slice(from.length + 1)
    if (path.endsWith('superchain-configs.zip.sha256')) continue
    await mkdir(dirname(join(to, path)), { recursive: true })
    await copyFile(join(from, path), join(to, path))
  }
}
