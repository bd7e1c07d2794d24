import { describe, expect, test } from 'vitest'
import type { ExecutionOptions } from './devnet/execution.ts'
import { overridden } from './devnet/execution.ts'
import { defaultFork } from './devnet/genesis.ts'
import { opReth } from './devnet/op-reth.ts'
import { execution, executionFlags } from './programs.ts'

describe('what the environment names instead', () => {
  test('an execution client by kind and path', () => {
    expect(execution({ EXECUTION: 'op-reth:/opt/op-reth' })).toEqual({ kind: 'op-reth', path: '/opt/op-reth' })
    expect(execution({ EXECUTION: 'op-geth:/opt/a:b/geth' })).toEqual({ kind: 'op-geth', path: '/opt/a:b/geth' })
    expect(execution({})).toMatchObject({ kind: 'op-geth' })
  })

  test.each(['/opt/op-reth', 'op-reth', 'op-reth:', 'reth:/opt/reth'])('%s is no execution client', (named) => {
    expect(() => execution({ EXECUTION: named })).toThrow(/write op-geth:.* or op-reth:/)
  })

  test('a fork', () => {
    expect(defaultFork({ FORK: 'isthmus' })).toBe('isthmus')
    expect(defaultFork({})).toBe('karst')
    expect(() => defaultFork({ FORK: 'Osaka' })).toThrow(/write one of ecotone, fjord/)
  })
})

const options = (storage: ExecutionOptions['storage'], peers: readonly string[] = []): ExecutionOptions => ({
  name: 'node0-execution',
  index: 0,
  logFolder: '/run/logs',
  dataFolder: '/run/data',
  genesisFile: '/run/genesis.json',
  jwtFile: '/run/jwt.hex',
  nodeKeyFile: '/run/data.key',
  ports: { http: 1, engine: 2, p2p: 3 },
  peers,
  storage,
})

describe("op-reth's command line", () => {
  test('writes a genesis, and starts on it', () => {
    expect(opReth.init(options({})).slice(0, 3)).toEqual(['init', '--datadir=/run/data', '--chain=/run/genesis.json'])
    const line = opReth.start(options({}, ['enode://a@127.0.0.1:4', 'enode://b@127.0.0.1:5']))
    expect(line.slice(0, 3)).toEqual(['node', '--datadir=/run/data', '--chain=/run/genesis.json'])
    expect(line).toContain('--authrpc.jwtsecret=/run/jwt.hex')
    expect(line).toContain('--trusted-peers=enode://a@127.0.0.1:4,enode://b@127.0.0.1:5')
  })

  test.each([
    [{}, undefined],
    [{ engine: 'leveldb' }, 0],
    [{ gcmode: 'full' }, 50],
    [{ gcmode: 'full', persistenceThreshold: 7 }, 7],
  ] as const)('keeps in memory what %j would lose', (storage, threshold) => {
    const named = opReth.start(options(storage)).filter((word) => word.startsWith('--engine.persistence-threshold'))
    expect(named).toEqual(threshold === undefined ? [] : [`--engine.persistence-threshold=${threshold}`])
  })

  test('names no option twice, which op-reth refuses: the last one counts', () => {
    const flags = executionFlags({ EXECUTION_FLAGS: ' --engine.persistence-threshold=3  --color always ' })
    const line = overridden(opReth.start(options({ gcmode: 'full' })), flags)
    expect(line.filter((word) => /persistence|color/.test(word))).toEqual([
      '--engine.persistence-threshold=3',
      '--color',
    ])
    expect(line.slice(-2)).toEqual(['--color', 'always'])
  })
})
