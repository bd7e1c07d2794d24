import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

// npm leaves out of the lockfile what it cannot look up: packages for other platforms that a mirror does
// not carry. `npm ci` then refuses the lockfile everywhere. Run this after adding a dependency, where the registry
// carries them all: an entry without the hash of its package would be installed unchecked, so none is written.

type Package = {
  version?: string
  integrity?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

const systems = ['android', 'darwin', 'linux', 'win32', 'freebsd', 'openharmony']
const processors: Record<string, string> = {
  amd64: 'x64',
  x64: 'x64',
  arm64: 'arm64',
  arm: 'arm',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
}

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Package> }
const known = new Set(Object.keys(lock.packages).map((place) => place.slice(place.lastIndexOf('node_modules/') + 13)))
const missing = Object.values(lock.packages).flatMap(({ dev, optionalDependencies = {} }) =>
  Object.entries(optionalDependencies).flatMap(([name, range]) => (known.has(name) ? [] : [{ name, range, dev }])),
)
for (const { name, range, dev } of missing) {
  const words = name.split(/[-/]/)
  const os = systems.filter((system) => words.includes(system))
  const cpu = words.flatMap((word) => processors[word] ?? [])
  const version = range.replace(/^[\^~]/, '')
  lock.packages[`node_modules/${name}`] = {
    version,
    ...(cpu.length > 0 && { cpu: cpu.slice(-1) }),
    ...(dev && { dev }),
    optional: true,
    ...(os.length > 0 && { os: os.slice(-1) }),
    ...(name.includes('musl') && { libc: ['musl'] }),
  }
}

const unchecked = Object.entries(lock.packages).filter(
  ([place, { version, integrity }]) => place.includes('node_modules/') && version !== undefined && !integrity,
)
const unknown: string[] = []
for (const [place, entry] of unchecked) {
  const name = `${place.slice(place.lastIndexOf('node_modules/') + 13)}@${entry.version}`
  const integrity = integrityOf(name)
  if (integrity === undefined) unknown.push(name)
  else entry.integrity = integrity
}
if (unknown.length > 0) {
  console.error(`the registry tells no hash of these, so nothing was written:\n  ${unknown.join('\n  ')}`)
  process.exit(1)
}

/** What the registry says a package's bytes hash to; `undefined` when it does not carry it. */
function integrityOf(name: string): string | undefined {
  const { stdout } = spawnSync('npm', ['view', name, 'dist.integrity'], { encoding: 'utf8', timeout: 30_000 })
  return /^sha512-[A-Za-z0-9+/]+=*$/.exec(stdout.trim())?.[0]
}

const { '': root, ...packages } = lock.packages
const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))
lock.packages = { ...(root && { '': root }), ...Object.fromEntries(sorted) }
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${missing.length} packages added to the lockfile`)
