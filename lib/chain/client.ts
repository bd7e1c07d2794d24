import type { EIP1193RequestFn } from 'viem'
import { rpcTransport } from './rpc-transport.ts'

type Call<method extends string, params extends readonly unknown[] | undefined = undefined> = {
  Method: method
  Parameters: params
  ReturnType: unknown
}

/** The methods Baton calls on a sequencer. Results are `unknown` here: each function parses its own. */
export type NodeRpcSchema = [
  Call<'optimism_syncStatus'>,
  Call<'optimism_rollupConfig'>,
  Call<'opp2p_peerStats'>,
  Call<'opp2p_self'>,
  Call<'admin_sequencerActive'>,
  Call<'admin_conductorEnabled'>,
  Call<'admin_stopSequencer'>,
  Call<'admin_overrideLeader'>,
  Call<'admin_resetDerivationPipeline'>,
  Call<'admin_startSequencer', readonly [hash: string]>,
  Call<'admin_postUnsafePayload', readonly [envelope: object]>,
  Call<'eth_getBlockByNumber', readonly [number: string, transactions: boolean]>,
  Call<'eth_getBlockByHash', readonly [hash: string, transactions: boolean]>,
  Call<'eth_getBlockReceipts', readonly [number: string]>,
  Call<'eth_syncing'>,
  Call<'eth_chainId'>,
  Call<'debug_setHead', readonly [number: string]>,
  Call<'eth_getBalance', readonly [address: string, block: string]>,
  Call<'eth_getTransactionCount', readonly [address: string, block: string]>,
  Call<'web3_clientVersion'>,
  Call<'optimism_version'>,
  Call<'admin_sdmStatus'>,
  Call<'miner_setMaxDASize'>,
]

/** A JSON-RPC client of one of a sequencer's two processes (op-node, or its execution client). */
export type NodeClient = { readonly request: EIP1193RequestFn<NodeRpcSchema> }

export type NodeClientOptions = {
  /** Timeout of one HTTP request, response included, in ms. Default 500. */
  readonly timeoutMs?: number
  /**
   * Sends calls made in the same tick as one HTTP request. Default `true`. Disable it for a client that acts: a server
   * answers a batch only after its slowest call.
   */
  readonly batch?: boolean
  /** Extra headers, for example for an authenticating proxy. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Whether to resend a call once over a new connection when its connection was cut. Default `true`; never for an act.
   */
  readonly replaceCut?: boolean
  /** Called whenever a request uses a new connection: another process may now be behind the address. */
  readonly onConnect?: () => void
}

/**
 * Creates a client of a node's RPC endpoint. Keeps connections alive and retries only a request on a cut one;
 * `user:password@` in the URL becomes Basic auth.
 *
 * @example
 * const consensus = createNodeClient('http://10.0.1.5:9545', { timeoutMs: 500 })
 * const status = await getSyncStatus(consensus)
 */
export function createNodeClient(url: string, options: NodeClientOptions = {}): NodeClient {
  const { timeoutMs = 500, batch = true, headers = {}, replaceCut = true, onConnect = () => {} } = options
  // viem's own client would wrap the node's message in its own text and the URL.
  return { request: rpcTransport(url, { timeoutMs, batch, headers, replaceCut, onConnect }) as NodeClient['request'] }
}
