import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NEWEST_FORK } from '../real/devnet/genesis.ts'

const REAL = 'test/real'
const FORK_SUITE = readFileSync(join(REAL, 'forks/fork-suite.ts'), 'utf8')
/** Oldest first, as on mainnets. */
const FORKS = ['ecotone', 'fjord', 'granite', 'holocene', 'isthmus', 'jovian', 'karst']

const goMod = readFileSync(join(REAL, 'go.mod'), 'utf8')
const version = (module: string) => new RegExp(`${module} (v\\S+)`).exec(goMod)?.[1] ?? 'missing in go.mod'
const optimism = version('github.com/ethereum-optimism/optimism')
const opGeth = version('=> github.com/ethereum-optimism/op-geth')

/** What a suite on real programs runs on, by its own words; what it does not say is the rig's default. */
type Suite = { readonly name: string; readonly fork: string; readonly blockTime: string }

function readSuite(file: string): Suite {
  const own = readFileSync(file, 'utf8')
  const proven = /provesFork\('(\w+)'\)/.exec(own)?.[1]
  const text = proven === undefined ? own : FORK_SUITE
  return {
    name: basename(file, '.test.ts'),
    fork: proven ?? /fork: '(\w+)'/.exec(own)?.[1] ?? NEWEST_FORK,
    blockTime: /^\s*(?:rig = .*|devnet = .*)?\bblockTime: (\d)\b/m.exec(text)?.[1] ?? '2',
  }
}

/** These run no Baton beside real nodes: the devnet's own, its command lines, and what meets optimism's source. */
const BESIDE = [
  'conductor-client.test.ts',
  'conductor-metrics.test.ts',
  'devnet.test.ts',
  'programs.test.ts',
  'reference.test.ts',
]
const suites = readdirSync(REAL, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && !BESIDE.includes(basename(name)))
  .sort()
  .map((name) => readSuite(join(REAL, name)))

/** The table as it must stand in docs/compatibility.md: what the suites under test/real run on. */
function table(): string {
  const rows = FORKS.toReversed().flatMap((fork) =>
    ['2', '1'].flatMap((blockTime) => {
      const ran = suites.filter((suite) => suite.fork === fork && suite.blockTime === blockTime)
      const names = ran.map(({ name }) => name).join(', ')
      return ran.length === 0
        ? []
        : [`| ${capital(fork)} | ${blockTime} s | ${optimism} | op-geth ${opGeth} | ${names} |`]
    }),
  )
  return [
    '| fork, from genesis | blocks | op-node, op-batcher, op-conductor | execution client | suites of `npm run test:real` |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

describe('what Baton was proven with', () => {
  test('is in docs/compatibility.md as the suites and go.mod have it', () => {
    const section = /## Proven with\n\n.*?\n\n(\|.*?)\n\n/s.exec(readFileSync('docs/compatibility.md', 'utf8'))?.[1]
    expect(section).toBe(table())
  })

  test('names the newest fork and each suite once', () => {
    const reported = table()
    expect(reported.split('\n')[2]).toContain(`| ${capital(NEWEST_FORK)} |`)
    expect(FORKS).toContain(NEWEST_FORK)
    for (const { fork } of suites) expect(FORKS).toContain(fork)
    const named = reported
      .split('\n')
      .slice(2)
      .flatMap((row) => row.split(' | ').at(-1)?.replace(' |', '').split(', ') ?? [])
    expect(named.sort()).toEqual(suites.map(({ name }) => name).sort())
  })

  test.each(['README.md', 'docs/compatibility.md', 'docs/install.md'])(
    '%s names the version of op-node that is built',
    (file) => {
      expect(readFileSync(file, 'utf8')).toContain(`op-node ${optimism}`)
    },
  )
})
