import type { AppConfig } from '../../lib/cdk/app-config.ts'
import { configure, sample } from './app.ts'
import { zk } from './zk-chain.ts'

type Written = { readonly chain: object; readonly nodes: readonly object[] }
const [like] = sample().chains as [Written]
const like901 = { ...like.nodes[0] }

const nodes = (count: number, more: (n: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, n) => ({
    ...like901,
    name: `sequencer-${n}`,
    priority: n,
    consensus: `http://sequencer-${n}.internal:9545`,
    execution: `http://sequencer-${n}.internal:8545`,
    ...more(n),
  }))
const host = (stack: string) => (n: number) => ({
  host: { kind: 'ssm', stack, instance: `i-0a1b2c3d4e5f6071${n.toString(16)}` },
})
const chains = (count: number, list: readonly object[] = nodes(3)) =>
  Array.from({ length: count }, (_, i) => ({
    ...like,
    chain: { ...like.chain, id: 901 + i, name: `my-rollup-${i}` },
    nodes: list,
  }))
const { network } = sample() as { network: object }

/** The configurations whose templates every validator sees: `sh test/cdk/lint.sh`, and the tests beside it. */
export const configurations: Readonly<Record<string, () => AppConfig>> = {
  sample: () => configure(),
  'ten-chains': () => configure({ chains: chains(10) }),
  'sixteen-nodes': () => configure({ chains: chains(1, nodes(16)) }),
  sidecar: () => configure({ gate: { access: 'sidecar' } }),
  'monitor-on-hosts': () => configure({ gate: { access: 'sidecar' }, monitor: 'hosts' }),
  global: () => configure({ region: 'eu-west-1', globalHeads: { replicas: ['eu-central-1'], witness: 'eu-west-3' } }),
  everything: () =>
    configure({
      account: '123456789012',
      region: 'eu-west-1',
      network: {
        ...network,
        endpoints: ['dynamodb', 's3', 'ssm'],
        routeTables: ['rtb-0a1b2c3d4e5f60718'],
        securityGroup: 'sg-0a1b2c3d4e5f60718',
      },
      chains: [
        ...chains(2, nodes(4, host('op-reth'))),
        ...chains(3, nodes(3, host('op-geth')))
          .slice(2)
          .map((chain) => ({ ...chain, recovery: 'auto', l1: { rpc: 'https://l1.example' } })),
      ],
      zkChains: [zk],
      approvers: ['arn:aws:iam::123456789012:role/oncall'],
      tracing: true,
      monitorMemory: 512,
      archiveDays: 30,
      logDays: 90,
    }),
}
