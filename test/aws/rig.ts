import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import type { Stores } from '../../lib/store/stores.ts'
import { zk } from '../cdk/zk-chain.ts'
import { Wire } from '../real/baton/wire.ts'
import { Devnet } from '../real/devnet/devnet.ts'
import type { Host } from '../real/devnet/host.ts'
import { until } from '../real/devnet/wait.ts'
import { Cdk } from './cdk.ts'
import { type Client, openClient } from './client.ts'
import { account, type Emulator, startEmulator } from './emulator.ts'
import type { Meter } from './meter.ts'

export const CHAIN = '901'
const PREFIX = '/baton/test'

/** Three real op-nodes, an emulated AWS account, and the app as users deploy it between them. */
export class AwsRig {
  readonly emulator: Emulator
  readonly client: Client
  readonly cdk: Cdk
  readonly devnet: Devnet
  /** Between the op-nodes and the deployed API: notes what was acknowledged and refused. */
  readonly wire: Wire
  outputs: Record<string, string> = {}
  #stores: Stores | undefined

  private constructor(parts: { emulator: Emulator; devnet: Devnet; wire: Wire; cdk: Cdk }) {
    this.emulator = parts.emulator
    this.devnet = parts.devnet
    this.wire = parts.wire
    this.cdk = parts.cdk
    this.client = openClient(parts.emulator)
  }

  /** An empty account and a devnet that does not run yet. */
  static async create({ blockTime = 1, meter }: { blockTime?: 1 | 2; meter?: Meter } = {}): Promise<AwsRig> {
    const wire = new Wire()
    await wire.start()
    const devnet = await Devnet.create({ blockTime, conductorRpc: (index) => rig.conductorRpc(index) })
    const emulator = await startEmulator(devnet.folder.logs, meter)
    wire.connect(Number(new URL(emulator.url).port))
    const rig: AwsRig = new AwsRig({
      emulator,
      devnet,
      wire,
      cdk: new Cdk(emulator, devnet.folder.path, configure(devnet)),
    })
    return rig
  }

  /** Deploys as it is configured; the first time, to an account that is prepared for it. */
  async deploy(): Promise<void> {
    this.outputs = await this.cdk.deploy()
    await this.#allowManyParameters()
  }

  /** Every node's secret, as the output of the stack says to write it. */
  async writeSecrets(): Promise<void> {
    for (const { name } of this.devnet.hosts) {
      const Name = `${PREFIX}/chains/${CHAIN}/nodes/${name}/secrets`
      const Value = JSON.stringify([secretOf(name)])
      await this.client.json('ssm', 'AmazonSSM.PutParameter', { Name, Value, Type: 'SecureString', Overwrite: true })
    }
  }

  /** The `--conductor.rpc` of a host: the deployed API, by way of the wire. */
  conductorRpc(index: number): string {
    const { name } = this.host(index)
    const wired = new URL(this.wire.conductorRpc(Number(CHAIN), name, secretOf(name)))
    const deployed = new URL(this.outputs.GateUrl ?? '')
    wired.pathname = `${deployed.pathname}${wired.pathname}`
    return wired.href
  }

  host(index: number): Host {
    const host = this.devnet.hosts[index]
    if (!host) throw new Error(`there is no host ${index}`)
    return host
  }

  named(name: string): Host {
    const host = this.devnet.hosts.find((each) => each.name === name)
    if (!host) throw new Error(`no host is called "${name}"`)
    return host
  }

  /** The deployed tables, read as an operator's tools read them. */
  get stores(): Stores {
    const { HeadsTable: heads = '', LeasesTable: leases = '', HistoryTable: history = '' } = this.outputs
    this.#stores ??= dynamoStores(
      dynamoClient({ region: account.region, timeoutMs: 5_000 }),
      { heads, leases, history },
      { timeoutMs: 5_000 },
    )
    return this.#stores
  }

  /** Waits until another node than this one has committed in a term of its own; returns its name. */
  async anotherLeads(than: string, within = 60_000): Promise<string> {
    return await until(
      `another node than "${than}" leads`,
      async () => {
        const head = await this.stores.heads.read(CHAIN)
        return head && head.leader !== than && head.committedTerm === head.term ? head.leader : false
      },
      { within, every: 100, hint: this.emulator.log },
    )
  }

  async stop(): Promise<void> {
    this.wire.stop()
    await this.devnet.stop()
    await this.emulator.stop()
  }

  /**
   * AWS asks policies about each parameter of a GetParameters call, the emulator about "*": there
   * the functions get this right as well. The template's rights are tested in test/cdk.
   */
  async #allowManyParameters(): Promise<void> {
    const roles = await this.client.query('iam', { Action: 'ListRoles', MaxItems: '1000' })
    const names = [...roles.matchAll(/<RoleName>(Baton-test-[^<]*FunctionRole[^<]*)</g)].map(([, name = '']) => name)
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'ssm:GetParameters', Resource: '*' }],
    })
    for (const RoleName of names) {
      await this.client.query('iam', { Action: 'PutRolePolicy', RoleName, PolicyName: 'Emulated', PolicyDocument })
    }
  }
}

const secretOf = (node: string) => `s3cret/of-${node}`

/** The configuration of the deployment; `policy` is what a second deploy changes. */
export function configure(devnet: Devnet, policy: Record<string, number> = {}): object {
  const nodes = devnet.hosts.map(({ name, index, consensusUrl: consensus, executionUrl: execution }) => ({
    name,
    zone: `us-east-1${'abc'[index]}`,
    priority: 10 - index,
    consensus,
    execution,
  }))
  return {
    name: 'test',
    network: { vpc: 'vpc-0a1b2c3d4e5f60718', subnets: [{ id: 'subnet-0a1b2c3d4e5f60718', zone: 'us-east-1a' }] },
    gate: { access: 'private-api', clients: ['10.0.0.0/16'] },
    chains: [{ chain: { id: Number(CHAIN), name: 'devnet', blockTime: devnet.blockTime }, nodes, policy }],
    zkChains: [zk],
  }
}
