import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Package = {
  readonly integrity?: string
  readonly resolved?: string
  readonly inBundle?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const { packages } = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Readonly<Record<string, Package>>
}
const installed = Object.entries(packages).filter(([place]) => place !== '')
const nameOf = (place: string) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

// npm installs what has no checksum unchecked. One that is missing is added by `npm install --package-lock-only`,
// where the registry carries the packages for every platform.

test('everything that is installed, on any platform, is checked against what was reviewed', () => {
  const unchecked = installed.filter(([, { integrity, inBundle }]) => !inBundle && !/^sha512-/.test(integrity ?? ''))
  expect(unchecked.map(([place]) => place)).toEqual([])
  expect(installed.length).toBeGreaterThan(100)
})

test('the packages for other platforms are in it, too', () => {
  const known = new Set(installed.map(([place]) => nameOf(place)))
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
  expect(wanted.filter((name) => !known.has(name))).toEqual([])
  expect(wanted.filter((name) => /darwin|win32/.test(name)).length).toBeGreaterThan(5)
})

test('it names no place to download from', () => {
  expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
})
