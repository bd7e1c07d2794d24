import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { ConfigurationError } from '../../lib/config/error.ts'
import { importOpConductor } from '../../lib/config/import-op-conductor.ts'
import { insteadOf, knownFlags, mappedFlags, readConductorFlags } from '../../lib/config/op-conductor-flags.ts'
import surface from '../fixtures/op-conductor-v1.19.6.json' with { type: 'json' }

const CONFIG = `
cert_path = "./ca.pem"
[networks]
[networks.op-901]
sequencers = ["op-901-a", "op-901-b", "op-901-c"]
[sequencers.op-901-a]
raft_addr = "a:50050"
conductor_rpc_url = "http://a:8547"
node_rpc_url = "http://a:9545"
voting = true
[sequencers.op-901-b]
raft_addr = "b:50050"
conductor_rpc_url = "http://b:8547"
node_rpc_url = "http://b:9545"
voting = true
builder_rpc_url = "http://b:5555"
[sequencers.op-901-c]
raft_addr = "c:50050"
conductor_rpc_url = "http://c:8547"
node_rpc_url = "http://c:9545"
voting = false
`
const facts = { id: 901, blockTime: 2 }
const ops = (text: string, network?: string) => ({ text, path: 'config.toml', network })

/** The imported configuration, as Baton reads it. */
function read(sources: Partial<Parameters<typeof importOpConductor>[0]>) {
  const { config, notes } = importOpConductor({ conductors: [], executionPort: 8545, ...sources }, facts)
  return { chain: parseConfig(JSON.stringify(config), {}, 'imported', () => false), notes }
}

function problemsOf(text: string, network?: string) {
  try {
    read({ ops: ops(text, network) })
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return ''
}

describe("op-conductor-ops' file", () => {
  const { chain, notes } = read({ ops: ops(CONFIG) })

  test('becomes the nodes of a valid configuration', () => {
    expect(chain.nodes).toMatchObject([
      { name: 'op-901-a', consensus: 'http://a:9545', execution: 'http://a:8545', noFailover: false },
      { name: 'op-901-b', consensus: 'http://b:9545', execution: 'http://b:8545', noFailover: false },
      { name: 'op-901-c', consensus: 'http://c:9545', execution: 'http://c:8545', noFailover: true },
    ])
    expect(chain.chain).toMatchObject({ id: 901, blockTimeMs: 2_000 })
  })

  test('names all that has no counterpart, what was assumed, and what is to be written', () => {
    const about = (kind: string) => notes.flatMap((note) => (note.kind === kind ? [note.about] : []))
    const each = ['a', 'b', 'c'].flatMap((id) => [`op-901-${id}.raft_addr`, `op-901-${id}.conductor_rpc_url`])
    expect(about('none').toSorted()).toEqual([...each, 'cert_path', 'op-901-b.builder_rpc_url'].toSorted())
    expect(about('assumed')).toEqual(['op-901-a.execution', 'op-901-b.execution', 'op-901-c.execution'])
    expect(about('write')).toEqual(['zone', 'secrets'])
  })

  test.each([
    ['another network', CONFIG, 'op-902', 'has no network "op-902"; write --network with one of op-901'],
    ['a sequencer without a table', CONFIG.replace('"op-901-c"]', '"op-901-d"]'), undefined, 'sequencers.op-901-d'],
    ['no URL', CONFIG.replace('node_rpc_url = "http://a:9545"\n', ''), undefined, 'sequencers.op-901-a.node_rpc_url'],
    ['no TOML', 'networks = [', undefined, 'is not TOML'],
    ['an empty URL', CONFIG.replace('"http://a:9545"', '""'), undefined, 'nodes[0].consensus: is not an http'],
    ['an address without http', CONFIG.replace('http://a:9545', 'a:9545'), undefined, 'nodes[0].consensus: is not an'],
    ['a sequencer twice', CONFIG.replace('"op-901-c"]', '"op-901-a"]'), undefined, 'is also the name of nodes[0]'],
  ])('with %s is refused', (_, text, network, problem) => {
    expect(problemsOf(text, network)).toContain(problem)
  })
})

test('names that Baton does not allow become allowed ones, each with a variable of its own', () => {
  const ids = ['séq.1', 'séq-1', 'αβ', '-a', 'a_b', 'a-b', 'x'.repeat(80)]
  const tables = ids.map((id, i) => `[sequencers."${id}"]\nnode_rpc_url = "http://n${i}:9545"\n`).join('')
  const { chain, notes } = read({ ops: ops(`networks.n.sequencers = ${JSON.stringify(ids)}\n${tables}`) })
  const names = ['s-q-1', 's-q-1-2', 'seq--', 'seq-a', 'a_b', 'a-b', 'x'.repeat(60)]
  expect(chain.nodes.map(({ name }) => name)).toEqual(names)
  expect(notes.at(-1)?.text).toContain('BATON_SECRET_A_B, BATON_SECRET_A_B_2')
  expect(notes.filter(({ text }) => text.startsWith('is called '))).toHaveLength(5)
})

describe('what an op-conductor runs with', () => {
  const flags = {
    'raft.server.id': 'seq-a',
    'node.rpc': 'http://a:9545',
    'execution.rpc': 'http://a:8645',
    'healthcheck.min-peer-count': '2',
    'raft.bootstrap': 'true',
  }
  test.each([
    [
      'a command line',
      '/usr/bin/op-conductor --raft.server.id=seq-a --node.rpc http://a:9545 --execution.rpc="http://a:8645" \\\n  --healthcheck.min-peer-count=2 --raft.bootstrap',
    ],
    [
      'an environment file',
      'OP_CONDUCTOR_RAFT_SERVER_ID=seq-a\nOP_CONDUCTOR_NODE_RPC="http://a:9545"\nOP_CONDUCTOR_EXECUTION_RPC=http://a:8645\nOP_CONDUCTOR_HEALTHCHECK_MIN_PEER_COUNT=2\nexport OP_CONDUCTOR_RAFT_BOOTSTRAP=true\n',
    ],
    [
      'a compose file',
      'environment:\n  OP_CONDUCTOR_RAFT_SERVER_ID: seq-a\n  OP_CONDUCTOR_NODE_RPC: "http://a:9545"\n  OP_CONDUCTOR_EXECUTION_RPC: http://a:8645\n  OP_CONDUCTOR_HEALTHCHECK_MIN_PEER_COUNT: "2"\n  OP_CONDUCTOR_RAFT_BOOTSTRAP: "true"\n',
    ],
    [
      'a list of arguments',
      '["op-conductor", "--raft.server.id=seq-a", "--node.rpc=http://a:9545", "--execution.rpc=http://a:8645", "--healthcheck.min-peer-count", "2", "--raft.bootstrap"]',
    ],
    [
      'a list of arguments without spaces',
      '["--raft.server.id","seq-a","--node.rpc","http://a:9545","--execution.rpc","http://a:8645","--healthcheck.min-peer-count","2","--raft.bootstrap"]',
    ],
    [
      'lines that go on',
      'op-conductor \\\r\n  --raft.bootstrap \\\r\n  --raft.server.id \\\r\n    seq-a --node.rpc=http://a:9545 \\\r\n  --execution.rpc http://a:8645 \\\r\n  --healthcheck.min-peer-count 2\r\n',
    ],
    [
      'one dash, as Go allows',
      'docker run -d -p 8547:8547 op-conductor -raft.bootstrap -raft.server.id seq-a -node.rpc=http://a:9545 -execution.rpc=http://a:8645 -healthcheck.min-peer-count=2',
    ],
    [
      'a list in a compose file, with old ones in comments',
      'command:\n  # - --node.rpc=http://old:9545\n  - --raft.bootstrap\n  - --raft.server.id\n  - seq-a\n  - --node.rpc=http://a:9545 # was --node.rpc=http://old:9545\n  - --execution.rpc=http://a:8645\n  - --healthcheck.min-peer-count=2\n',
    ],
    [
      'a Kubernetes manifest',
      'env:\n- name: OP_CONDUCTOR_RAFT_SERVER_ID\n  value: seq-a\n- name: OP_CONDUCTOR_NODE_RPC\n  value: http://a:9545\n- name: "OP_CONDUCTOR_EXECUTION_RPC"\n  value: "http://a:8645"\n- name: OP_CONDUCTOR_HEALTHCHECK_MIN_PEER_COUNT\n  value: "2"\n- name: OP_CONDUCTOR_RAFT_BOOTSTRAP\n  value: "true"\n',
    ],
    [
      'an environment file with empty and old values, of a Windows editor',
      "OP_CONDUCTOR_ROLLUP_CONFIG=\r\nOP_CONDUCTOR_RAFT_SERVER_ID='seq-a'\r\nexport OP_CONDUCTOR_NODE_RPC=http://a:9545\r\n#OP_CONDUCTOR_NODE_RPC=http://old:9545\r\nOP_CONDUCTOR_EXECUTION_RPC=http://a:8645 # the new one\r\nOP_CONDUCTOR_HEALTHCHECK_MIN_PEER_COUNT=2\r\nOP_CONDUCTOR_RAFT_BOOTSTRAP=true\r\n",
    ],
  ])('%s', (_, text) => {
    expect(readConductorFlags(text, knownFlags)).toEqual(flags)
  })

  test('becomes a node, with its execution client and the least peers', () => {
    const { chain, notes } = read({ conductors: [flags] })
    expect(chain.nodes).toMatchObject([{ name: 'seq-a', consensus: 'http://a:9545', execution: 'http://a:8645' }])
    expect(chain.policy.minPeers).toBe(2)
    expect(notes).toContainEqual(expect.objectContaining({ kind: 'none', about: 'seq-a --raft.bootstrap' }))
  })

  test("adds what op-conductor-ops' file does not say, by name", () => {
    const { chain } = read({ ops: ops(CONFIG), conductors: [{ ...flags, 'raft.server.id': 'op-901-a' }] })
    expect(chain.nodes[0]?.execution).toBe('http://a:8645')
    expect(chain.nodes[1]?.execution).toBe('http://b:8545')
  })

  test('every flag of op-conductor is taken over, or its absence is explained', () => {
    const mapped: readonly string[] = mappedFlags
    expect(knownFlags).toEqual(surface.flags)
    expect(surface.flags.filter((flag) => !mapped.includes(flag) && insteadOf(flag) === undefined)).toEqual([])
  })
})
