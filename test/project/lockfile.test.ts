import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

type Package = {
  readonly integrity?: string
  readonly resolved?: string
  readonly inBundle?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const read = (folder: string) => {
  const text = readFileSync(new URL(`../../${folder}package-lock.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { packages: Readonly<Record<string, Package>> }).packages
}
const installedBy = (packages: ReturnType<typeof read>) => Object.entries(packages).filter(([place]) => place !== '')
const nameOf = (place: string) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

// npm installs what has no checksum unchecked. One that is missing is added by `npm install --package-lock-only`,
// where the registry carries the packages for every platform.

describe.each(['', 'test/', '.ci/node/'])('%spackage-lock.json', (folder) => {
  const packages = read(folder)
  const installed = installedBy(packages)

  test('everything that is installed, on any platform, is checked against what was reviewed', () => {
    const unchecked = installed.filter(([, { integrity, inBundle }]) => !inBundle && !/^sha512-/.test(integrity ?? ''))
    expect(unchecked.map(([place]) => place)).toEqual([])
    expect(installed.length).toBeGreaterThan(folder === '.ci/node/' ? 0 : 100)
  })

  test('the packages for other platforms are in it, too', () => {
    const known = new Set(installed.map(([place]) => nameOf(place)))
    const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    expect(wanted.filter((name) => !known.has(name))).toEqual([])
    expect(wanted.filter((name) => /darwin|win32/.test(name)).length > 5).toBe(folder !== '.ci/node/')
  })

  test('it names no place to download from', () => {
    expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })
})

test('what both folders install is installed in one version, so that they understand each other', () => {
  const [root, tests] = [read(''), read('test/')].map((packages) => packages['']) as [Package, Package]
  const own = { ...root.dependencies, ...root.devDependencies }
  const twice = Object.entries({ ...tests.dependencies }).filter(([name]) => own[name] !== undefined)
  expect(twice.filter(([name, version]) => own[name] !== version)).toEqual([])
})
