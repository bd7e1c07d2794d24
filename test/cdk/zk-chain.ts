const host = { kind: 'ssm', stack: 'cdk-erigon', instance: 'i-0a1b2c3d4e5f60718' }

/** A chain that can be re-sequenced. */
export const zk = {
  chain: { id: 1101, name: 'zk', erigon: 'dynamic-zk' },
  sequencer: { rpc: 'http://10.0.1.5:8123', host, onlySmtV2: true },
  followers: [{ name: 'rpc-1', rpc: 'http://10.0.2.5:8123' }],
  l1: { rpc: 'https://l1.example', manager: `0x${'1'.repeat(40)}`, rollup: `0x${'2'.repeat(40)}`, firstBlock: 19 },
} as const
