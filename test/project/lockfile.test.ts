import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Lock = { packages: Record<string, { optionalDependencies?: Record<string, string>; resolved?: string }> }
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock

test('the lockfile knows every package for every platform; if not, run "node .ci/complete-lockfile.ts"', () => {
  const known = new Set(Object.keys(lock.packages).map((place) => place.slice(place.lastIndexOf('node_modules/') + 13)))
  const optional = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  )
  expect(optional.filter((name) => !known.has(name))).toEqual([])
})

test('the lockfile names no place to download from', () => {
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([])
})
