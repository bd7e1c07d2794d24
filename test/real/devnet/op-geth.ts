import type { ExecutionCommands, ExecutionOptions } from './execution.ts'
import { commandLine, type Flags } from './flags.ts'
import { L2_CHAIN_ID } from './genesis.ts'

/** op-geth's command lines. */
export const opGeth: ExecutionCommands = {
  init: (options) => ['init', ...commandLine(storage(options)), options.genesisFile],
  start: (options) => {
    const { jwtFile, ports, nodeKeyFile, peers } = options
    return commandLine({
      ...storage(options),
      gcmode: options.storage.gcmode ?? 'archive',
      syncmode: 'full',
      cache: 128,
      networkid: L2_CHAIN_ID,
      nodiscover: true,
      nat: 'none',
      maxpeers: peers.length,
      nodekey: nodeKeyFile,
      port: ports.p2p,
      ipcdisable: true,
      http: true,
      'http.addr': '127.0.0.1',
      'http.port': ports.http,
      'http.api': 'web3,debug,eth,txpool,net,engine,admin,miner',
      'authrpc.addr': '127.0.0.1',
      'authrpc.port': ports.engine,
      'authrpc.vhosts': '*',
      'authrpc.jwtsecret': jwtFile,
      'rollup.disabletxpoolgossip': true,
      'rollup.superchain-upgrades': false,
    })
  },
}

function storage({ dataFolder, storage: { scheme = 'hash', engine = 'pebble' } }: ExecutionOptions): Flags {
  return { datadir: dataFolder, 'state.scheme': scheme, 'db.engine': engine }
}
