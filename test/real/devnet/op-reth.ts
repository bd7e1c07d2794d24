import type { ExecutionCommands, StorageOptions } from './execution.ts'
import { commandLine } from './flags.ts'

/** op-reth's command lines, as of v1.8 and of v2. */
export const opReth: ExecutionCommands = {
  init: ({ dataFolder, genesisFile }) => ['init', ...commandLine({ datadir: dataFolder, chain: genesisFile, ...LOG })],
  start: ({ dataFolder, genesisFile, jwtFile, nodeKeyFile, ports, peers, storage }) => [
    'node',
    ...commandLine({
      datadir: dataFolder,
      chain: genesisFile,
      'disable-discovery': true,
      nat: 'none',
      addr: '127.0.0.1',
      port: ports.p2p,
      'p2p-secret-key': nodeKeyFile,
      'no-persist-peers': true,
      'max-outbound-peers': peers.length,
      'max-inbound-peers': peers.length,
      'trusted-peers': peers.length > 0 ? peers : undefined,
      ipcdisable: true,
      http: true,
      'http.addr': '127.0.0.1',
      'http.port': ports.http,
      'http.api': 'web3,debug,eth,txpool,net,admin,miner',
      'authrpc.addr': '127.0.0.1',
      'authrpc.port': ports.engine,
      'authrpc.jwtsecret': jwtFile,
      'engine.persistence-threshold': persistenceThreshold(storage),
      'rollup.disable-tx-pool-gossip': true,
      // Its own defaults are for Ethereum's twelve seconds.
      'builder.interval': '100ms',
      'builder.deadline': 2,
      ...LOG,
    }),
  ],
}

const LOG = { 'log.file.max-files': 0, color: 'never' }

/** How many blocks it keeps in memory, which a kill loses, for what the same storage loses on op-geth; else its default. */
function persistenceThreshold({ gcmode, engine, persistenceThreshold: named }: StorageOptions): number | undefined {
  if (named !== undefined) return named
  if (engine === 'leveldb') return 0
  return gcmode === 'full' ? 50 : undefined
}
