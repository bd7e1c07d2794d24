import { readFileSync, writeFileSync } from 'node:fs'

// npm leaves out of the lockfile what it cannot look up: packages for other platforms that a mirror does
// not carry. `npm ci` then refuses the lockfile everywhere. Run this after adding a dependency.

type Package = {
  version?: string
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
  lock.packages[`node_modules/${name}`] = {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu.length > 0 && { cpu: cpu.slice(-1) }),
    ...(dev && { dev }),
    optional: true,
    ...(os.length > 0 && { os: os.slice(-1) }),
    ...(name.includes('musl') && { libc: ['musl'] }),
  }
}
const { '': root, ...packages } = lock.packages
const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))
lock.packages = { ...(root && { '': root }), ...Object.fromEntries(sorted) }
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${missing.length} packages added to the lockfile`)
